import { GROUPS, type ExpectedCondition, type StateRow, type Write } from '../../test/states/row.ts';
import { STATES } from '../../test/states/table.ts';
import { code, page, table } from './markdown.ts';

/** What a group's rows have in common; empty when its title says it. */
const ABOUT: Partial<Record<(typeof GROUPS)[number], string>> = {
  'The policy is refused': 'A policy that a control plane would not start with never reaches one.',
  'The HelmRelease is not at rest':
    'One change at a time: what is under way is waited for, what has failed is not.',
  'The ConfigMap is not as it was left':
    'What comes back is what the values name, byte for byte: never what is wanted, as long as that is held back.',
  'Other writers of the values':
    'Every turn of two writers would roll the control plane: the operator never forces, and stops after two rewrites.',
  'The reference is cleared':
    'The values first; the ConfigMap when nothing can mount it any more. A row without further words says: `spec.auditPolicy` is empty or absent, and a policy was in place.',
  'The API server refuses a write': 'The other clusters go on meanwhile.',
  'KCM runs here':
    'KCM 1.10 or newer writes by itself and puts its own back, so the operator only observes what KCM manages.',
};

/** docs/reference/states.md */
export function statesPage(): string {
  return page(
    'States of a cluster',
    'test/states, which the integration tests play on a real API server',
    'Everything that the operator does, by what it finds. A row is a state and the change that led to it; it tells all that is then written and said, in this order and nothing else. A second look at the same state writes nothing, unless the row says so.',
    [
      `- **Writes**: ${code('patch')} is a merge or JSON patch, ${code('apply')} a server-side apply (forced only over what holds nothing, or KCM has left behind), ${code('status')} the condition. A ControllerRevision is the second copy of a content; a namespace keeps each once.`,
      `- **Condition**: status and reason of ${code('ClusterAuditPolicyReady')} ([reasons and what to do](conditions.md)). "as before": not touched.`,
      '- **Event**: on the ClusterDeployment ([events](events.md)).',
      '- **Looked at again**: though nothing happens; a change of what counts is seen at once in every state.',
      '- **In place**: what the HelmRelease values name and the ConfigMap holds afterwards.',
    ].join('\n'),
    ...GROUPS.flatMap((group) => {
      const rows = STATES.filter((row) => row.group === group);
      if (rows.length === 0) return [];
      const about = ABOUT[group];
      return [`## ${group}`, ...(about === undefined ? [] : [about]), stateTable(rows)];
    }),
  );
}

function stateTable(rows: readonly StateRow[]): string {
  return table(
    ['State', 'Writes', 'Condition', 'Event', 'Looked at again', 'In place'],
    rows.map((row) => [
      row.given,
      [writes(row.writes), ...(row.again ? [`each look again: ${writes(row.again)}`] : [])].join('; '),
      condition(row.condition),
      row.events.length === 0 ? '-' : row.events.map(eventName).join(', '),
      row.requeue === 'none' ? '-' : row.requeue,
      IN_PLACE[row.inPlace],
    ]),
  );
}

const IN_PLACE: Record<StateRow['inPlace'], string> = {
  wanted: 'the wanted policy',
  'as before': 'as before',
  nothing: 'nothing',
  'hash only': 'values as before, no ConfigMap',
  other: 'what the other put there',
};

function writes(list: StateRow['writes']): string {
  return list.length === 0 ? '-' : list.map(writeName).join(', ');
}

function writeName(write: Write): string {
  const [, what = '', refused = ''] = /^(.*?)( \(refused\))?$/.exec(write) ?? [];
  return `${code(what)}${refused}`;
}

function condition(expected: ExpectedCondition | 'none' | 'unchanged'): string {
  if (expected === 'none') return 'none';
  if (expected === 'unchanged') return 'as before';
  return `${code(expected.status)} ${code(expected.reason)}`;
}

function eventName(event: StateRow['events'][number]): string {
  const [type = '', reason = ''] = event.split(' ');
  return `${type} ${code(reason)}`;
}
