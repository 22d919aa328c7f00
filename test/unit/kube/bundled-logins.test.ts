import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { stringify } from 'yaml';

import { createAuthority } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { sendJson, startServer } from '../../support/http-server.ts';
import type { TestServer } from '../../support/http-server.ts';

/** The bundle leaves out what client-node sends requests of its own with: every login must do without it. */
describe('the bundled program', () => {
  const authority = createAuthority('authority');
  const home = mkdtempSync(join(tmpdir(), 'audit-policy-bundle-'));
  const caFile = join(home, 'ca.crt');
  let server: TestServer;
  let program: ChildProcess | undefined;
  let output = '';

  beforeAll(async () => {
    writeFileSync(caFile, authority.ca);
    execFileSync(process.execPath, ['build.mjs', home], { stdio: 'inherit' });
    server = await startServer(
      (_, response) => {
        sendJson(response, 404, { kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 });
      },
      authority.issue('server', ['127.0.0.1']),
    );
  });

  afterEach(() => {
    program?.kill('SIGKILL');
    server.received.length = 0;
  });

  afterAll(async () => {
    await server.close();
    rmSync(home, { recursive: true });
  });

  /** What an API server is told of who calls, once the operator has been started with such a user. */
  async function loginOf(user: object, cluster: object = {}): Promise<string> {
    const config = join(home, 'config');
    const ca = { 'certificate-authority': caFile };
    writeFileSync(
      config,
      stringify({
        'current-context': 'one',
        clusters: [{ name: 'one', cluster: { server: server.url.origin, ...ca, ...cluster } }],
        users: [{ name: 'one', user }],
        contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
      }),
    );
    output = '';
    const bundle = join(home, 'audit-policy-operator.mjs');
    program = spawn(process.execPath, [bundle, 'manager', '--kubeconfig', config], {
      cwd: home,
      env: { HOME: home },
    });
    for (const stream of [program.stdout, program.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return await eventually(() => {
      const request = server.received.find(({ url }) => url.includes('/clusterdeployments'));
      if (request === undefined) throw new Error(`no request yet; the operator said:\n${output}`);
      return request.headers.authorization ?? '';
    });
  }

  test('loads no HTTP client but the one that it uses', () => {
    const script = `
      process.argv.splice(1, process.argv.length, 'audit-policy-operator', 'manager', '--kubeconfig', '/nowhere');
      process.on('exit', () => (process.exitCode = 0));
      process.on('exit', () => console.log(process.moduleLoadList.filter((name) => /undici|deps.http|_http_client/.test(name)).join()));
      await import(${JSON.stringify(join(home, 'audit-policy-operator.mjs'))});`;
    const args = ['--input-type=module', '-e', script];
    const options = { encoding: 'utf8', stdio: 'pipe' } as const;
    const [loaded] = execFileSync(process.execPath, args, options).split('\n');
    expect(loaded).toBe('NativeModule _http_client');
  });

  test('logs in with an exec plugin', async () => {
    const script = `console.log(JSON.stringify({ status: { token: 'of-the-plugin' } }))`;
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', script],
    };
    expect(await loginOf({ exec })).toBe('Bearer of-the-plugin');
  });

  test('shows an OIDC token that is still good', async () => {
    const config = {
      'client-id': 'client',
      'id-token': idToken(600),
      'idp-issuer-url': 'https://issuer.example',
    };
    const login = await loginOf({ 'auth-provider': { name: 'oidc', config } });
    expect(login).toBe(`Bearer ${config['id-token']}`);
  });

  test('goes through the proxy of the kubeconfig', async () => {
    const tunnels: string[] = [];
    const proxy = await startProxy(tunnels);
    try {
      const { port } = proxy.address() as AddressInfo;
      const login = await loginOf({ token: 'plain' }, { 'proxy-url': `http://127.0.0.1:${String(port)}` });
      expect(login).toBe('Bearer plain');
      expect(tunnels).toContain(server.url.host);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });
});

function idToken(expiresInSeconds: number): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + expiresInSeconds;
  return [part({ alg: 'RS256' }), part({ sub: 'somebody', exp }), 'signature'].join('.');
}

/** A forward proxy that opens tunnels and notes where to. */
async function startProxy(tunnels: string[]): Promise<Server> {
  const proxy = createServer();
  proxy.on('connect', (request, client) => {
    const target = new URL(`http://${request.url ?? ''}`);
    tunnels.push(target.host);
    const upstream = connect(Number(target.port), target.hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client);
      client.pipe(upstream);
    });
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return proxy;
}
