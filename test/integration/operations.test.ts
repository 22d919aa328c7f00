import { sharedApi, sharedOperatorKubeconfig, type Api } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { fleet, type Fleet } from '../support/fleet.ts';
import { dig } from '../support/json.ts';
import { configMaps } from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';
import { buildProgram, OperatorProcess, type BuiltProgram } from '../support/operator-process.ts';
import { startFaultProxy } from '../support/fault-proxy/proxy.ts';

const PATIENT = { timeoutMs: 30_000 };
const ENDPOINTS = ['--metrics-bind-address=127.0.0.1:0', '--health-probe-bind-address=127.0.0.1:0'];

let program: BuiltProgram;
let api: Api;
let namespace: string;
let objects: Fleet;
const running = new Set<OperatorProcess>();

beforeAll(async () => {
  program = buildProgram();
  api = await sharedApi();
  namespace = await createNamespace(api, 'operations');
  objects = fleet(api, namespace);
  await objects.createPolicy('metadata');
});

afterEach(async () => {
  for (const each of running) await each.kill();
});

afterAll(() => {
  api.close();
  program.remove();
});

function start(args: readonly string[] = [], kubeconfig = sharedOperatorKubeconfig()): OperatorProcess {
  const started = new OperatorProcess(program, kubeconfig, namespace, [...ENDPOINTS, ...args]);
  running.add(started);
  void started.ended.then(() => running.delete(started));
  return started;
}

async function ask(process: OperatorProcess, server: string, path: string) {
  const port = await eventually(() => {
    const found = process.log('serving').find((line) => line.server === server);
    if (found === undefined) throw new Error(`not served yet: ${server}\n${process.out}${process.err}`);
    return found.port;
  });
  const response = await fetch(`http://127.0.0.1:${String(port)}${path}`);
  return { status: response.status, text: await response.text() };
}

/** The value of a series, 0 when it is not there. */
async function metric(process: OperatorProcess, series: string): Promise<number> {
  const { text } = await ask(process, 'metrics', '/metrics');
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length) ?? 0);
}
