import { startDisclosures } from './disclosures.ts';
import { startFilters } from './filters.ts';
import { startGrids } from './grids.ts';
import { startTheme } from './theme.ts';

// The page is whole without this script; only what works is shown.
document.documentElement.classList.add('js');
startTheme();
startDisclosures();
const filters = startFilters();
startGrids((cell) => filters.toggle(cell));
for (const control of document.querySelectorAll<HTMLElement>('.control[hidden]')) control.hidden = false;
