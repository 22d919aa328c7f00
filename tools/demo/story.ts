import { asRecord, dig } from '../../test/support/json.ts';
import { configMaps } from '../../test/support/kinds.ts';
import { apply, NAMESPACE, policyOf, readExamples, renamed } from './examples.ts';
import type { Manifest } from './examples.ts';
import { generation, inPlace, isNamed, isUntouched, summary, trace, userValues } from './fleet-view.ts';
import { seconds } from './layout.ts';
import { auditCondition, conditionOf, contentHash, isReleased } from './narrate.ts';
import { check, until, untilCondition, untilEvent, untilInPlace } from './play.ts';
import type { Play } from './play.ts';

/** The scenes in their order; each throws NotObserved when what it is about does not happen. */
export const SCENES: readonly ((play: Play) => Promise<void>)[] = [
  delivery,
  edit,
  typo,
  tampering,
  clearing,
  missingPolicy,
];

async function delivery(play: Play): Promise<void> {
  const { stage, journal, terminal } = play;
  await terminal.scene(
    'Each cluster gets the policy that it names',
    'The ConfigMap comes before the values that name it: no control plane starts without its file.',
  );
  terminal.act('audit-policy-operator manager');
  await stage.startOperator();
  await untilCondition(play, 'cluster-name', 'True', 'Succeeded');
  await untilCondition(play, 'edge-1', 'True', 'Succeeded', '1 node');
  await untilCondition(play, 'dev-2', 'False', 'PolicyNotFound', '"no-such-policy"');
  await untilEvent(play, 'edge-1', 'Warning', 'SingleControlPlane');
  const policies = journal.list('Policy').map(({ metadata }) => metadata.name);
  const validated = () =>
    policies.filter((name) => conditionOf(journal.get('Policy', name), 'Ready')?.status === 'True').length;
  await until(play, {
    expected: `all ${policies.length} policies of examples/policies are validated`,
    holds: () => validated() === policies.length,
    found: () => `${validated()} of them`,
  });
  await journal.quiet();
  const unnamed = policies.filter((name) => !isNamed(journal, name)).length;
  terminal.good(`${policies.length} policies validated, ${unnamed} of them named by no cluster yet`);
  await check(play, 'dev-1 names no policy: nothing written, nothing said', () =>
    isUntouched(journal, 'dev-1'),
  );
}

async function edit(play: Play): Promise<void> {
  const { stage, journal, terminal } = play;
  await terminal.scene(
    'A policy is edited',
    'A new hash rolls a control plane: it must reach exactly the clusters that name the policy.',
  );
  const before = inPlace(journal, 'cluster-name');
  const others = trace(journal, 'edge-1');
  terminal.act('kubectl apply -f k0rdent-minimal.yaml     # + omitStages: [RequestReceived]');
  await apply(
    stage.api,
    policyOf('k0rdent-minimal', { omitStages: ['RequestReceived'], rules: [{ level: 'Metadata' }] }),
  );
  await untilInPlace(play, 'cluster-name', 'another hash than before', (hash) => hash !== before);
  await journal.quiet();
  await check(
    play,
    'edge-1 names another policy: not one write there',
    () => trace(journal, 'edge-1') === others,
  );
}

async function typo(play: Play): Promise<void> {
  const { stage, journal, terminal } = play;
  await terminal.scene(
    'A typo is refused',
    'Elsewhere `user` for `users` is dropped in silence; the rule then matches everybody, and nothing is logged any more.',
  );
  const before = inPlace(journal, 'cluster-name');
  const written = trace(journal, 'cluster-name');
  const [example] = await readExamples('refused/user-for-users.yaml');
  if (example === undefined) throw new Error('examples/refused/user-for-users.yaml holds no object');
  terminal.act('kubectl apply -f k0rdent-minimal.yaml     # + {level: None, user: [system:kube-proxy]}');
  await apply(stage.api, renamed(example, 'k0rdent-minimal'));
  await untilCondition(play, 'cluster-name', 'False', 'PolicyRefused', '"users"');
  await journal.quiet();
  await check(
    play,
    `the last good one stays: hash ${before ?? ''} in ConfigMap and values, no write`,
    () => trace(journal, 'cluster-name') === written,
  );
  terminal.act('kubectl apply -f k0rdent-minimal.yaml     # user → users');
  await apply(
    stage.api,
    policyOf('k0rdent-minimal', {
      rules: [{ level: 'None', users: ['system:kube-proxy'] }, { level: 'Metadata' }],
    }),
  );
  await untilInPlace(play, 'cluster-name', 'another hash than before', (hash) => hash !== before);
  await journal.quiet();
}

