import { escapeText } from './decode-describe.ts';
import type { Path } from './document-tree.ts';

/** A path as upstream writes it, `rules[0].user`, below `base`, which may be empty. Keys are escaped and cut: they may be anything. */
export function formatPath(base: string, path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? escapeText(step) : `${text}.${escapeText(step)}`;
  }, base);
}
