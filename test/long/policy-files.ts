import { randomUUID } from 'node:crypto';
import { readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { presetText } from '../../src/cli/preset-text.ts';
import { readPolicyFile, readPolicySpec, type AcceptedPolicy } from '../../src/policy/content.ts';
import { decodePolicyText } from '../../src/policy/decode.ts';
import { compilePolicy } from '../../src/policy/evaluate.ts';
import { parseKubernetesVersion, type KubernetesVersion } from '../../src/policy/kubernetes-version.ts';
import { PRESETS } from '../../src/policy/presets/all.ts';
import { KUBERNETES_APIS } from '../../src/policy/presets/known-apis.ts';
import { loadRefusal } from '../../src/policy/validate-load.ts';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig, type Api } from '../support/api.ts';
import { createServiceAccount, serviceAccountToken } from '../support/namespace.ts';
import { readDocuments } from '../support/read-documents.ts';
import { readAuditLog, type Audited } from './policy-files/audit-log.ts';
import { ADMIN, ANONYMOUS, CALLERS, SAMPLES, SERVICE_ACCOUNT, type Caller } from './policy-files/requests.ts';
import { ROWS, type Row } from './policy-files/rows.ts';

/**
 * Starts real API servers with policy files. Of what this program accepts they must take the rendered bytes without a
 * complaint and then audit requests at the levels and stages that it says; what it refuses they must refuse too, or else
 * read otherwise than it is written. `node test/long/policy-files.ts [VERSION...]`.
 */
const VERSIONS = ['1.34.4', '1.35.4', '1.36.3'];
/** What kube-apiserver logs when the strict reader refuses a file and the lenient one takes it. */
const COMPLAINT = 'falling back to lenient decoding';

interface Accepted {
  name: string;
  content: AcceptedPolicy;
}

class Server {
  readonly #controlPlane: ControlPlane;
  readonly #tokens: ReadonlyMap<Caller, string>;
  readonly #file: string;
  #logged = 0;

  private constructor(controlPlane: ControlPlane, tokens: ReadonlyMap<Caller, string>) {
    this.#controlPlane = controlPlane;
    this.#tokens = tokens;
    this.#file = join(controlPlane.dir, 'policy.yaml');
  }

  static async start(version: string): Promise<Server> {
    const controlPlane = await startControlPlane({ version });
    const api = await apiFromKubeconfig(controlPlane.kubeconfig);
    const [, , namespace = '', name = ''] = SERVICE_ACCOUNT.user.split(':');
    await createServiceAccount(api, namespace, name);
    const token = await serviceAccountToken(api, namespace, name);
    api.close();
    return new Server(
      controlPlane,
      new Map([
        [ADMIN, controlPlane.token],
        [ANONYMOUS, ''],
        [SERVICE_ACCOUNT, token],
      ]),
    );
  }

