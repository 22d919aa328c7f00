import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { stringify } from 'yaml';

import { KubeConfigError, loadConnection } from '../../../src/kube/kubeconfig.ts';

interface Parts {
  readonly server?: string;
  readonly cluster?: object;
  readonly user?: object;
  readonly name?: string;
  readonly current?: string;
}

function kubeconfig({
  cluster = {},
  current,
  name = 'one',
  server = 'https://one.example:6443',
  user = {},
}: Parts): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': current ?? name,
    clusters: [{ name: `c-${name}`, cluster: { server, ...cluster } }],
    users: [{ name: `u-${name}`, user }],
    contexts: [{ name, context: { cluster: `c-${name}`, user: `u-${name}`, namespace: `n-${name}` } }],
  });
}

describe('loadConnection', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  async function file(name: string, content: string): Promise<string> {
    const path = join(dir, name);
    await writeFile(path, content);
    return path;
  }
  const base64 = (text: string): string => Buffer.from(text).toString('base64');

  test('reads server, namespace, certificates and token', async () => {
    const path = await file(
      'config',
      kubeconfig({
        cluster: { 'certificate-authority-data': base64('CA'), 'tls-server-name': 'kubernetes' },
        user: {
          token: 'secret',
          'client-certificate-data': base64('CERT'),
          'client-key-data': base64('KEY'),
        },
      }),
    );
    const connection = loadConnection({ path, env: {} });
    expect([connection.server.href, connection.namespace]).toEqual(['https://one.example:6443/', 'n-one']);
    const { headers, proxyAgent, tls } = await connection.credentials(false);
    expect(headers).toEqual({ authorization: 'Bearer secret' });
    expect(Object.fromEntries(Object.entries(tls).map(([name, value]) => [name, String(value)]))).toEqual({
      ca: 'CA',
      cert: 'CERT',
      key: 'KEY',
      servername: 'kubernetes',
    });
    expect(proxyAgent).toBeUndefined();
  });

  test('logs in by password, as another user, or not at all', async () => {
    const headersFor = async (user: object): Promise<unknown> => {
      const path = await file('config', kubeconfig({ user }));
      return (await loadConnection({ path, env: {} }).credentials(false)).headers;
    };
    expect(await headersFor({ username: 'a', password: 'b' })).toEqual({
      authorization: `Basic ${base64('a:b')}`,
    });
    expect(await headersFor({ token: 't', as: 'admin' })).toEqual({
      authorization: 'Bearer t',
      'impersonate-user': 'admin',
    });
    expect(await headersFor({})).toEqual({});
  });

  test('asks an exec plugin, and asks it anew when the server refuses what it gave', async () => {
    const script = `
      const fs = require('node:fs');
      const count = fs.existsSync(process.argv[1]) ? Number(fs.readFileSync(process.argv[1], 'utf8')) + 1 : 1;
      fs.writeFileSync(process.argv[1], String(count));
      console.log(JSON.stringify({ status: { token: 'token-' + count } }));`;
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', script, join(dir, 'count')],
    };
    const path = await file('config', kubeconfig({ user: { exec } }));
    const connection = loadConnection({ path, env: {} });
    const tokens: unknown[] = [];
    for (const isRefused of [false, false, true, false]) {
      tokens.push((await connection.credentials(isRefused)).headers.authorization);
    }
    expect(tokens).toEqual(['Bearer token-1', 'Bearer token-1', 'Bearer token-2', 'Bearer token-2']);
  });

  test('sees a token and an authority that were changed in their files', async () => {
    const ca = await file('ca.crt', 'old CA');
    const path = await file(
      'config',
      kubeconfig({ cluster: { 'certificate-authority': ca }, user: { token: 'old' } }),
    );
    const connection = loadConnection({ path, env: {} });
    await writeFile(ca, 'new CA');
    expect(String((await connection.credentials(false)).tls.ca)).toBe('new CA');
    await file('config', kubeconfig({ cluster: { 'certificate-authority': ca }, user: { token: 'new' } }));
    expect((await connection.credentials(false)).headers).toEqual({ authorization: 'Bearer new' });
  });

  test('reads a token from its file without the line feed, anew once it was refused', async () => {
    const token = await file('token', 'old\n');
    const path = await file('config', kubeconfig({ user: { tokenFile: token } }));
    const connection = loadConnection({ path, env: {} });
    expect((await connection.credentials(false)).headers).toEqual({ authorization: 'Bearer old' });
    await writeFile(token, 'new\n');
    expect((await connection.credentials(true)).headers).toEqual({ authorization: 'Bearer new' });
  });

  test('gives an agent for a proxy', async () => {
    const path = await file('config', kubeconfig({ cluster: { 'proxy-url': 'http://proxy.example:3128' } }));
    expect((await loadConnection({ path, env: {} }).credentials(false)).proxyAgent).toBeDefined();
  });

  test('takes a server without TLS, as kubectl proxy is one', async () => {
    const path = await file('config', kubeconfig({ server: 'http://127.0.0.1:8001' }));
    const connection = loadConnection({ path, env: {} });
    expect(connection.server.protocol).toBe('http:');
    expect((await connection.credentials(false)).headers).toEqual({});
  });

  test('looks for the named context, in the files of KUBECONFIG and at home', async () => {
    const one = await file('one', kubeconfig({ name: 'one' }));
    const two = await file('two', kubeconfig({ name: 'two', server: 'https://two.example' }));
    const KUBECONFIG = [join(dir, 'missing'), one, two].join(delimiter);
    expect(loadConnection({ env: { KUBECONFIG } }).server.host).toBe('one.example:6443');
    expect(loadConnection({ env: { KUBECONFIG }, context: 'two' }).server.host).toBe('two.example');
    expect(loadConnection({ path: two, env: { KUBECONFIG } }).server.host).toBe('two.example');
    expect(() => loadConnection({ env: { HOME: dir } })).toThrow('no kubeconfig: give a file');
  });

  test.each([
    ['a missing file', undefined, /cannot read kubeconfig .*config: ENOENT/],
    ['a folder of nonsense', 'just text', /cannot read kubeconfig .*config|has no current-context/],
    ['an empty file', '', /cannot read kubeconfig .*config|has no current-context/],
    [
      'no current context',
      stringify({ clusters: [], contexts: [], users: [] }),
      /kubeconfig .*config has no current-context/,
    ],
    [
      'another context',
      kubeconfig({ current: 'other' }),
      /kubeconfig .*config has no context "other"; it has: one/,
    ],
    [
      'a server that is no URL',
      kubeconfig({ server: 'nowhere' }),
      /the server "nowhere" is no http or https URL/,
    ],
    [
      'a cluster that is not there',
      kubeconfig({}).replace('- name: c-one', '- name: else'),
      /context "one" names cluster "c-one", which is not there/,
    ],
    [
      'a user who is not there',
      kubeconfig({}).replace('- name: u-one', '- name: else'),
      /names user "u-one", who is not there/,
    ],
  ])('says what is wrong with %s', async (_, content, message) => {
    const path = content === undefined ? join(dir, 'config') : await file('config', content);
    expect(() => loadConnection({ path, env: {} })).toThrow(KubeConfigError);
    expect(() => loadConnection({ path, env: {} })).toThrow(message);
  });

  test('shows nothing of a broken file, which may hold a key', async () => {
    const path = await file('config', 'token: SECRET\n  users: [SECRET');
    const message = (): string => {
      try {
        loadConnection({ path, env: {} });
      } catch (error) {
        return String(error);
      }
      return '';
    };
    expect(message()).toMatch(/cannot read kubeconfig/);
    expect(message()).not.toContain('SECRET');
  });
});
