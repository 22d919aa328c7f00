import fc from 'fast-check';
import { compileRule } from '../../../src/policy/evaluate-rule.ts';
import type { RequestAttributes } from '../../../src/policy/evaluate.ts';
import { isLongRunning, LONG_RUNNING } from '../../../src/policy/recorded-stages.ts';

const words = (...choices: string[]) => fc.constantFrom(...choices);
const request: fc.Arbitrary<RequestAttributes> = fc.record({
  user: words('alice'),
  groups: fc.constant([]),
  verb: words('get', 'watch', 'proxy', 'list', 'watchlist'),
  namespace: words('', 'default'),
  apiGroup: words('', 'apps'),
  apiVersion: words('v1'),
  resource: words('pods', 'log', 'nodes'),
  subresource: words('', 'log', 'exec', 'attach', 'portforward', 'proxy', 'status'),
  name: words('', 'web'),
  path: words('/debug/pprof', '/debug/pprof/', '/debug/pprof/heap', '/healthz', '/x/debug/pprof/'),
  isResourceRequest: fc.boolean(),
});

test('the patterns of long-running requests match exactly those', () => {
  const patterns = LONG_RUNNING.map((pattern) => compileRule({ level: 'None', ...pattern }));
  fc.assert(
    fc.property(request, (one) => {
      expect(patterns.some((matches) => matches(one))).toBe(isLongRunning(one));
    }),
    { numRuns: 2000 },
  );
});
