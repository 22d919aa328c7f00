import { roll } from '../../../src/cli/fleet/rolls.ts';
import type { Observed } from '../../../src/plan/types.ts';
import {
  accepted,
  delivered,
  deployment,
  inPlaceOf,
  observed,
  policy,
  settings,
  without,
} from '../plan/fixtures.ts';

const metadata = accepted(policy());
const inPlace = inPlaceOf(metadata);
const edited: Observed = { ...inPlace, policy: policy([{ level: 'Request' }]) };
const MANAGED = { labels: { 'k0rdent.mirantis.com/managed': 'true' } };
const byKcm = (hash: string, parts: Partial<Observed> = {}, nodes = 3): Observed => ({
  ...edited,
  kcmPresent: true,
  helmRelease: delivered(hash, {
    metadata: MANAGED,
    values: {
      controlPlaneNumber: nodes,
      audit: { policyRef: { name: 'c-audit-policy', key: 'policy', hash } },
    },
  }),
  ...parts,
});
const wanted = accepted(policy([{ level: 'Request' }])).hash;
const withNodes = (nodes: number): Observed => ({
  ...edited,
  deployment: deployment({ auditPolicy: 'p', config: { controlPlaneNumber: nodes } }),
});

test.each<[string, Observed, { willRoll: boolean; isRisky: boolean; nodes: number | null }]>([
  ['an edit', edited, { willRoll: true, isRisky: false, nodes: null }],
  ['of three nodes', withNodes(3), { willRoll: true, isRisky: false, nodes: 3 }],
  ['of one node', withNodes(1), { willRoll: true, isRisky: true, nodes: 1 }],
  ['of an even number', withNodes(4), { willRoll: true, isRisky: true, nodes: 4 }],
  [
    'no edit of one node',
    { ...withNodes(1), policy: policy() },
    { willRoll: false, isRisky: false, nodes: 1 },
  ],
  ['KCM writes it', byKcm(metadata.hash), { willRoll: true, isRisky: false, nodes: 3 }],
  ['and on one node', byKcm(metadata.hash, {}, 1), { willRoll: true, isRisky: true, nodes: 1 }],
  ['KCM has written it', byKcm(wanted, {}, 1), { willRoll: false, isRisky: false, nodes: 1 }],
  [
    'KCM only looks',
    byKcm(metadata.hash, { deployment: deployment({ auditPolicy: 'p', dryRun: true }) }),
    { willRoll: false, isRisky: false, nodes: 3 },
  ],
  [
    'KCM has not made the HelmRelease yet',
    without(byKcm(metadata.hash), 'helmRelease'),
    { willRoll: false, isRisky: false, nodes: null },
  ],
])('%s', (_, given, expected) => {
  expect(roll(given, settings, false)).toMatchObject(expected);
});

test('who would write is said', () => {
  expect(roll(byKcm(metadata.hash), settings, false)?.message).toBe(
    `KCM manages it and would write hash ${wanted} into the values by itself.`,
  );
  expect(roll(byKcm(metadata.hash, {}, 1), settings, false)?.message).toContain(
    'The control plane has 1 node',
  );
});

test('a cluster that names no policy is left alone', () => {
  expect(
    roll(without({ ...observed(), deployment: deployment({}) }, 'policy'), settings, false),
  ).toBeUndefined();
});
