import { CLUSTER_CONDITION, REASONS } from '../../src/api/reasons.ts';
import { code, page, table } from './markdown.ts';

/** docs/reference/conditions.md */
export function conditionsPage(): string {
  return page(
    'Conditions and reasons',
    'src/api/reasons.ts',
    `## ${code(CLUSTER_CONDITION)} on a ClusterDeployment`,
    `The one condition that the operator writes on a ClusterDeployment. ${code('True')}: the cluster has exactly the policy that it names. ${code('False')}: it has not; the message says what is wrong, where, and what would be right, and which hash stays in place meanwhile. No condition: the cluster names no policy, or KCM 1.10 or newer manages it and writes by itself.`,
    table(
      ['Reason', 'Status', 'When', 'What to do'],
      Object.entries(REASONS).map(([reason, { status, meaning, remedy }]) => [
        code(reason),
        STATUS[status],
        meaning,
        remedy === '' ? 'Nothing.' : remedy,
      ]),
    ),
    `## ${code('Ready')} and ${code('Stalled')} on a ClusterAuditPolicy`,
    'As [kstatus](https://github.com/kubernetes-sigs/cli-utils/tree/master/pkg/kstatus) reads them, so that Flux and Argo CD can wait for a policy. The CRD that KCM brings has no status; nothing is written there.',
    table(
      ['Condition', 'Status', 'Reason', 'When'],
      [
        [
          code('Ready'),
          code('True'),
          code('Accepted'),
          'The policy is valid. `status.hash`, `status.sha256` and `status.rules` tell what would be delivered.',
        ],
        [
          code('Ready'),
          code('False'),
          code('Refused'),
          'The policy has errors, which the message names, and is delivered nowhere. Clusters keep the last good one.',
        ],
        [
          code('Stalled'),
          code('True'),
          code('Refused'),
          'With `Ready=False`: nothing happens until the policy is changed.',
        ],
      ],
    ),
  );
}

/** How the statuses of src/api/reasons.ts read in a table. */
const STATUS = {
  True: code('True'),
  False: code('False'),
  delivered: `${code('True')} while the wanted policy is in place, else ${code('False')}`,
} as const;
