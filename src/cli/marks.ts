/** Marks before lines, in flux's manner: right, wrong, and what is merely told. */
export const TICK = '✔';
export const CROSS = '✗';
export const MARKER = '►';
