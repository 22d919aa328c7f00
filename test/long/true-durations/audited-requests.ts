import { readFile } from 'node:fs/promises';
import { asString, dig } from '../../support/json.ts';

/** A request as the API server's audit log has it. */
export interface AuditedRequest {
  verb: string;
  /** Without the query. */
  path: string;
  isWrite: boolean;
  /** A watch that goes on where another one ended, without reading the collection again. */
  isResumedWatch: boolean;
}

export interface Counted {
  verb: string;
  path: string;
  count: number;
}

const READS = new Set(['get', 'list', 'watch']);

/** Every request of a user that the API server has received, oldest first. */
export async function auditedRequests(auditLog: string, user: string): Promise<AuditedRequest[]> {
  const requests: AuditedRequest[] = [];
  for (const line of (await readFile(auditLog, 'utf8')).split('\n').slice(0, -1)) {
    const event: unknown = JSON.parse(line);
    if (dig(event, 'stage') !== 'RequestReceived' || dig(event, 'user', 'username') !== user) continue;
    const verb = asString(dig(event, 'verb'), 'verb');
    const { pathname, searchParams } = new URL(asString(dig(event, 'requestURI'), 'requestURI'), 'https://h');
    const isResumedWatch =
      verb === 'watch' &&
      searchParams.get('sendInitialEvents') !== 'true' &&
      Number(searchParams.get('resourceVersion')) > 0;
    requests.push({ verb, path: pathname, isWrite: !READS.has(verb), isResumedWatch });
  }
  return requests;
}

/** How often each verb was sent to each path. */
export function countRequests(requests: readonly AuditedRequest[]): Counted[] {
  const groups = Map.groupBy(requests, ({ verb, path }) => `${verb} ${path}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first ? [{ verb: first.verb, path: first.path, count: group.length }] : [];
  });
}
