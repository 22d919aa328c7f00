import fc from 'fast-check';
import { compilePolicy, evaluate, type RequestAttributes } from '../../../src/policy/evaluate.ts';
import type { AuditPolicy, GroupResources, PolicyRule } from '../../../src/policy/types.ts';
import { plainPolicy, policyOf, request, vocabularyOf } from './arbitraries/policies.ts';
import { hostileString } from './arbitraries/strings.ts';

const POD: RequestAttributes = {
  user: 'alice',
  groups: ['dev', 'ops'],
  verb: 'get',
  namespace: 'default',
  apiGroup: '',
  apiVersion: 'v1',
  resource: 'pods',
  subresource: '',
  name: 'web',
  path: '/api/v1/namespaces/default/pods/web',
  isResourceRequest: true,
};
const LOG = { ...POD, subresource: 'log' };
const DEPLOYMENT = { ...POD, apiGroup: 'apps', resource: 'deployments' };
const HEALTH = { ...POD, resource: '', namespace: '', name: '', path: '/healthz', isResourceRequest: false };

const matches = (rule: Partial<PolicyRule>, attributes: RequestAttributes): boolean =>
  evaluate({ rules: [{ level: 'Request', ...rule }] }, attributes).rule === 0;
const entryMatches = (entry: GroupResources, attributes: RequestAttributes): boolean =>
  matches({ resources: [entry] }, attributes);

describe('conditions of a rule', () => {
  test.each<[string, Partial<PolicyRule>, RequestAttributes, boolean]>([
    ['nothing asked matches a resource', {}, POD, true],
    ['nothing asked matches a URL', {}, HEALTH, true],
    [
      'empty lists ask nothing',
      { users: [], userGroups: [], verbs: [], namespaces: [], resources: [], nonResourceURLs: [] },
      HEALTH,
      true,
    ],
    ['user', { users: ['bob', 'alice'] }, POD, true],
    ['another user', { users: ['bob'] }, POD, false],
    ['* is a user’s name', { users: ['*'] }, POD, false],
    ['no user', { users: [''] }, { ...POD, user: null }, false],
    ['an empty user', { users: [''] }, { ...POD, user: '' }, true],
    ['group', { userGroups: ['ops'] }, POD, true],
    ['another group', { userGroups: ['qa', '*'] }, POD, false],
    ['groups without user', { userGroups: ['dev'] }, { ...POD, user: null }, false],
    ['verb', { verbs: ['list', 'get'] }, POD, true],
    ['another verb', { verbs: ['GET', '*'] }, POD, false],
    ['namespace', { namespaces: ['default'] }, POD, true],
    ['another namespace', { namespaces: ['*', 'kube-system'] }, POD, false],
    ['cluster scope', { namespaces: [''] }, { ...POD, namespace: '' }, true],
    ['namespaces never match URLs', { namespaces: [''] }, HEALTH, false],
    ['resources never match URLs', { resources: [{ group: '*' }] }, HEALTH, false],
    [
      'URLs are ignored beside namespaces',
      { namespaces: ['default'], nonResourceURLs: ['/none'] },
      POD,
      true,
    ],
    ['URLs are ignored beside resources', { resources: [{}], nonResourceURLs: ['*'] }, HEALTH, false],
    ['URLs never match resources', { nonResourceURLs: ['*', POD.path] }, POD, false],
    ['namespace and resource', { namespaces: ['default'], resources: [{ resources: ['pods'] }] }, POD, true],
    [
      'namespace without resource',
      { namespaces: ['default'], resources: [{ resources: ['nodes'] }] },
      POD,
      false,
    ],
    ['user without verb', { users: ['alice'], verbs: ['list'] }, POD, false],
  ])('%s', (_, rule, attributes, expected) => {
    expect(matches(rule, attributes)).toBe(expected);
  });

  test.each<[string, GroupResources, RequestAttributes, boolean]>([
    ['core', {}, POD, true],
    ['core is no other group', {}, DEPLOYMENT, false],
    ['a whole group', { group: 'apps' }, DEPLOYMENT, true],
    ['every group', { group: '*' }, DEPLOYMENT, true],
    ['no prefix of groups', { group: 'app*' }, DEPLOYMENT, false],
    ['pods', { resources: ['pods'] }, POD, true],
    ['pods is not pods/log', { resources: ['pods'] }, LOG, false],
    ['pods/log', { resources: ['pods/log'] }, LOG, true],
    ['pods/log is not pods', { resources: ['pods/log'] }, POD, false],
    ['pods/* takes subresources', { resources: ['pods/*'] }, LOG, true],
    ['pods/* takes pods', { resources: ['pods/*'] }, POD, true],
    ['pods/* takes no other', { resources: ['pods/*'] }, { ...LOG, resource: 'nodes' }, false],
    ['*/log', { resources: ['*/log'] }, LOG, true],
    ['*/log takes no other', { resources: ['*/log'] }, { ...LOG, subresource: 'exec' }, false],
    ['*/log does not take pods', { resources: ['*/log'] }, POD, false],
    ['*/ takes nothing', { resources: ['*/'] }, POD, false],
    ['* takes all', { resources: ['*'] }, POD, true],
    ['* takes subresources', { resources: ['*'] }, LOG, true],
    ['*/* is literal', { resources: ['*/*'] }, LOG, false],
    ['pod* is no wildcard', { resources: ['pod*'] }, POD, false],
    ['name', { resources: ['pods'], resourceNames: ['db', 'web'] }, POD, true],
    ['another name', { resources: ['pods'], resourceNames: ['*'] }, POD, false],
    ['another name of any resource', { resources: ['*'], resourceNames: ['db'] }, POD, false],
    [
      'the empty name is a collection',
      { resources: ['pods'], resourceNames: [''] },
      { ...POD, name: '' },
      true,
    ],
    ['names without resources are ignored', { resourceNames: ['db'] }, POD, true],
  ])('%s', (_, entry, attributes, expected) => {
    expect(entryMatches(entry, attributes)).toBe(expected);
  });

  test.each([
    ['*', '', true],
    ['/healthz', '/healthz', true],
    ['/healthz', '/healthz/etcd', false],
    ['/healthz*', '/healthzz', true],
    ['/healthz/*', '/healthz', false],
    ['/healthz/*', '/healthz/etcd', true],
    ['/a**', '/ab', true],
    ['/a*b', '/axb', false],
    ['/a*b', '/a*b', true],
    ['/a*b*', '/a*bc', true],
    ['', '', true],
  ])('URL %j and path %j: %s', (spec, path, expected) => {
    expect(matches({ nonResourceURLs: ['/other', spec] }, { ...HEALTH, path })).toBe(expected);
  });
});

