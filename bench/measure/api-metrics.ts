/** Requests of one kind, as the API server's own metrics count them. */
export interface RequestCount {
  /** As the API server calls it: LIST, WATCH, GET, POST, PUT, PATCH, APPLY, DELETE ... */
  verb: string;
  resource: string;
  subresource: string;
  /** HTTP status of the answer; `open` for watches that have not ended, which no counter knows yet. */
  code: string;
  count: number;
}

const ANSWERED = 'apiserver_request_total';
const UNDER_WAY = 'apiserver_longrunning_requests';
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Reads the counts out of the text of /metrics. Requests that are no resource's are left out. */
export function readRequestCounts(metrics: string): RequestCount[] {
  return metrics
    .split('\n')
    .filter((line) => line.startsWith(`${ANSWERED}{`) || line.startsWith(`${UNDER_WAY}{`))
    .map(readLine)
    .filter(({ resource }) => resource !== '');
}

function readLine(line: string): RequestCount {
  const start = line.indexOf('{');
  const end = line.lastIndexOf('}');
  const labels: Partial<Record<string, string>> = Object.fromEntries(
    [...line.slice(start, end).matchAll(LABEL)].map(([, name = '', value = '']) => [name, value]),
  );
  const { verb = '', resource = '', subresource = '', code = '' } = labels;
  const isOpen = line.startsWith(UNDER_WAY);
  return { verb, resource, subresource, code: isOpen ? 'open' : code, count: Number(line.slice(end + 1)) };
}

/** Which requests came between two readings: summed over all labels but the four, those without any left out. */
export function requestsBetween(
  before: readonly RequestCount[],
  after: readonly RequestCount[],
): RequestCount[] {
  const sums = new Map<string, RequestCount>();
  const add = (counts: readonly RequestCount[], sign: 1 | -1): void => {
    for (const each of counts) {
      const key = [each.resource, each.subresource, each.verb, each.code].join(' ');
      const sum = sums.get(key) ?? { ...each, count: 0 };
      sums.set(key, { ...sum, count: sum.count + sign * each.count });
    }
  };
  add(after, 1);
  add(before, -1);
  return [...sums]
    .filter(([, { count }]) => count !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, count]) => count);
}

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE', 'DELETECOLLECTION']);

export function isWrite({ verb }: RequestCount): boolean {
  return WRITES.has(verb);
}

/** Adds the counts up. */
export function total(counts: readonly RequestCount[]): number {
  return counts.reduce((sum, { count }) => sum + count, 0);
}
