import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, parseDocument } from 'yaml';
import type { YAMLMap } from 'yaml';
import { code, page, table } from './markdown.ts';

const CHART = join(import.meta.dirname, '../../charts/audit-policy-operator');
const DESCRIBES = '# --';

/** A value of the chart: its path, its default as JSON, and what its comment says. */
export type ValueRow = readonly [path: string, standard: string, description: string];

/** charts/audit-policy-operator/README.md */
export function chartReadme(): string {
  return page(
    'Helm chart audit-policy-operator',
    "the comments of this chart's values.yaml",
    'Installs [audit-policy-operator](../../README.md). [docs/install.md](../../docs/install.md) tells how, and which values matter where KCM, Flux or Argo CD run.',
    '```console\n$ helm install audit-policy-operator charts/audit-policy-operator --namespace audit-policy-system --create-namespace --wait\n```',
    'A value that is misspelt, or of the wrong type, fails the install with its name.',
    '## Values',
    table(
      ['Value', 'Default', 'What it does'],
      valueRows(readFileSync(join(CHART, 'values.yaml'), 'utf8')).map(([path, standard, description]) => [
        code(path),
        code(standard),
        description,
      ]),
    ),
  );
}

/**
 * The values that a `# --` comment describes, in their order. A map without a comment is a group; one with a comment is one value.
 * @throws Error when a value has no comment
 */
export function valueRows(values: string): ValueRow[] {
  const { contents } = parseDocument(values);
  if (!isMap(contents)) throw new Error('the values are no map');
  return rowsOf(contents, '', values);
}

function rowsOf(map: YAMLMap, prefix: string, text: string): ValueRow[] {
  return map.items.flatMap(({ key, value }): ValueRow[] => {
    if (!isScalar(key) || typeof key.value !== 'string' || !key.range)
      throw new Error(`below "${prefix}" is a key that is no text`);
    const path = `${prefix}${key.value}`;
    const description = commentAbove(text, key.range[0]);
    if (description !== undefined) return [[path, JSON.stringify(jsonOf(value)), description]];
    if (!isMap(value) || value.items.length === 0) throw new Error(`${path} has no "${DESCRIBES}" comment`);
    return rowsOf(value, `${path}.`, text);
  });
}

function jsonOf(node: unknown): unknown {
  return (node as { toJSON(): unknown }).toJSON();
}

/** The comment that stands right above an offset, from its line with `# --` on. */
function commentAbove(text: string, offset: number): string | undefined {
  const lines = text.slice(0, text.lastIndexOf('\n', offset - 1) + 1).split('\n');
  lines.pop();
  const comment: string[] = [];
  for (let line = lines.pop()?.trim(); line?.startsWith('#'); line = lines.pop()?.trim()) {
    if (line.startsWith(DESCRIBES)) return [line.slice(DESCRIBES.length), ...comment].join(' ').trim();
    comment.unshift(line.slice(1).trim());
  }
  return undefined;
}