  get version(): KubernetesVersion {
    const version = parseKubernetesVersion(this.#controlPlane.version);
    if (!version) throw new Error(`a strange version: ${this.#controlPlane.version}`);
    return version;
  }

  stop(): Promise<void> {
    return this.#controlPlane.stop();
  }

  /** Starts kube-apiserver with this policy file. @returns what it said, and whether it is up */
  async restart(policyFile: string): Promise<{ isUp: boolean; said: string }> {
    await writeFile(this.#file, policyFile);
    await this.#controlPlane.stopApiserver('SIGKILL');
    this.#logged = (await this.#log()).length;
    await truncate(this.#controlPlane.logs.audit).catch(() => undefined);
    const failure = await this.#controlPlane.restartApiserver({ auditPolicyFile: this.#file }).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (failure !== undefined && !failure.startsWith('kube-apiserver ended while starting'))
      throw new Error(failure);
    const said = (await this.#log()).slice(this.#logged);
    // klog writes an error as a quoted string.
    return { isUp: failure === undefined, said: said.replace(/\\(["\\])/g, '$1') };
  }

  /** Sends every sample as every caller. @returns what was audited of each, in this order */
  async sendAll(): Promise<(Audited | undefined)[]> {
    const ids: string[] = [];
    const api = await apiFromKubeconfig(this.#controlPlane.kubeconfig);
    for (const caller of CALLERS) {
      for (const sample of SAMPLES) ids.push(await send(api, this.#tokens.get(caller) ?? '', sample));
    }
    api.close();
    // The last event of a request is written after its answer.
    await sleep(500);
    const log = await readAuditLog(this.#controlPlane.logs.audit);
    return ids.map((id) => log.get(id));
  }

  async levelOfGet(): Promise<string> {
    const api = await apiFromKubeconfig(this.#controlPlane.kubeconfig);
    const sample = { method: 'GET', path: '/api/v1/namespaces/default/configmaps/sample' };
    const id = await send(api, this.#tokens.get(ADMIN) ?? '', sample);
    api.close();
    await sleep(500);
    return (await readAuditLog(this.#controlPlane.logs.audit)).get(id)?.level ?? 'None';
  }

  #log(): Promise<string> {
    return readFile(this.#controlPlane.logs.apiserver, 'utf8');
  }
}

/** @returns the request's auditID, which a client may choose */
async function send(
  api: Api,
  token: string,
  { method, path, body }: { method: string; path: string; body?: object },
): Promise<string> {
  const id = randomUUID();
  const caller = token === '' ? {} : { authorization: `Bearer ${token}` };
  await api.raw(method, path, {
    ...(body ? { body } : {}),
    headers: { authorization: '', ...caller, 'audit-id': id },
  });
  return id;
}

/** What an accepted policy must do to each request of `sendAll`, as src/policy has it. */
function expectedOf({ policy }: AcceptedPolicy): (Audited | undefined)[] {
  const evaluator = compilePolicy(policy);
  return CALLERS.flatMap(({ user, groups }) =>
    SAMPLES.map(({ path, attributes, isLongRunning }) => {
      const decision = evaluator({ user, groups, path: path.replace(/\?.*/, ''), ...attributes });
      if (decision.level === 'None') return undefined;
      const stages = ['RequestReceived', ...(isLongRunning ? ['ResponseStarted'] : []), 'ResponseComplete'];
      return {
        level: decision.level,
        stages: stages.filter((stage) => !decision.omitStages.includes(stage)),
      };
    }),
  );
}

async function acceptedExamples(): Promise<Accepted[]> {
  const folder = join(REPO_ROOT, 'examples/policies');
  const examples: Accepted[] = [];
  for (const file of (await readdir(folder)).sort()) {
    for (const manifest of await readDocuments(join(folder, file))) {
      const { accepted, problems } = readPolicySpec(manifest.spec);
      if (!accepted) throw new Error(`examples/policies/${file} is refused: ${JSON.stringify(problems)}`);
      examples.push({ name: basename(file, '.yaml'), content: accepted });
    }
  }
  const anyGroup = { policy: { rules: [{ level: 'Metadata', resources: [{ group: '*' }] }] } };
  const { accepted } = readPolicySpec(anyGroup);
  if (!accepted) throw new Error('group "*" is refused');
  return [...examples, ...acceptedPresets(), { name: 'A25: any group', content: accepted }];
}

function acceptedPresets(): Accepted[] {
  return PRESETS.map((preset) => {
    const built = preset.build({ knownApis: KUBERNETES_APIS, groups: ['system:masters'] });
    const { accepted, problems } = readPolicyFile(presetText(preset, built, 'generate'));
    if (!accepted) throw new Error(`preset ${preset.name} is refused: ${JSON.stringify(problems)}`);
    return { name: `preset ${preset.name}`, content: accepted };
  });
}

/** @returns what is wrong; empty when all is as it should be */
async function checkAccepted(server: Server, { content }: Accepted): Promise<string[]> {
  const refusals = content.problemsFor(server.version);
  const { isUp, said } = await server.restart(content.yaml);
  if (refusals.length > 0) {
    const words = loadRefusal(content.policy, server.version) ?? '(nothing)';
    return [...(isUp ? ['it starts'] : []), ...(said.includes(words) ? [] : [`it does not say: ${words}`])];
  }
  if (!isUp) return [`it ends: ${lastLine(said)}`];
  if (said.includes(COMPLAINT)) return ['it falls back to its lenient reader'];
  const [expected, actual] = [expectedOf(content), await server.sendAll()];
  return expected.flatMap((wanted, i) => {
    if (sameAudit(wanted, actual[i])) return [];
    const caller = CALLERS[Math.trunc(i / SAMPLES.length)]!.name;
    const { method, path } = SAMPLES[i % SAMPLES.length]!;
    return [
      `${caller} ${method} ${path}: expected ${JSON.stringify(wanted)}, found ${JSON.stringify(actual[i])}`,
    ];
  });
}

/** With every stage omitted nothing is written, whatever the level. */
function sameAudit(wanted: Audited | undefined, found: Audited | undefined): boolean {
  return isDeepStrictEqual(wanted?.stages.length === 0 ? undefined : wanted, found);
}

async function checkRefused(server: Server, { file, says = '', readOtherwise }: Row): Promise<string[]> {
  const accepted = readPolicyFile(file).accepted;
  if (accepted?.problemsFor(server.version).length === 0) return ['the validator accepts it'];
  const { isUp, said } = await server.restart(file);
  if (!readOtherwise) {
    if (isUp) return [`kube-apiserver starts, and audits the GET at ${await server.levelOfGet()}`];
    const { policy } = decodePolicyText(file);
    const words = [says, policy ? (loadRefusal(policy, server.version) ?? '') : ''];
    return words
      .filter((part) => !said.includes(part))
      .map((part) => `it ends, but does not say ${JSON.stringify(part)}: ${lastLine(said)}`);
  }
  if (!isUp) return [`it ends: ${lastLine(said)}`];
  const level = await server.levelOfGet();
  return level === readOtherwise.gets ? [] : [`the GET is audited at ${level}, not at ${readOtherwise.gets}`];
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

const accepted = await acceptedExamples();
let passed = 0;
let failed = 0;
const tell = (name: string, wrong: readonly string[]): void => {
  if (wrong.length === 0) passed++;
  else failed++;
  console.log(
    [`${wrong.length === 0 ? 'ok    ' : 'FAILED'} ${name}`, ...wrong.map((line) => `       ${line}`)].join(
      '\n',
    ),
  );
};
for (const version of process.argv.length > 2 ? process.argv.slice(2) : VERSIONS) {
  const server = await Server.start(version);
  try {
    for (const example of accepted) {
      const isFit = example.content.problemsFor(server.version).length === 0;
      tell(`${version} ${isFit ? 'takes' : 'refuses'} ${example.name}`, await checkAccepted(server, example));
    }
    for (const row of ROWS) {
      const how = row.readOtherwise ? 'reads otherwise' : 'refuses';
      tell(`${version} ${how}: ${row.what}`, await checkRefused(server, row));
    }
  } finally {
    await server.stop();
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
