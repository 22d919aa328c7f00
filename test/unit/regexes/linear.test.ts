import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import vm from 'node:vm';
import ts from 'typescript';

/**
 * Every regular expression of the program against texts made to send it back and forth: one or two characters of its own (or of
 * the usual classes), repeated, after something that it begins with and before something that it does not end with. What takes
 * time by the square of the length, or worse, stands out by a factor of thousands.
 */
const SRC = join(import.meta.dirname, '../../../src');
const LENGTH = 20_000;
/** A linear one needs a tenth of a millisecond; one by the square some hundred. */
const SLOW_MS = 60;
const USUAL = ['a', 'A', '0', ' ', '\t', '\n', '-', '.', '"', '\\', '\u2028'];

interface Found {
  where: string;
  source: string;
  flags: string;
}

function regexesOf(file: string): Found[] {
  const tree = ts.createSourceFile(file, readFileSync(join(SRC, file), 'utf8'), ts.ScriptTarget.Latest);
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const text = node.text;
      const end = text.lastIndexOf('/');
      const line = tree.getLineAndCharacterOfPosition(node.pos).line + 1;
      found.push({ where: `${file}:${line}`, source: text.slice(1, end), flags: text.slice(end + 1) });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

const REGEXES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .sort()
  .flatMap(regexesOf);

/** The characters that stand in a source, escapes read, and those of the usual classes. */
function alphabet(source: string): string[] {
  const unescaped = source.replace(
    /\\([nrt])/g,
    (_, letter: string) => ({ n: '\n', r: '\r', t: '\t' })[letter] ?? '',
  );
  const own = unescaped.replace(
    /\\u\{?[0-9a-f]+\}?|\\x[0-9a-f]{2}|\\[pP]\{[^}]*\}|\\[dDwWsSbB]|[\\^$()|?]/g,
    '',
  );
  return [...new Set([...own.split(''), ...USUAL])].slice(0, 40);
}

function texts(source: string): string[] {
  const characters = alphabet(source);
  const own = characters.slice(0, 12);
  const pumps = [...characters, ...own.flatMap((a) => own.map((b) => a + b))];
  const heads = ['', ...own.slice(0, 6)];
  return pumps.flatMap((pump) => {
    const body = pump.repeat(Math.ceil(LENGTH / pump.length));
    return (pump.length === 1 ? heads : ['']).map((head) => `${head}${body}`);
  });
}

/** Run where a hanging match can be ended. @returns the first text that is slow three times in a row, and its time */
const PROBE = new vm.Script(`
  (() => {
    const time = (text) => {
      const regex = new RegExp(source, flags);
      const start = now();
      if (regex.global) text.replace(regex, '');
      else regex.test(text);
      return now() - start;
    };
    const isSlow = (text) => [1, 2, 3].every(() => time(text) >= slowMs);
    for (const text of texts) {
      for (const tail of ['\\u0001', 'z']) if (isSlow(text + tail)) return 'slow: ' + JSON.stringify(text.slice(0, 8));
    }
    return 'linear';
  })()`);

function probe(source: string, flags: string): unknown {
  const context = { source, flags, texts: texts(source), slowMs: SLOW_MS, now: () => performance.now() };
  try {
    return PROBE.runInNewContext(context, { timeout: 15_000 });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      return 'endless';
    throw error;
  }
}

/* probe */
test('A14: the probe finds what is by the square', () => {
  for (const source of ['0+$', '(\\s*)x', '^.*-.*-[ab]$', '[^a-z0-9]+$'])
    expect(probe(source, '')).toMatch(/^slow/);
  expect(probe('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', '')).toBe('linear');
});

test('A14: no regular expression of the program is made of a text from outside', () => {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const made = files.filter((file) =>
    /\bnew RegExp\(|\bRegExp\(/.test(readFileSync(join(SRC, file), 'utf8')),
  );
  expect(made).toEqual([]);
});

test('A14: all of them are found', () => expect(REGEXES.length).toBeGreaterThan(80));

test.each(REGEXES)('A14: $where /$source/$flags takes time in proportion', ({ source, flags }) => {
  expect(probe(source, flags)).toBe('linear');
});
