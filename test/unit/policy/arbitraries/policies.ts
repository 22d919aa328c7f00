import fc from 'fast-check';
import type { RequestAttributes } from '../../../../src/policy/evaluate.ts';
import {
  LEVELS,
  STAGES,
  type AuditPolicy,
  type GroupResources,
  type PolicyRule,
} from '../../../../src/policy/types.ts';

/** What to draw the strings of a policy from, by field. */
export interface Vocabulary {
  level: fc.Arbitrary<string>;
  stage: fc.Arbitrary<string>;
  user: fc.Arbitrary<string>;
  userGroup: fc.Arbitrary<string>;
  verb: fc.Arbitrary<string>;
  namespace: fc.Arbitrary<string>;
  group: fc.Arbitrary<string>;
  resource: fc.Arbitrary<string>;
  name: fc.Arbitrary<string>;
  url: fc.Arbitrary<string>;
}

const words = (...choices: string[]) => fc.constantFrom(...choices);

/** Few values that meet often, so that rules match; valid for upstream's validator except `group: "*"` before 1.36. */
export const plainVocabulary: Vocabulary = {
  level: fc.constantFrom(...LEVELS),
  stage: fc.constantFrom(...STAGES),
  user: words('alice', 'bob', '', '*', 'system:anonymous'),
  userGroup: words('dev', 'ops', '*', '', 'system:masters'),
  verb: words('get', 'list', 'create', '*', ''),
  namespace: words('', 'default', 'kube-system', '*'),
  group: words('', 'apps', 'batch', '*'),
  resource: words(
    '*',
    'pods',
    'pods/log',
    'pods/*',
    '*/log',
    '*/*',
    'pod*',
    '/*',
    '*/',
    '/',
    '',
    'a/b/*',
    '*/b/c',
    'nodes',
  ),
  name: words('', 'web', 'db', '*'),
  url: words('*', '/', '/*', '/api*', '/api/*', '/healthz', '/healthz*', '/a*b', '/a**', '/api/v1/pods'),
};

/** Every string is drawn from one arbitrary. */
export function vocabularyOf(text: fc.Arbitrary<string>): Vocabulary {
  const { level, stage, user, userGroup, verb, namespace, group, resource, name, url } = {
    ...plainVocabulary,
    ...Object.fromEntries(Object.keys(plainVocabulary).map((key) => [key, text])),
  };
  return { level, stage, user, userGroup, verb, namespace, group, resource, name, url };
}

const shortList = (item: fc.Arbitrary<string>) => fc.array(item, { maxLength: 3 });

function entryOf(vocabulary: Vocabulary): fc.Arbitrary<GroupResources> {
  return fc.record(
    {
      group: vocabulary.group,
      resources: shortList(vocabulary.resource),
      resourceNames: shortList(vocabulary.name),
    },
    { requiredKeys: [] },
  );
}

function ruleOf(vocabulary: Vocabulary): fc.Arbitrary<PolicyRule> {
  return fc.record(
    {
      level: vocabulary.level,
      users: shortList(vocabulary.user),
      userGroups: shortList(vocabulary.userGroup),
      verbs: shortList(vocabulary.verb),
      resources: fc.array(entryOf(vocabulary), { maxLength: 3 }),
      namespaces: shortList(vocabulary.namespace),
      nonResourceURLs: shortList(vocabulary.url),
      omitStages: shortList(vocabulary.stage),
      omitManagedFields: fc.boolean(),
    },
    { requiredKeys: ['level'] },
  );
}

/** Policies of any shape, with zero to five rules or none at all. */
export function policyOf(vocabulary: Vocabulary): fc.Arbitrary<AuditPolicy> {
  return fc.record(
    {
      rules: fc.array(ruleOf(vocabulary), { maxLength: 5 }),
      omitStages: shortList(vocabulary.stage),
      omitManagedFields: fc.boolean(),
    },
    { requiredKeys: [] },
  );
}

export const plainPolicy: fc.Arbitrary<AuditPolicy> = policyOf(plainVocabulary);

/** Requests in the words of `plainVocabulary`. */
export const request: fc.Arbitrary<RequestAttributes> = fc.record({
  user: fc.option(words('alice', 'bob', '', '*'), { nil: null }),
  groups: shortList(words('dev', 'ops', '*', '')),
  verb: words('get', 'list', 'create', '*', ''),
  namespace: words('', 'default', 'kube-system', '*'),
  apiGroup: words('', 'apps', '*'),
  apiVersion: words('v1', ''),
  resource: words('pods', 'nodes', '*', '', 'a', 'a/b'),
  subresource: words('', '', 'log', '*', 'b', 'b/c'),
  name: words('', 'web', '*'),
  path: words('/', '/api', '/api/v1/pods', '/healthz', '/healthzz', '/a*b', '/a', '', '*'),
  isResourceRequest: fc.boolean(),
});
