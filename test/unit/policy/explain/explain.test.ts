import fc from 'fast-check';
import { explain } from '../../../../src/policy/explain/explain.ts';
import { firstMismatch } from '../../../../src/policy/explain/criteria.ts';
import { compileRule } from '../../../../src/policy/evaluate-rule.ts';
import { evaluate, type RequestAttributes } from '../../../../src/policy/evaluate.ts';
import type { AuditPolicy, PolicyRule } from '../../../../src/policy/types.ts';
import { plainPolicy, request } from '../arbitraries/policies.ts';

const POD: RequestAttributes = {
  user: 'alice',
  groups: ['dev'],
  verb: 'get',
  namespace: 'prod',
  apiGroup: '',
  apiVersion: 'v1',
  resource: 'pods',
  subresource: '',
  name: 'web',
  path: '/api/v1/namespaces/prod/pods/web',
  isResourceRequest: true,
};
const LOG = { ...POD, subresource: 'log' };
const LIST = { ...POD, verb: 'list', name: '' };
const NODE = { ...POD, namespace: '', resource: 'nodes' };
const DEPLOYMENT = { ...POD, apiGroup: 'apps', resource: 'deployments' };
const URL = { ...POD, resource: '', namespace: '', name: '', path: '/metrics', isResourceRequest: false };
const FAILED = { ...POD, user: null, groups: [] };

describe('of any policy and request', () => {
  test('the rule that is said to decide is the one that the evaluator names', () => {
    fc.assert(
      fc.property(plainPolicy, request, (policy, asked) => {
        const { decision, rules } = explain(policy, asked);
        expect(decision).toEqual(evaluate(policy, asked));
        expect(rules.findIndex(({ verdict }) => verdict === 'decides')).toBe(decision.rule);
        // Without the evaluator's word for the whole: the first rule of which no criterion fails.
        expect(rules.findIndex(({ mismatch }) => mismatch === undefined)).toBe(decision.rule);
      }),
      { numRuns: 3000 },
    );
  });

  test('a rule has a criterion that fails if and only if it does not match', () => {
    fc.assert(
      fc.property(plainPolicy, request, ({ rules = [] }, asked) => {
        for (const rule of rules) {
          const mismatch = firstMismatch(rule, asked);
          expect(mismatch === undefined).toBe(compileRule(rule)(asked));
          if (mismatch === undefined) continue;
          expect(rule[mismatch.field]).not.toEqual([]);
          // Without that criterion, and those after it, nothing fails any more.
          expect(firstMismatch(before(rule, mismatch.field), asked)).toBeUndefined();
        }
      }),
      { numRuns: 3000 },
    );
  });
});

const ORDER = ['users', 'userGroups', 'verbs', 'namespaces', 'resources', 'nonResourceURLs'] as const;

/** The rule with the criteria only that are asked before a field. */
function before(rule: PolicyRule, field: (typeof ORDER)[number]): PolicyRule {
  const kept = ORDER.slice(0, ORDER.indexOf(field));
  return { level: rule.level, ...Object.fromEntries(kept.map((name) => [name, rule[name]])) };
}

