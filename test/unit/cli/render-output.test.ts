import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { METADATA_OUTPUT, TestFolder, cluster, documents, policy, release, run } from './run.ts';

const folder = new TestFolder();
afterAll(() => folder.remove());

describe('--output', () => {
  const texts = [policy('p'), cluster('c', '{auditPolicy: p}'), cluster('d', '{auditPolicy: gone}')];
  const stdin = texts.join('---\n');

  test('one file a cluster; what is refused has none; other files stay', async () => {
    const kept = folder.write('out/fleet/d.yaml', 'from before');
    const target = join(folder.path, 'out');
    const { code, out, err } = await run(['render', '-', '--output', target], { stdin });
    expect({ code, out }).toEqual({ code: 1, out: `${join(target, 'fleet/c.yaml')}\n` });
    expect(err).toContain('fleet/d: PolicyNotFound');
    expect(readFileSync(join(target, 'fleet/c.yaml'), 'utf8')).toBe(METADATA_OUTPUT);
    expect(readFileSync(kept, 'utf8')).toBe('from before');
    expect(readdirSync(target)).toEqual(['fleet']);
  });

  test('a folder that cannot be is an error, and nothing is left', async () => {
    const file = folder.write('file', 'x');
    const { code, err } = await run(['render', '-', '--output', file], { stdin });
    expect({ code, err }).toEqual({ code: 2, err: `error: ${file}: cannot be written: is a file.\n` });
    folder.write('taken/fleet/z.yaml/in-the-way', 'x');
    const taken = join(folder.path, 'taken');
    const two = { stdin: [...texts, cluster('z', '{auditPolicy: p}')].join('---\n') };
    expect(await run(['render', '-', '--output', taken], two)).toMatchObject({
      code: 2,
      out: '',
      err: `error: ${join(taken, 'fleet/z.yaml')}: is a folder, where a file is to be written.\n`,
    });
    expect(readdirSync(join(taken, 'fleet'))).toEqual(['z.yaml']);
    expect(readdirSync(taken)).toEqual(['fleet']);
  });

  test('unusable input writes nothing at all', async () => {
    const target = join(folder.path, 'untouched');
    const { code } = await run(['render', '-', '--output', target], { stdin: `${stdin}---\n{` });
    expect(code).toBe(2);
    expect(readdirSync(folder.path)).not.toContain('untouched');
  });
});

describe('deterministic', () => {
  const all = [
    policy('p'),
    policy('q', '[{level: Request, verbs: [create]}]'),
    policy('typo', '[{lvl: None}]'),
    cluster('a', '{auditPolicy: p}'),
    cluster('b', '{auditPolicy: q}'),
    cluster('c', '{auditPolicy: typo}'),
    cluster('d', '{auditPolicy: gone}'),
    cluster('a', '{auditPolicy: p}', '', 'other'),
    release('a', '{values: {controlPlaneNumber: 2}}'),
    release('b'),
  ];

  test('the same bytes whatever the order of documents, and however they are spread over files', async () => {
    const expected = (await run(['render', '-'], { stdin: all.join('---\n') })).out;
    expect(documents(expected)).toHaveLength(4);
    const order = fc.shuffledSubarray(all, { minLength: all.length });
    await fc.assert(
      fc.asyncProperty(order, fc.integer({ min: 1, max: all.length }), async (texts, size) => {
        const files = Array.from({ length: Math.ceil(texts.length / size) }, (_, i) =>
          folder.write(`spread/${i}.yaml`, texts.slice(i * size, (i + 1) * size).join('---\n')),
        );
        const { code, out } = await run(['render', ...files]);
        expect({ code, out }).toEqual({ code: 1, out: expected });
      }),
      { numRuns: 50 },
    );
  });

  test('all that is said, too, whatever the order of files', async () => {
    const files = all.map((text, i) => folder.write(`ordered/${i}.yaml`, text));
    const expected = await run(['render', ...files]);
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(files, { minLength: files.length }), async (order) => {
        expect(await run(['render', ...order])).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test('the same whether the objects come one by one or in a List', async () => {
    const items = documents(all.join('---\n'));
    const stdin = stringify({ apiVersion: 'v1', kind: 'List', items });
    const one = await run(['render', '-'], { stdin: all.join('---\n') });
    expect((await run(['render', '-'], { stdin })).out).toBe(one.out);
  });
});
