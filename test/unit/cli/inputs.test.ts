import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { TestFolder, cluster, policy, run } from './run.ts';

const folder = new TestFolder();
afterAll(() => folder.remove());

const good = folder.write('good/policy.yaml', policy('good'));

describe.each(['validate', 'render', 'lint'])('%s: unusable input', (command) => {
  const rows: [what: string, args: string[], message: string][] = [
    ['no file at all', [], 'error: name at least one file or folder, or - for standard input.\n'],
    ['a file that is not there', ['nowhere.yaml'], 'error: nowhere.yaml: no such file or folder.\n'],
    ['a file below a file', [`${good}/x`], `error: ${good}/x: a part of the path is no folder.\n`],
    ['standard input without anything', ['-'], 'error: standard input is empty.\n'],
  ];
  test.each(rows)('%s', async (_, args, message) => {
    expect(await run([command, ...args])).toEqual({ code: 2, out: '', err: message });
  });

  const contents: [what: string, content: Uint8Array, message: string][] = [
    ['a binary file', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 1]), 'a binary file, not text.'],
    ['not UTF-8', Buffer.from('kind: Policy # \xe9', 'latin1'), 'not UTF-8 text.'],
    ['UTF-16', Buffer.from('\ufeffkind: Policy', 'utf16le'), 'UTF-16 text; save it as UTF-8.'],
    ['too large', Buffer.alloc(32 * 1024 * 1024 + 1, '#'), 'larger than 32 MiB.'],
  ];
  test.each(contents)('%s: a file', async (what, content, message) => {
    const file = folder.write(`${what}.yaml`, content);
    expect(await run([command, good, file])).toEqual({
      code: 2,
      out: '',
      err: `error: ${file}: ${message}\n`,
    });
  });
  test.each(contents)('%s: standard input', async (_, content, message) => {
    const ended = await run([command, '-'], { stdin: content });
    expect(ended).toEqual({ code: 2, out: '', err: `error: standard input: ${message}\n` });
  });

  test('a folder without manifests, and with hidden ones only', async () => {
    const file = folder.write(`empty-${command}/notes.txt`, 'x');
    folder.write(`empty-${command}/.git/config.yaml`, 'x');
    const path = join(file, '..');
    expect((await run([command, path])).err).toBe(
      `error: ${path}: the folder holds no .yaml, .yml or .json file.\n`,
    );
  });

  test('a file name cannot speak to the terminal', async () => {
    const { code, err } = await run([command, 'x\u001b[2J\u202e\n.yaml']);
    expect({ code, err }).toEqual({
      code: 2,
      err: 'error: x\\u{1b}[2J\\u{202e}\\n.yaml: no such file or folder.\n',
    });
  });
});

describe('what is read', () => {
  test('folders with all below them, but nothing hidden, as in a mounted ConfigMap', async () => {
    const path = folder.write('mounted/..2026_01/a.yaml', policy('a'));
    symlinkSync(path, join(folder.path, 'mounted/a.yaml'));
    folder.write('mounted/deep/er/b.yml', policy('b'));
    folder.write('mounted/c.json', JSON.stringify({ kind: 'Other', apiVersion: 'v1' }));
    const { code, out } = await run(['validate', join(folder.path, 'mounted')]);
    expect(code).toBe(0);
    expect(out).toContain('ClusterAuditPolicy a:');
    expect(out).toContain('ClusterAuditPolicy b:');
    expect(out).toContain('2 policies checked, 0 refused');
  });

  test('what is named twice is read once', async () => {
    const args = ['-f', good, '-f', join(good, '../..', 'good'), good, '-', '-'];
    const { out, err } = await run(['validate', ...args], { stdin: policy('other') });
    expect(err).toBe('');
    expect(out).toContain('2 policies checked');
  });

  test('a byte order mark is no part of the text', async () => {
    const { code, out } = await run(['validate', '-'], { stdin: `\ufeff${policy('marked')}` });
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringContaining('ClusterAuditPolicy marked: fine') as unknown,
    });
  });

  test('the items of a List, as kubectl prints it, are looked at one by one', async () => {
    const list = `apiVersion: v1
kind: List
items:
- apiVersion: k0rdent.mirantis.com/v1beta1
  kind: ClusterAuditPolicy
  metadata: {name: fine, namespace: fleet}
  spec: {policy: {rules: [{level: None}]}}
- apiVersion: k0rdent.mirantis.com/v1beta1
  kind: ClusterAuditPolicy
  metadata: {name: typo, namespace: fleet}
  spec: {policy: {rules: [{level: Metdata, level: None}]}}
`;
    const { code, out } = await run(['validate', '-'], { stdin: list });
    expect(code).toBe(1);
    expect(out).toContain('ClusterAuditPolicy fine: fine');
    expect(out).toContain('standard input:11:44: error: spec.policy.rules[0].level: stands here');
    expect(out).toContain('2 policies checked, 1 refused');
  });

  test('a List may be larger than one object', async () => {
    const items = Array.from({ length: 3000 }, (_, i) => ({
      apiVersion: 'k0rdent.mirantis.com/v1beta1',
      kind: 'ClusterDeployment',
      metadata: { name: `c-${i}`, namespace: 'fleet', annotations: { note: 'x'.repeat(400) } },
      spec: {},
    }));
    const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 2);
    expect(stdin.length).toBeGreaterThan(1024 * 1024);
    const { code, err } = await run(['render', '-'], { stdin });
    expect({ code, err }).toEqual({ code: 0, err: 'no cluster names a policy: there is nothing to write\n' });
  });

  test('of ClusterDeployments only k0rdent’s count', async () => {
    const other = cluster('hive', '{auditPolicy: x}').replace(
      'k0rdent.mirantis.com/v1beta1',
      'hive.openshift.io/v1',
    );
    expect((await run(['render', '-'], { stdin: other })).err).toBe(
      'error: -: no ClusterDeployment found.\n',
    );
  });
});