async function tampering(play: Play): Promise<void> {
  const { stage, journal, terminal } = play;
  await terminal.scene(
    'A ConfigMap is tampered with',
    'A control-plane node that starts now would read the forged policy and log nothing.',
  );
  const before = inPlace(journal, 'edge-1');
  const release = generation(journal, 'edge-1');
  const forged = 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n';
  terminal.act('kubectl edit configmap edge-1-audit-policy     # level: None, for everything');
  const started = performance.now();
  const answer = await stage.api.mergePatch(
    configMaps(NAMESPACE, 'edge-1-audit-policy'),
    { data: { policy: forged } },
    { fieldManager: 'kubectl-edit' },
  );
  const tampered = Number(answer.metadata.resourceVersion);
  await until(play, {
    expected: `ConfigMap edge-1-audit-policy is back at hash ${before ?? ''}`,
    holds: () => {
      const found = journal.get('ConfigMap', 'edge-1-audit-policy');
      return Number(found?.metadata.resourceVersion) > tampered && contentHash(found) === before;
    },
    found: () => `hash ${contentHash(journal.get('ConfigMap', 'edge-1-audit-policy'))}`,
  });
  const took = journal.seenAt('ConfigMap', 'edge-1-audit-policy') - started;
  await untilEvent(play, 'edge-1', 'Warning', 'AuditPolicyConfigMapRepaired');
  await journal.quiet();
  terminal.good(`repaired ${seconds(took)} after the edit was sent`);
  await check(
    play,
    'the HelmRelease was not touched: nothing rolls',
    () => generation(journal, 'edge-1') === release,
  );
}

async function clearing(play: Play): Promise<void> {
  const { stage, journal, terminal } = play;
  await terminal.scene(
    'A reference is cleared',
    'The values go, the ConfigMap stays for an hour: nodes that have not rolled yet still mount it.',
  );
  const own = userValues(journal, 'edge-1');
  terminal.act('kubectl apply -f edge-1.yaml     # no spec.auditPolicy any more');
  const spec = { ...asRecord(deployment(play, 'edge-1').spec, 'spec of edge-1') };
  delete spec.auditPolicy;
  await apply(stage.api, { ...deployment(play, 'edge-1'), spec });
  await until(play, {
    expected:
      'edge-1 has no policyRef in its values, no condition, and a ConfigMap that is marked as released',
    holds: () =>
      inPlace(journal, 'edge-1') === undefined &&
      auditCondition(journal.get('Cluster', 'edge-1')) === undefined &&
      isReleased(journal.get('ConfigMap', 'edge-1-audit-policy')),
    found: () => summary(journal, 'edge-1'),
  });
  await journal.quiet();
  await check(
    play,
    `the user's own values under audit stay: ${own}`,
    () => userValues(journal, 'edge-1') === own,
  );
}

async function missingPolicy(play: Play): Promise<void> {
  const { stage, journal, terminal } = play;
  await terminal.scene(
    'What was missing arrives',
    'The order does not matter: what comes is picked up, and until then the condition names it.',
  );
  terminal.act('kubectl apply -f no-such-policy.yaml');
  await apply(stage.api, policyOf('no-such-policy', { rules: [{ level: 'Metadata' }] }));
  await untilCondition(play, 'dev-2', 'False', 'HelmReleaseNotFound');
  await journal.quiet();
  terminal.act('kubectl apply -f dev-2-helmrelease.yaml');
  const model = play.clusters.find(({ kind }) => kind === 'HelmRelease');
  if (model === undefined) throw new Error('examples/clusters.yaml holds no HelmRelease');
  await apply(stage.api, renamed(model, 'dev-2'));
  await untilCondition(play, 'dev-2', 'True', 'Succeeded');
  await journal.quiet();
}

function deployment({ clusters }: Play, name: string): Manifest {
  const found = clusters.find(
    (manifest) => manifest.kind === 'ClusterDeployment' && dig(manifest, 'metadata', 'name') === name,
  );
  if (found === undefined) throw new Error(`examples/clusters.yaml holds no ClusterDeployment ${name}`);
  return found;
}