test.each<[string, Partial<PolicyRule>, RequestAttributes, string]>([
  ['user', { users: ['bob'] }, POD, 'users: "alice" is not among "bob"'],
  ['a star', { users: ['*'] }, POD, 'users: "alice" is not among "*" ("*" is no wildcard here)'],
  ['no user', { users: ['bob'] }, FAILED, 'users: the request has no user'],
  ['no user, groups', { userGroups: ['x'] }, FAILED, 'userGroups: the request has no user'],
  ['group', { userGroups: ['ops'] }, POD, 'userGroups: none of "dev" is among "ops"'],
  ['no group', { userGroups: ['ops'] }, { ...POD, groups: [] }, 'userGroups: the user is in no group'],
  ['verb', { verbs: ['list', 'watch'] }, POD, 'verbs: "get" is not among "list", "watch"'],
  ['the first that fails', { users: ['bob'], verbs: ['list'] }, POD, 'users: "alice" is not among "bob"'],
  ['namespace', { namespaces: ['dev'] }, POD, 'namespaces: "prod" is not among "dev"'],
  [
    'cluster scope',
    { namespaces: ['dev'] },
    NODE,
    'namespaces: cluster scope (""), which is not among "dev"',
  ],
  [
    'a URL and namespaces',
    { namespaces: ['dev'] },
    URL,
    'namespaces: a request to a URL, and the rule is for resources',
  ],
  [
    'a URL and resources',
    { resources: [{}], nonResourceURLs: ['*'] },
    URL,
    'resources: a request to a URL, and the rule is for resources',
  ],
  [
    'a resource and URLs',
    { nonResourceURLs: ['*'] },
    POD,
    'nonResourceURLs: a request for a resource, and the rule is for URLs',
  ],
  ['URL', { nonResourceURLs: ['/api*'] }, URL, 'nonResourceURLs: "/metrics" matches none of "/api*"'],
  [
    'API group',
    { resources: [{ resources: ['deployments'] }, { group: 'batch' }] },
    DEPLOYMENT,
    'resources: the group "apps" is not among its groups "", "batch"',
  ],
  [
    'core group',
    { resources: [{ group: 'apps' }] },
    POD,
    'resources: the core group is not among its groups "apps"',
  ],
  [
    'resource',
    { resources: [{ resources: ['secrets'] }] },
    POD,
    'resources: "pods" is not among "secrets" of the core group',
  ],
  [
    'subresource forgotten',
    { resources: [{ resources: ['pods'] }] },
    LOG,
    'resources: "pods/log" is not among "pods" of the core group; "pods" does not take its subresources, "pods/*" does',
  ],
  [
    'name',
    { resources: [{ resources: ['pods'], resourceNames: ['db'] }] },
    POD,
    'resources: the name "web" is not among "db"',
  ],
  [
    'no name',
    { resources: [{ resources: ['pods'], resourceNames: ['db'] }] },
    LIST,
    'resources: the request names no object, and the entry asks for "db"',
  ],
  [
    'many',
    { verbs: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] },
    POD,
    'verbs: "get" is not among "a", "b", "c", "d", "e", "f" and 2 more',
  ],
])('why not: %s', (_, rule, asked, expected) => {
  const { field, reason } = firstMismatch({ level: 'None', ...rule }, asked) ?? { field: '', reason: '' };
  expect(`${field}: ${reason}`).toBe(expected);
});

test('a rule that matches too late is told from one that does not match', () => {
  const policy: AuditPolicy = {
    rules: [{ level: 'None', users: ['bob'] }, { level: 'Metadata' }, { level: 'Request' }],
  };
  expect(explain(policy, POD).rules.map(({ verdict }) => verdict)).toEqual(['no', 'decides', 'late']);
});

test.each<[string, AuditPolicy, RequestAttributes, string[]]>([
  ['what no rule matches', {}, POD, []],
  [
    'a failed login',
    { rules: [{ level: 'Request' }] },
    { ...LIST, user: null, groups: [] },
    ['ResponseStarted'],
  ],
  [
    'a failed login, its stage omitted',
    { rules: [{ level: 'Request' }], omitStages: ['ResponseStarted'] },
    { ...LIST, verb: 'watch', user: null, groups: [] },
    [],
  ],
  ['None', { rules: [{ level: 'None' }] }, POD, []],
  ['a get', { rules: [{ level: 'Metadata' }] }, POD, ['RequestReceived', 'ResponseComplete', 'Panic']],
  [
    'a watch',
    { rules: [{ level: 'Metadata' }], omitStages: ['RequestReceived'] },
    { ...LIST, verb: 'watch' },
    ['ResponseStarted', 'ResponseComplete', 'Panic'],
  ],
  [
    'a log that streams',
    { rules: [{ level: 'Metadata', omitStages: ['Panic'] }], omitStages: ['RequestReceived'] },
    LOG,
    ['ResponseStarted', 'ResponseComplete'],
  ],
  [
    'every stage omitted',
    { rules: [{ level: 'Metadata', omitStages: ['RequestReceived', 'ResponseComplete', 'Panic'] }] },
    POD,
    [],
  ],
])('the stages of %s', (_, policy, asked, stages) => {
  expect(explain(policy, asked).stages).toEqual(stages);
});