describe('the decision', () => {
  const policy: AuditPolicy = {
    omitStages: ['RequestReceived', 'Panic', 'Panic'],
    omitManagedFields: true,
    rules: [
      { level: 'Request', verbs: ['list'] },
      {
        level: 'Metadata',
        verbs: ['get'],
        omitStages: ['ResponseStarted', 'Panic'],
        omitManagedFields: false,
      },
      { level: 'RequestResponse', verbs: ['get'] },
    ],
  };

  test('is the first match’s, with both lists of stages', () => {
    expect(evaluate(policy, POD)).toEqual({
      rule: 1,
      level: 'Metadata',
      omitStages: ['Panic', 'RequestReceived', 'ResponseStarted'],
      omitManagedFields: false,
    });
  });

  test('inherits the policy’s managed fields', () => {
    expect(evaluate(policy, { ...POD, verb: 'list' })).toMatchObject({ rule: 0, omitManagedFields: true });
    expect(evaluate({ rules: [{ level: 'None' }] }, POD).omitManagedFields).toBe(false);
    expect(evaluate({ rules: [{ level: 'None', omitManagedFields: true }] }, POD).omitManagedFields).toBe(
      true,
    );
  });

  test('without a match is the policy’s, level None', () => {
    const none = {
      rule: -1,
      level: 'None',
      omitStages: ['Panic', 'RequestReceived'],
      omitManagedFields: true,
    };
    expect(evaluate(policy, { ...POD, verb: 'create' })).toEqual(none);
    expect(evaluate({}, POD)).toEqual({ rule: -1, level: 'None', omitStages: [], omitManagedFields: false });
  });

  test('a compiled policy is not changed by later edits of it', () => {
    const rules = [{ level: 'None', users: ['alice'] }];
    const evaluator = compilePolicy({ rules });
    rules[0]?.users.pop();
    rules.pop();
    expect(evaluator({ ...POD, user: 'bob' }).rule).toBe(-1);
    expect(evaluator(POD).rule).toBe(0);
  });
});

/** The rules read off their description, one condition at a time, with nothing prepared. */
function naiveRule({ rules = [] }: AuditPolicy, attributes: RequestAttributes): number {
  const isIn = (list: string[] | undefined, value: string) => !list?.length || list.includes(value);
  const takes = ({ group = '', resources = [], resourceNames }: GroupResources) => {
    const { resource, subresource, apiGroup, name } = attributes;
    if (group !== '*' && group !== apiGroup) return false;
    if (resources.length === 0) return true;
    return resources.some((spec) => {
      if (!isIn(resourceNames, name)) return false;
      if (spec === '*' || spec === `${resource}${subresource && '/'}${subresource}`) return true;
      return (subresource !== '' && spec === `*/${subresource}`) || spec === `${resource}/*`;
    });
  };
  return rules.findIndex((rule) => {
    const { users, userGroups = [], verbs, namespaces = [], resources = [], nonResourceURLs = [] } = rule;
    if (users?.length && (attributes.user === null || !users.includes(attributes.user))) return false;
    const groups = attributes.user === null ? [] : attributes.groups;
    if (userGroups.length > 0 && !groups.some((group) => userGroups.includes(group))) return false;
    if (!isIn(verbs, attributes.verb)) return false;
    if (namespaces.length > 0 || resources.length > 0) {
      if (!attributes.isResourceRequest || !isIn(namespaces, attributes.namespace)) return false;
      return resources.length === 0 || resources.some(takes);
    }
    if (nonResourceURLs.length === 0) return true;
    if (attributes.isResourceRequest) return false;
    return nonResourceURLs.some((spec) => {
      let prefix = spec;
      while (prefix.endsWith('*')) prefix = prefix.slice(0, -1);
      return prefix === spec ? attributes.path === spec : attributes.path.startsWith(prefix);
    });
  });
}

describe('properties', () => {
  test('evaluation agrees with a naive reading', () => {
    fc.assert(
      fc.property(plainPolicy, request, (policy, attributes) => {
        const decision = evaluate(policy, attributes);
        expect(decision.rule).toBe(naiveRule(policy, attributes));
        expect(decision.level).toBe(policy.rules?.[decision.rule]?.level ?? 'None');
      }),
      { numRuns: 2000 },
    );
  });

  test('evaluation is total, whatever the strings', () => {
    fc.assert(
      fc.property(
        policyOf(vocabularyOf(hostileString)),
        request,
        hostileString,
        (policy, attributes, text) => {
          const { rule, omitStages } = evaluate(policy, {
            ...attributes,
            user: text,
            path: text,
            resource: text,
          });
          expect(rule).toBeLessThan(policy.rules?.length ?? 0);
          expect(omitStages).toEqual([...new Set(omitStages)].sort());
        },
      ),
    );
  });
});
