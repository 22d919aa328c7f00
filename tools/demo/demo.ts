import { Command } from 'commander';
import { once } from 'node:events';
import { ensureBundle } from './bundle.ts';
import { apply, NAMESPACE, readExamples } from './examples.ts';
import { fleetTable, isNamed } from './fleet-view.ts';
import { Journal, NotObserved } from './journal.ts';
import { seconds } from './layout.ts';
import { narrate } from './narrate.ts';
import type { Change } from './narrate.ts';
import { Stage } from './stage.ts';
import { SCENES } from './story.ts';
import { Terminal } from './terminal.ts';

interface Options {
  keep: boolean;
  color: boolean;
}

const program = new Command('npm run demo --')
  .description(
    'What the operator does, in a minute: a real kube-apiserver and etcd on loopback, the bundled operator, and all that is seen on the API server as it happens.',
  )
  .option(
    '--keep',
    'leave everything running at the end, print the KUBECONFIG line and wait for Ctrl-C',
    false,
  )
  .option('--no-color', 'no colours (NO_COLOR is respected as well)')
  .addHelpText(
    'after',
    '\nExample:\n  npm run demo -- --keep\n\nExit code: 0 everything happened, 1 something did not and is named, 130 interrupted.',
  );

/** Plays the demo. @returns the exit code */
async function main({ keep, color }: Options): Promise<number> {
  const stop = new AbortController();
  const started = performance.now();
  const terminal = new Terminal({ color, signal: stop.signal });
  const interrupted = listenToSignals(stop);
  let stage: Stage | undefined;
  let code = 0;
  try {
    terminal.heading(
      'audit-policy-operator',
      'Audit policies for a fleet of clusters, on a real API server.',
    );
    // What it starts dies with this process, so that an interrupted start needs no waiting for.
    stage = await Promise.race([open(terminal), interrupted]);
    await play(stage, terminal, keep, stop.signal);
  } catch (error) {
    code = stop.signal.aborted ? 130 : 1;
    if (code === 1) terminal.failure(await explain(error, stage));
    else terminal.note('Interrupted.');
  }
  try {
    await stage?.close();
    if (stage !== undefined) {
      const { dir } = stage.controlPlane;
      terminal.blank();
      terminal.good(`operator, kube-apiserver and etcd stopped, ${dir} removed`);
    }
  } catch (error) {
    terminal.failure(
      `not everything could be stopped: ${error instanceof Error ? error.message : String(error)}`,
    );
    code = 1;
  }
  if (code === 0) terminal.note(`That took ${seconds(performance.now() - started)} in all.`);
  terminal.blank();
  return code;
}

/** What was waited for in vain is usually told by the operator's log. */
async function explain(error: unknown, stage: Stage | undefined): Promise<string> {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof NotObserved) || stage === undefined) return message;
  return `${message}\nThe operator's log ends:\n${await stage.operatorLog()}`;
}

async function open(terminal: Terminal): Promise<Stage> {
  return await terminal.step(
    'starting kube-apiserver and etcd',
    () => Stage.open((line) => terminal.note(line)),
    ({ controlPlane: { version, url } }) => `kube-apiserver ${version} and etcd run at ${url}`,
  );
}

async function play(stage: Stage, terminal: Terminal, keep: boolean, signal: AbortSignal): Promise<void> {
  await terminal.step(
    'installing CRDs',
    () => stage.install(),
    (names) =>
      `${names.length} CRDs installed, and the operator's ServiceAccount with the rights of config/rbac`,
  );
  if (await ensureBundle()) terminal.note('src is newer than the bundle, which has been built anew');
  const { server, ca } = stage.api;
  const hasSucceeded = new Set<string>();
  const journal = await Journal.open(
    { server, ca, token: stage.controlPlane.token },
    NAMESPACE,
    (change, atMs) => {
      const line = concernsSomebody(journal, change) ? narrate(change) : undefined;
      if (line === undefined) return;
      // A success is told in full once for each cluster; the next ones differ in the hash.
      const { detail, ...brief } = line;
      const isKnown = change.kind === 'Cluster' && line.tone === 'good' && hasSucceeded.has(line.name);
      terminal.observed(isKnown || detail === undefined ? brief : line, atMs);
      if (change.kind === 'Cluster' && line.tone === 'good') hasSucceeded.add(line.name);
    },
    signal,
  );
  try {
    const policies = await readExamples('policies');
    const clusters = await readExamples('clusters.yaml');
    for (const manifest of [...policies, ...clusters]) await apply(stage.api, manifest);
    const objects = policies.length + clusters.length;
    const kinds = ['Policy', 'Cluster', 'HelmRelease'] as const;
    const count = (): number => kinds.flatMap((kind) => journal.list(kind)).length;
    await journal.until({
      expected: `all ${objects} objects of examples/ are in namespace ${NAMESPACE}`,
      holds: () => count() === objects,
      found: () => `${count()} of them`,
    });
    terminal.good(`examples/policies and examples/clusters.yaml applied to namespace ${NAMESPACE}`);
    stage.startFluxStandIn();
    terminal.note(
      "Flux has no part in it: a stand-in plays helm-controller's status, and nothing is installed.",
    );
    terminal.note(
      'Lines with $ are sent as the requests that kubectl would send; all others are what watches see.',
    );
    for (const scene of SCENES) await scene({ stage, journal, terminal, clusters });
    await terminal.pause();
    terminal.blank();
    const { header, rows } = fleetTable(journal);
    terminal.table(header, rows);
  } finally {
    journal.close();
  }
  if (keep) await keepUp(stage, terminal, signal);
}

/** Policies that no cluster names are counted, not told one by one. */
function concernsSomebody(journal: Journal, { kind, after }: Change): boolean {
  return kind !== 'Policy' || (after !== undefined && isNamed(journal, after.metadata.name));
}

/** Leaves all as it is until Ctrl-C; an operator that ends meanwhile ends the demo. */
async function keepUp(stage: Stage, terminal: Terminal, signal: AbortSignal): Promise<void> {
  terminal.blank();
  terminal.plain(`export KUBECONFIG=${stage.controlPlane.kubeconfig}`);
  terminal.blank();
  for (const command of [
    `kubectl get cld,cap,hr -n ${NAMESPACE}`,
    `kubectl describe cld cluster-name -n ${NAMESPACE}`,
    `kubectl get configmap cluster-name-audit-policy -n ${NAMESPACE} -o yaml`,
    `kubectl edit cap k0rdent-minimal -n ${NAMESPACE}`,
    `kubectl delete configmap cluster-name-audit-policy -n ${NAMESPACE}     # it comes back`,
  ])
    terminal.plain(`  ${command}`);
  terminal.blank();
  terminal.note('Everything runs until Ctrl-C.');
  while (!signal.aborted) {
    await stage.assertOperatorRuns();
    const tick = AbortSignal.any([signal, AbortSignal.timeout(1_000)]);
    if (!tick.aborted) await once(tick, 'abort');
  }
}

/** Aborts at the first signal. Later ones change nothing: the shell and npm may send the same Ctrl-C twice. */
function listenToSignals(stop: AbortController): Promise<never> {
  return new Promise((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        stop.abort(new Error(signal));
        reject(new Error(signal));
      });
    }
  });
}

const code = await main(program.parse().opts<Options>());
process.exit(code);
