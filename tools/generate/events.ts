import { EVENTS } from '../../src/api/events.ts';
import { code, page, table } from './markdown.ts';

/** docs/reference/events.md */
export function eventsPage(): string {
  return page(
    'Events',
    'src/api/events.ts',
    `Events are about a ClusterDeployment unless the table says otherwise, and come from ${code('audit-policy-operator')}. They tell what has happened and expire within an hour or so; what is the case now stands in the [conditions](conditions.md). One that repeats is counted up instead of written anew.`,
    table(
      ['Reason', 'Type', 'When'],
      Object.entries(EVENTS).map(([reason, { type, meaning }]) => [code(reason), type, meaning]),
    ),
  );
}
