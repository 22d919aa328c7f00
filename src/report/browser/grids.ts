const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Heat maps: one stop of the Tab key each, the arrow keys within, and what a cell says in words below it. */
export function startGrids(choose: (cell: HTMLButtonElement) => void): void {
  for (const grid of document.querySelectorAll<HTMLTableElement>('table.heat')) startGrid(grid, choose);
}

function startGrid(grid: HTMLTableElement, choose: (cell: HTMLButtonElement) => void): void {
  const pointed = grid.closest('[data-group]')?.querySelector('[data-pointed]');
  let current = grid.querySelector<HTMLButtonElement>('td button');
  if (current) current.tabIndex = 0;

  grid.addEventListener('focusin', ({ target }) => {
    const button = buttonOf(target);
    if (!button) return;
    if (current) current.tabIndex = -1;
    current = button;
    button.tabIndex = 0;
    tell(button);
  });
  grid.addEventListener('pointerover', ({ target }) => {
    const button = buttonOf(target);
    if (button) tell(button);
  });
  grid.addEventListener('click', ({ target }) => {
    const button = buttonOf(target);
    if (button) choose(button);
  });
  grid.addEventListener('keydown', (event) => {
    const step = STEPS[event.key];
    const from = buttonOf(event.target)?.closest('td');
    if (!step || !from) return;
    event.preventDefault();
    next(grid, from, step)?.focus();
  });

  function tell(button: HTMLButtonElement): void {
    if (pointed) pointed.textContent = button.title;
  }
}

function buttonOf(target: EventTarget | null): HTMLButtonElement | null {
  return target instanceof Element ? target.closest<HTMLButtonElement>('td button') : null;
}

/** The next cell in a direction that has something; empty and filtered ones are passed over. */
function next(
  grid: HTMLTableElement,
  from: HTMLTableCellElement,
  [right, down]: readonly [number, number],
): HTMLButtonElement | null {
  let row = (from.parentElement as HTMLTableRowElement).rowIndex;
  let column = from.cellIndex;
  for (;;) {
    row += down;
    column += right;
    const cell = grid.rows[row]?.cells[column];
    if (!cell || column === 0) return null;
    const button = cell.querySelector('button');
    if (button?.checkVisibility({ visibilityProperty: true }) === true) return button;
  }
}
