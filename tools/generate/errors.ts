import { PROBLEMS } from '../../src/policy/problem.ts';
import { code, page, table } from './markdown.ts';

/** docs/reference/errors.md */
export function errorsPage(): string {
  return page(
    'Errors',
    'src/policy/problem.ts',
    '## Problems of a policy',
    `What ${code('validate')} prints, the status of a ClusterAuditPolicy says, and ${code('-o json')} carries as ${code('code')}. Each comes with the path of the field, and with line and column when it was read from a file.`,
    table(
      ['Code', 'What it means'],
      Object.entries(PROBLEMS).map(([name, meaning]) => [code(name), meaning]),
    ),
    '## Answers of the API server',
    `What becomes of a request that failed. The code is in the log (${code('err.code')}); what a user must know becomes the reason of the [condition](conditions.md).`,
    table(
      ['Code', 'HTTP', 'What the operator does'],
      [
        [
          code('Conflict'),
          '409',
          'The object has moved on: looks again at once, with back-off. A field owned by another manager: reason `FieldConflict`, tried again every 5 minutes and on each change.',
        ],
        [
          code('AlreadyExists'),
          '409',
          'A ConfigMap of the name is there that the watch does not show: reads it, and decides anew whose it is.',
        ],
        [
          code('Forbidden'),
          '403',
          'Reason `Forbidden` with the words of the server (a right, a quota, a namespace that is being deleted); tried again every 5 minutes.',
        ],
        [
          code('Invalid') + ', ' + code('BadRequest') + ', ' + code('TooLarge'),
          '422, 400, 413; 500 for what etcd does not take',
          'Reason `WriteRefused` with the words of the server; tried again every 5 minutes.',
        ],
        [
          code('NotFound'),
          '404',
          'Waits for what is missing; its watch brings it back, at the latest after a minute.',
        ],
        [code('TooManyRequests'), '429', 'Waits as long as the server says, then again.'],
        [
          code('ServerError') + ', ' + code('Timeout') + ', ' + code('Network'),
          '5xx or none',
          'Back-off with jitter, for each cluster by itself.',
        ],
        [code('Gone'), '410', 'A watch that has fallen behind: the collection is read anew.'],
        [code('Unauthorized'), '401', 'The credentials are read anew once; then as `Forbidden`.'],
      ],
    ),
    'Exit codes of the commands are in the [command reference](cli.md).',
  );
}
