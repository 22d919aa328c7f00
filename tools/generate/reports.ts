import { REPORT_CONDITION, REPORT_REASONS } from '../../src/api/report-reasons.ts';
import { code, page, table } from './markdown.ts';

/** docs/reference/reports.md */
export function reportsPage(): string {
  return page(
    'Reports of observed clusters',
    'src/api/report-reasons.ts',
    `## ${code(REPORT_CONDITION)} on a ClusterAuditReport`,
    `Where KCM 1.10 or newer writes by itself, the operator says here whether what KCM wrote is what should be there ([observer mode](../observer-mode.md)). ${code('True')}: it is. ${code('False')}: the message says what differs. ${code('Unknown')}: not all of it can be seen. No report: the operator is the writer, and its word is ${code('ClusterAuditPolicyReady')} ([conditions](conditions.md)); or the cluster names no policy and has none in place.`,
    table(
      ['Reason', 'Status', 'When', 'What to do'],
      Object.entries(REPORT_REASONS).map(([reason, { status, meaning, remedy }]) => [
        code(reason),
        code(status),
        meaning,
        remedy === '' ? 'Nothing.' : remedy,
      ]),
    ),
  );
}
