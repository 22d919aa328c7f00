import { comparedJson } from './diff-json.ts';
import { comparedText } from './diff-text.ts';
import { isDifferent, whyUnreadable, type FleetDiff, type PolicyEdit } from './diff-fleet.ts';
import { orDash } from './fleet/view.ts';
import type { Roll } from './fleet/rolls.ts';
import { count } from '../api/figures.ts';
import { Table } from './table.ts';
import { printableLine } from './terminal.ts';

/** More of them nobody reads; `-o json` has all. */
const MAX_NAMED = 10;

/** For people: each policy that is not the same, the clusters that would not be left as they are, and the sum. */
export function fleetDiffText(diff: FleetDiff): string {
  const { policies, clusters } = diff;
  const same = new Set(policies.filter(({ state }) => state === 'same').map(({ wanted }) => wanted.key));
  const shown = clusters.filter(
    (one) => one.willRoll || (isTouched(one) && !same.has(`${one.namespace}/${one.policy ?? ''}`)),
  );
  const parts = [
    ...policies.filter(({ state }) => state !== 'same').map(policyText),
    ...(shown.length > 0 ? [clusterTable(shown)] : []),
    `${sum(diff)}\n`,
  ];
  return parts.join('\n');
}

function policyText(edit: PolicyEdit): string {
  const { wanted, compared, state } = edit;
  if (compared !== undefined) return comparedText(compared);
  const hash = wanted.checked.accepted?.hash ?? '';
  const line =
    state === 'new'
      ? `${wanted.key}: new (hash ${hash}); there is no such policy yet`
      : `${wanted.key}: what is there is refused, so there is nothing to compare with (hash ${hash} now): ${whyUnreadable(edit)}`;
  return `${printableLine(line)}\n`;
}

/** Not those that are as they should be, and stay so. */
function isTouched({ outlook }: Roll): boolean {
  return !['nothing', 'condition', 'observer'].includes(outlook);
}

function clusterTable(clusters: readonly Roll[]): string {
  const rows = clusters.map(({ namespace, name, policy, inPlace, wanted, nodes, message, ...one }) => [
    namespace,
    name,
    orDash(policy),
    orDash(inPlace),
    orDash(wanted),
    one.willRoll ? (one.outlook === 'waits' ? 'later' : 'yes') : 'no',
    orDash(nodes),
    message,
  ]);
  const headers = ['NAMESPACE', 'CLUSTER', 'POLICY', 'IN PLACE', 'WANTED', 'ROLLS', 'NODES', 'MESSAGE'];
  return new Table(headers).withHeader(rows);
}

function sum({ policies, clusters }: FleetDiff): string {
  const states = countBy(policies.map(({ state }) => WORDS[state]));
  const rolling = clusters.filter(({ willRoll }) => willRoll);
  const risky = rolling.filter(({ isRisky }) => isRisky).map(({ namespace, name }) => `${namespace}/${name}`);
  const refused = clusters.filter(({ outlook }) => outlook === 'refused' || outlook === 'impossible').length;
  const named = risky.slice(0, MAX_NAMED).join(', ') + (risky.length > MAX_NAMED ? ' …' : '');
  return [
    `${count(policies.length, 'policy', 'policies')}: ${inWords(states)}`,
    `${count(clusters.length, 'cluster')}: ${rolling.length} would roll${refused > 0 ? `, ${refused} would refuse it` : ''}`,
    ...(risky.length > 0
      ? [
          `at risk of etcd's quorum (one node, or an even number): ${risky.length}: ${named}; read docs/single-control-plane.md`,
        ]
      : []),
  ].join('\n');
}

const WORDS: Readonly<Record<PolicyEdit['state'], string>> = {
  same: 'the same',
  spelling: 'the same in other words',
  different: 'different',
  new: 'new',
  unreadable: 'refused until now',
};

function countBy(items: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

function inWords(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([word, number]) => `${number} ${word}`).join(', ');
}

/** For programs. */
export function fleetDiffJson(diff: FleetDiff): object {
  const { policies, clusters } = diff;
  const rolling = clusters.filter(({ willRoll }) => willRoll);
  return {
    different: isDifferent(diff),
    policies: policies.map((edit) => {
      const { wanted, compared, state } = edit;
      return {
        namespace: wanted.namespace,
        name: wanted.name,
        state,
        hash: wanted.checked.accepted?.hash ?? null,
        diff: compared === undefined ? null : comparedJson(compared),
        ...(state === 'unreadable' ? { reason: whyUnreadable(edit) } : {}),
      };
    }),
    clusters,
    summary: {
      willRoll: rolling.length,
      atRisk: rolling.filter(({ isRisky }) => isRisky).map(({ namespace, name }) => `${namespace}/${name}`),
    },
  };
}
