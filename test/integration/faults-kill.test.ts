import { sharedApi, sharedOperatorKubeconfig, type Api } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { FaultProxy } from '../support/fault-proxy/index.ts';
import { fleet } from '../support/fleet.ts';
import { dig } from '../support/json.ts';
import { createNamespace } from '../support/namespace.ts';
import { buildProgram, OperatorProcess, type BuiltProgram } from '../support/operator-process.ts';

let api: Api;
let program: BuiltProgram;
let proxy: FaultProxy;

beforeAll(async () => {
  api = await sharedApi();
  program = buildProgram();
  proxy = await FaultProxy.start(sharedOperatorKubeconfig());
});
afterAll(async () => {
  await proxy.close();
  program.remove();
  api.close();
});

test('F1: killed right after a write, the operator goes on from there when it is started again', async () => {
  const namespace = await createNamespace(api, 'kill');
  const clusters = fleet(api, namespace);
  await clusters.createPolicy('p');
  await clusters.createRelease('c');
  await clusters.createDeployment('c', { auditPolicy: 'p' });
  const first = new OperatorProcess(program, proxy.kubeconfig, namespace);
  proxy.onWriteAnswered = async ({ kind }) => {
    if (kind !== 'configmaps') return undefined;
    await first.kill();
    return 'reset' as const;
  };
  expect(await first.ended).toEqual({ code: null, signal: 'SIGKILL' });
  const kinds = proxy.writes.map(({ kind }) => kind);
  expect(kinds).toContain('configmaps');
  expect(kinds).not.toContain('helmreleases');

  proxy.onWriteAnswered = undefined;
  const second = new OperatorProcess(program, proxy.kubeconfig, namespace);
  await eventually(async () => {
    const reference = dig(await clusters.release('c'), 'spec', 'values', 'audit', 'policyRef', 'hash');
    expect(reference).toBe('da099788');
  });
  await second.waitForLog('ready');
  expect(await second.stop()).toEqual({ code: 0, signal: null });
  expect(second.err).toBe('');
});
