import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { corpus, goldenPath, resultOf } from '../../../corpus/lint/golden.ts';

const files = corpus();

test.each(files.map((file) => [basename(file), file]))('%s: what lint finds is as it was', (_, file) => {
  expect(resultOf(file)).toBe(readFileSync(goldenPath(file), 'utf8'));
});

test('every golden result has its policy', () => {
  const golden = readdirSync(join(import.meta.dirname, '../../../corpus/lint/golden'));
  expect(golden.sort()).toEqual(files.map((file) => basename(goldenPath(file))).sort());
});

test('what is recorded on purpose has no findings under its profile', () => {
  const allowed = (name: string) => /^allow-list:\n((?: .*\n)*)/m.exec(golden(name))?.[1];
  expect(allowed('humans.yaml')).toBe('  nothing\n');
  expect(allowed('rke2-secrets-metadata-first.yaml')).toBe('  nothing\n');
  expect(allowed('rke2-wrong-order.yaml')).toContain('AP011');
});

function golden(name: string): string {
  return readFileSync(goldenPath(name), 'utf8');
}
