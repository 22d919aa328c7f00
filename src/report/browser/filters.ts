import { element } from './elements.ts';

/** A row, a cell or a list item that filters may hide. */
interface Item {
  element: HTMLElement;
  /** Absent: the filter does not ask about it. */
  traits: Readonly<Record<Trait, ReadonlySet<string> | undefined>>;
  /** What it says, in lower case; read when it is first asked for. */
  text?: string;
}

const TRAITS = ['levels', 'rules', 'verbs', 'resources'] as const;
type Trait = (typeof TRAITS)[number];

/** Items that are counted together. */
interface Group {
  element: HTMLElement;
  noun: string;
  items: readonly Item[];
}

export interface Filters {
  /** Filters by the verb and resource of a cell; again, by none. */
  toggle(cell: HTMLButtonElement): void;
}

/** Connects the controls with everything that can be filtered. */
export function startFilters(): Filters {
  const text = element('filter-text', HTMLInputElement);
  const selects: Readonly<Record<Trait, HTMLSelectElement>> = {
    levels: element('filter-level', HTMLSelectElement),
    rules: element('filter-rule', HTMLSelectElement),
    verbs: element('filter-verb', HTMLSelectElement),
    resources: element('filter-resource', HTMLSelectElement),
  };
  const reset = element('filter-reset', HTMLButtonElement);
  const shown = element('filter-shown', HTMLElement);
  const groups = Array.from(document.querySelectorAll<HTMLElement>('[data-group]'), groupOf);
  const cells = document.querySelectorAll<HTMLButtonElement>('table.heat td button');

  const apply = (): void => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const asked = TRAITS.map((trait) => [trait, selects[trait].value] as const).filter(
      ([, value]) => value !== '',
    );
    const isFiltering = words.length + asked.length > 0;
    const counts = new Map<string, { of: number; shown: number }>();
    for (const group of groups) {
      const left = applyTo(group, (item) => matches(item, words, asked));
      const sum = counts.get(group.noun) ?? { of: 0, shown: 0 };
      counts.set(group.noun, { of: sum.of + group.items.length, shown: sum.shown + left });
    }
    const told = Array.from(counts, ([noun, { of, shown }]) => `${String(shown)} of ${String(of)} ${noun}`);
    shown.textContent = isFiltering ? `Shown: ${told.join(', ')}.` : '';
    reset.disabled = !isFiltering;
    for (const cell of cells) cell.setAttribute('aria-pressed', String(isChosen(cell)));
  };
  const isChosen = ({ dataset: { verb, resource } }: HTMLButtonElement): boolean =>
    selects.verbs.value === verb && selects.resources.value === resource;

  text.addEventListener('input', apply);
  for (const select of Object.values(selects)) select.addEventListener('change', apply);
  reset.addEventListener('click', () => {
    text.value = '';
    for (const select of Object.values(selects)) select.value = '';
    apply();
    // The button has just become one that cannot be pressed, and a keyboard would be nowhere.
    text.focus();
  });
  // A browser that goes back fills the controls in again.
  window.addEventListener('pageshow', apply);
  return {
    toggle(cell) {
      const wasChosen = isChosen(cell);
      selects.verbs.value = wasChosen ? '' : (cell.dataset.verb ?? '');
      selects.resources.value = wasChosen ? '' : (cell.dataset.resource ?? '');
      apply();
    },
  };
}

function groupOf(group: HTMLElement): Group {
  const items = Array.from(group.querySelectorAll<HTMLElement>('[data-item]'), (item) => ({
    element: item,
    traits: {
      levels: setOf(item.dataset.levels),
      rules: setOf(item.dataset.rules),
      verbs: setOf(item.dataset.verbs),
      resources: setOf(item.dataset.resources),
    },
  }));
  return { element: group, noun: group.dataset.group ?? '', items };
}

function setOf(words: string | undefined): ReadonlySet<string> | undefined {
  return words === undefined ? undefined : new Set(words.split(' '));
}

function matches(
  item: Item,
  words: readonly string[],
  asked: readonly (readonly [Trait, string])[],
): boolean {
  if (asked.some(([trait, value]) => item.traits[trait]?.has(value) === false)) return false;
  if (words.length === 0) return true;
  const text = (item.text ??= item.element.textContent.toLowerCase());
  return words.every((word) => text.includes(word));
}

/** Hides what does not match, and says so where nothing is left. Answers how many are shown. */
function applyTo({ element, items }: Group, isShown: (item: Item) => boolean): number {
  let shown = 0;
  for (const item of items) {
    const off = !isShown(item);
    item.element.classList.toggle('off', off);
    if (!off) shown += 1;
  }
  for (const row of element.querySelectorAll('table.heat tbody tr'))
    row.classList.toggle('off', row.querySelector('[data-item]:not(.off)') === null);
  element.classList.toggle('empty', shown === 0);
  for (const note of element.querySelectorAll<HTMLElement>('.nothing')) note.hidden = shown > 0;
  return shown;
}
