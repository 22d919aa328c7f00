import fc from 'fast-check';
import { compilePolicy } from '../../../../src/policy/evaluate.ts';
import { PolicyPair } from '../../../../src/policy/requests/pair.ts';
import type { RequestPattern } from '../../../../src/policy/requests/pattern.ts';
import type { AuditPolicy } from '../../../../src/policy/types.ts';
import { plainPolicy, request } from '../arbitraries/policies.ts';

const EVERY: RequestPattern = {};
const served = request.filter(
  ({ resource, subresource }) => !resource.includes('/') && !subresource.includes('/'),
);

test('a request that each policy decides by the rule asked for, and no request does without being found', () => {
  fc.assert(
    fc.property(
      plainPolicy,
      plainPolicy,
      fc.array(served, { minLength: 20, maxLength: 20 }),
      (before, after, requests) => {
        const pair = new PolicyPair(before, after, { patterns: [EVERY] });
        const [decideBefore, decideAfter] = [compilePolicy(before), compilePolicy(after)];
        const decided = new Set(requests.map((one) => `${decideBefore(one).rule} ${decideAfter(one).rule}`));
        const places = ({ rules = [] }: AuditPolicy) => [-1, ...rules.keys()];
        const asked = places(before).flatMap((one) => places(after).map((other) => [one, other] as const));
        const wrong = asked.filter(([one, other]) => {
          const found = pair.find(EVERY, (first, second) => first === one && second === other);
          if (typeof found !== 'object') return found === 'undecided' || decided.has(`${one} ${other}`);
          const rules = [found.a, found.b];
          const really = [decideBefore(found.request).rule, decideAfter(found.request).rule];
          return ![rules, really].every(([first, second]) => first === one && second === other);
        });
        expect(wrong).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});

test('policies that are too large to divide: undecided', () => {
  const rules = Array.from({ length: 9000 }, (_, i) => ({
    level: 'None',
    users: [`user-${i}`],
    verbs: ['get'],
  }));
  expect(new PolicyPair({ rules }, { rules }, { patterns: [EVERY] }).find(EVERY, () => true)).toBe(
    'undecided',
  );
});

test('looking for the rules that match a pattern is paid for, even if none does', () => {
  const rules = Array.from({ length: 30 }, (_, i) => ({
    level: 'Metadata',
    verbs: ['get'],
    resources: [{ group: `group-${i}` }],
  }));
  const nobodys = { verbs: ['list'] };
  const ask = (maxTotal: number) =>
    new PolicyPair({ rules }, { rules }, { patterns: [nobodys], maxTotal }).find(
      nobodys,
      (a, b) => a !== -1 || b !== -1,
    );
  expect(ask(10_000)).toBeUndefined();
  expect(ask(20)).toBe('undecided');
});
