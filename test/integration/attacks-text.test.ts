import { join } from 'node:path';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { sharedOperatorKubeconfig } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { METADATA_RULES } from '../support/fleet.ts';
import { auditPolicies, clusterDeployments, coreEvents, helmReleases } from '../support/kinds.ts';
import { OperatorProcess } from '../support/operator-process.ts';
import { Scenario } from '../support/scenario.ts';

/** Texts that forge log lines, move a terminal's cursor or turn text around, in every field that a user may write. */
const NASTY =
  'x\n{"level":"info","msg":"forged"}\r\u001b[2J\u001b]8;;http://evil\u0007\u009b31m\u202egnp\u2066\u2028y';
/** What no terminal obeys. */
const SAFE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u;

let s: Scenario;
let operator: OperatorProcess;
beforeAll(async () => {
  s = await Scenario.start('attacks-text');
  await s.operator.stop();
  const program = { home: REPO_ROOT, path: join(REPO_ROOT, 'src/main.ts'), remove: () => undefined };
  operator = new OperatorProcess(program, sharedOperatorKubeconfig(), s.namespace);
  await s.fleet.createPolicy('metadata', METADATA_RULES);
});
afterAll(async () => {
  await operator.stop();
  await s.stop();
});

async function named(cluster: string, auditPolicy: string): Promise<void> {
  await s.fleet.createRelease(cluster);
  await s.fleet.createDeployment(cluster, { auditPolicy });
}

const annotate = (path: string, annotations: Record<string, string>) =>
  s.api.mergePatch(path, { metadata: { annotations } });

/** Where each text gets to, and with which reason the condition quotes it. */
const ROWS: [string, string, (cluster: string) => Promise<unknown>][] = [
  ['reference', 'InvalidReference', (cluster) => named(cluster, NASTY)],
  [
    'level',
    'PolicyRefused',
    async (cluster) => {
      await s.fleet.createPolicy('nasty-level', [{ level: NASTY }]);
      await named(cluster, 'nasty-level');
    },
  ],
  [
    'field',
    'PolicyRefused',
    async (cluster) => {
      await s.fleet.createPolicy('nasty-field', [{ level: 'None', [NASTY]: NASTY }]);
      await named(cluster, 'nasty-field');
    },
  ],
  [
    'long-level',
    'PolicyRefused',
    async (cluster) => {
      await s.fleet.createPolicy('long-level', [{ level: NASTY.repeat(2_000) }]);
      await named(cluster, 'long-level');
    },
  ],
  [
    'version',
    'Succeeded',
    async (cluster) => {
      await named(cluster, 'metadata');
      await annotate(clusterDeployments(s.namespace, cluster), {
        'auditpolicy.dev/kubernetes-version': NASTY,
      });
      await eventually(async () =>
        expect((await s.condition(cluster))?.message).toContain('kubernetes-version'),
      );
    },
  ],
  [
    'region',
    'RemoteTargetUnsupported',
    async (cluster) => {
      await named(cluster, 'metadata');
      await s.api.patchStatus(clusterDeployments(s.namespace, cluster), { region: NASTY.repeat(2_000) });
    },
  ],
  [
    'propagation',
    'ChangeHeld',
    async (cluster) => {
      await s.fleet.createPolicy('nasty-hold', METADATA_RULES);
      await named(cluster, 'nasty-hold');
      await s.waitFor(cluster, 'True', 'Succeeded');
      await annotate(auditPolicies(s.namespace, 'nasty-hold'), { 'auditpolicy.dev/propagation': NASTY });
      await s.fleet.editPolicy('nasty-hold', [{ level: 'None' }]);
    },
  ],
  [
    'manager',
    'FieldConflict',
    async (cluster) => {
      const values = { audit: { policyRef: { name: 'theirs' } } };
      const spec = { interval: '10m', chartRef: { kind: 'HelmChart', name: 't' }, values };
      const metadata = { name: cluster };
      const body = { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', metadata, spec };
      await s.api.apply(helmReleases(s.namespace, cluster), body, { fieldManager: '"}] <b>&amp; \\u001b' });
      await s.fleet.createDeployment(cluster, { auditPolicy: 'metadata' });
    },
  ],
];

test.each(ROWS)('A15: %s: the condition is one printable line', async (cluster, reason, arrange) => {
  await arrange(cluster);
  await eventually(async () => expect((await s.condition(cluster))?.reason).toBe(reason));
  const message = (await s.condition(cluster))?.message ?? '';
  expect(message).toMatch(SAFE);
  expect(message.length).toBeLessThanOrEqual(4096);
});

test('A15: every Event, and the status of every policy, is one printable line', async () => {
  await eventually(async () => expect(await s.events('nasty-level')).toEqual(['Warning PolicyRefused']));
  const events = await s.api.list(coreEvents(s.namespace));
  expect(events.length).toBeGreaterThan(5);
  for (const event of events) expect(event.message).toMatch(SAFE);
  const policies = await s.api.list(auditPolicies(s.namespace));
  expect(policies.length).toBeGreaterThan(4);
  for (const { status } of policies) {
    const { conditions } = status as { conditions: { message: string }[] };
    expect(conditions.map(({ message }) => message).join('')).toMatch(SAFE);
  }
});

test('A15: the log is one JSON object a line, forged by nobody', async () => {
  await eventually(() => expect(operator.log().length).toBeGreaterThan(8));
  expect(operator.err).toBe('');
  for (const line of operator.out.trimEnd().split('\n')) expect(line).toMatch(SAFE);
  expect(operator.log().map(({ msg }) => msg)).not.toContain('forged');
});
