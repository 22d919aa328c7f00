import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runFile } from '../../../tools/vectors/run.ts';

const ROOT = join(import.meta.dirname, '../../..');
const RENDER = {
  id: 'a',
  policy: { rules: [{ level: 'Metadata' }] },
  expect: {
    yaml: 'apiVersion: audit.k8s.io/v1\nkind: Policy\nmetadata: {}\nrules:\n- level: Metadata\n',
    hash: 'da099788',
  },
};
const linesOf = (...vectors: unknown[]) => vectors.map((vector) => `${JSON.stringify(vector)}\n`).join('');

test.each([
  ['render', 536],
  ['validate', 480],
  ['evaluate', 1509],
])('every shared vector of kind %s passes', (kind, count) => {
  const outcome = runFile(join(ROOT, 'test/vectors', `${kind}.jsonl.gz`));
  expect(outcome).toEqual({ passed: count, failures: [] });
});

describe('the runner', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vectors-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const file = (name: string, content: string | Buffer): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  test.each(['render.jsonl', 'render-2.jsonl', 'render.hidden.jsonl', 'render_x.txt'])(
    'reads %s, plain or packed',
    (name) => {
      const text = `${linesOf(RENDER)}\n${linesOf(RENDER)}`;
      expect(runFile(file(name, text))).toEqual({ passed: 2, failures: [] });
      expect(runFile(file(`${name}.gz`, gzipSync(text)))).toEqual({ passed: 2, failures: [] });
    },
  );

  test.each(['renders.jsonl', 'other.jsonl', '2-render.jsonl'])(
    'a file of unknown kind fails: %s',
    (name) => {
      expect(runFile(file(name, linesOf(RENDER)))).toMatchObject({
        passed: 0,
        failures: [{ id: join(folder, name) }],
      });
    },
  );

  test.each<[string, string, unknown, string]>([
    ['another kind', 'validate.jsonl', { id: 'x', kind: 'other', expect: {} }, 'unknown kind'],
    ['no kind', 'validate.jsonl', { ...RENDER, id: 'x' }, 'unknown kind'],
    ['no expectation', 'render.jsonl', { id: 'x', policy: {} }, 'expected an object'],
    ['no policy', 'render.jsonl', { id: 'x', policy: 1, expect: {} }, 'expected an object'],
    [
      'a policy of wrong types',
      'render.jsonl',
      { id: 'x', policy: { rules: 'a' }, expect: {} },
      'expected a list',
    ],
    [
      'no document',
      'validate.jsonl',
      { id: 'x', kind: 'decode', expect: { strict: {} } },
      'needs a document',
    ],
    ['no request', 'evaluate.jsonl', { id: 'x', policy: {}, expect: {} }, 'expected an object'],
  ])('a line with %s fails', (_, name, vector, error) => {
    const { passed, failures } = runFile(file(name, linesOf(vector)));
    expect({ passed, ids: failures.map(({ id }) => id) }).toEqual({ passed: 0, ids: ['x'] });
    expect(failures[0]?.error).toContain(error);
  });

  test('a line that is no JSON fails', () => {
    const path = file('render.jsonl', `${linesOf(RENDER)}{"id":\n`);
    expect(runFile(path)).toMatchObject({ passed: 1, failures: [{ id: `${path}:2` }] });
  });

  test('each part that counts is compared', () => {
    const bad = { id: 'b', note: 'why', policy: { rules: [{ level: 'x' }] } };
    const request = { user: null, groups: [], verb: 'get', isResourceRequest: false };
    const decision = { rule: 0, level: 'x', omitStages: [], omitManagedFields: false };
    const document = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n';
    const strict = { ok: true, gvk: 'audit.k8s.io/v1 Policy', policy: { rules: [{ level: 'None' }] } };
    const wrong: [string, unknown][] = [
      ['render', { ...RENDER, expect: { ...RENDER.expect, hash: '00000000' } }],
      ['render', { ...RENDER, expect: { ...RENDER.expect, yaml: '' } }],
      ['render', { ...RENDER, expect: { error: 'x' } }],
      ['validate', { ...bad, kind: 'policy', expect: { errors: [], details: [], load: { ok: true } } }],
      ['validate', { ...RENDER, kind: 'policy', expect: { errors: [], details: [], load: { ok: false } } }],
      [
        'validate',
        {
          ...RENDER,
          kind: 'policy',
          expect: { errors: [], details: [], load: { ok: false, renderError: 'x' } },
        },
      ],
      [
        'validate',
        { id: 'c', kind: 'decode', document, expect: { strict: { ok: false, strictOnly: true } } },
      ],
      [
        'validate',
        { id: 'c', kind: 'decode', document, expect: { strict: { ...strict, policy: { rules: [] } } } },
      ],
      ['validate', { id: 'c', kind: 'decode', document: `${document}a: b\n`, expect: { strict } }],
      ...Object.entries({ rule: -1, level: 'None', omitStages: ['Panic'], omitManagedFields: true }).map(
        ([key, value]): [string, unknown] => [
          'evaluate',
          { ...bad, request, expect: { ...decision, [key]: value } },
        ],
      ),
    ];
    for (const [kind, vector] of wrong) {
      expect(runFile(file(`${kind}.jsonl`, linesOf(vector)))).toMatchObject({ passed: 0, failures: [{}] });
    }
    const right: [string, unknown][] = [
      ['validate', { id: 'c', kind: 'decode', document, expect: { strict } }],
      ['evaluate', { ...bad, request, expect: decision }],
    ];
    for (const [kind, vector] of right) {
      expect(runFile(file(`${kind}.jsonl`, linesOf(vector)))).toEqual({ passed: 1, failures: [] });
    }
  });

  const run = (...paths: string[]) =>
    new Promise<{ status: unknown; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [join(ROOT, 'tools/vectors.ts'), ...paths], (error, stdout, stderr) =>
        resolve({ status: error === null ? 0 : error.code, stdout, stderr }),
      );
    });

  test('the command ends with the counts and tells by its exit status', async () => {
    const good = file('render-good.jsonl', linesOf(RENDER));
    const bad = file(
      'render-bad.jsonl',
      linesOf(...Array.from({ length: 25 }, (_, i) => ({ ...RENDER, id: `no ${i}`, expect: {} }))),
    );
    const [passing, failing, unreadable] = await Promise.all([
      run(good),
      run(good, bad),
      run(good, join(folder, 'none')),
    ]);
    expect(passing).toMatchObject({ status: 0, stdout: '1 passed, 0 failed\n' });
    expect(failing.status).toBe(1);
    expect(failing.stdout).toMatch(/\n\.\.\. and 5 more failures\n\n1 passed, 25 failed\n$/);
    expect(failing.stdout.match(/^FAILED no \d+$/gm)).toHaveLength(20);
    expect(unreadable.status).toBe(2);
    expect(unreadable.stderr).toContain(`cannot read ${join(folder, 'none')}`);
  });
});
