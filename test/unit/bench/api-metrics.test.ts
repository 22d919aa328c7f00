import { isWrite, readRequestCounts, requestsBetween, total } from '../../../bench/measure/api-metrics.ts';

const METRICS = `
# HELP apiserver_request_total [STABLE] Counter of apiserver requests
# TYPE apiserver_request_total counter
apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="configmaps",scope="resource",subresource="",verb="PATCH",version="v1"} 3
apiserver_request_total{code="200",component="apiserver",dry_run="All",group="",resource="configmaps",scope="resource",subresource="",verb="PATCH",version="v1"} 2
apiserver_request_total{code="200",component="",dry_run="",group="",resource="",scope="",subresource="/metrics",verb="GET",version=""} 9
apiserver_request_total{code="409",component="apiserver",dry_run="",group="g{\\"}",resource="helmreleases",scope="resource",subresource="status",verb="APPLY",version="v2"} 1e+06
apiserver_longrunning_requests{component="apiserver",group="",resource="configmaps",scope="namespace",subresource="",verb="WATCH",version="v1"} 4
apiserver_request_duration_seconds_count{resource="configmaps",verb="PATCH"} 77
`;

describe('readRequestCounts', () => {
  test('reads answered requests of resources and watches under way, whatever the labels hold', () => {
    expect(readRequestCounts(METRICS)).toEqual([
      { verb: 'PATCH', resource: 'configmaps', subresource: '', code: '200', count: 3 },
      { verb: 'PATCH', resource: 'configmaps', subresource: '', code: '200', count: 2 },
      { verb: 'APPLY', resource: 'helmreleases', subresource: 'status', code: '409', count: 1_000_000 },
      { verb: 'WATCH', resource: 'configmaps', subresource: '', code: 'open', count: 4 },
    ]);
  });
});

describe('requestsBetween', () => {
  const count = (verb: string, count: number) => ({
    verb,
    resource: 'configmaps',
    subresource: '',
    code: '200',
    count,
  });

  test('adds up what differs in other labels, and leaves out what did not happen', () => {
    const before = [count('PATCH', 3), count('PATCH', 2), count('GET', 5)];
    const after = [count('PATCH', 4), count('PATCH', 6), count('GET', 5), count('POST', 1)];
    expect(requestsBetween(before, after)).toEqual([count('PATCH', 5), count('POST', 1)]);
  });

  test('a watch that has ended is one less under way', () => {
    const open = { ...count('WATCH', 2), code: 'open' };
    expect(requestsBetween([open], [{ ...open, count: 1 }])).toEqual([{ ...open, count: -1 }]);
  });
});

test('writes are all verbs that change something', () => {
  const verbs = ['GET', 'LIST', 'WATCH', 'POST', 'PUT', 'PATCH', 'APPLY', 'DELETE', 'DELETECOLLECTION'];
  const counts = verbs.map((verb) => ({ verb, resource: 'events', subresource: '', code: '200', count: 1 }));
  expect(total(counts.filter(isWrite))).toBe(6);
});
