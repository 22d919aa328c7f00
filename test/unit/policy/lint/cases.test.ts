import { readPolicySpec } from '../../../../src/policy/content.ts';
import { lintPolicy, type Finding, type LintOptions } from '../../../../src/policy/lint/lint.ts';
import { LINT_RULES } from '../../../../src/policy/lint/registry.ts';
import type { Profile } from '../../../../src/policy/lint/profiles.ts';

const REST = { level: 'Metadata' };
const secrets = (level: string, extra = {}) => ({ level, resources: [{ resources: ['secrets'] }], ...extra });

/** What the linter's rule finds, under a profile that it belongs to. */
function found(id: string, policy: object, options: LintOptions = {}): Finding[] {
  const profile = LINT_RULES.find((rule) => rule.id === id)?.profiles[0] ?? 'baseline';
  const content = readPolicySpec({ policy });
  expect(content.accepted).toBeDefined();
  const { findings } = lintPolicy(content, { profiles: [profile], ...options });
  return findings.filter((finding) => finding.id === id);
}

type Case = [id: string, why: string, rules: object[], paths: string[]];

test.each<Case>([
  [
    'AP008',
    'a star in names',
    [secrets('Metadata', { resources: [{ resources: ['secrets'], resourceNames: ['a*'] }] })],
    ['rules[0].resources[0].resourceNames[0]'],
  ],
  [
    'AP008',
    'stars of resources and URLs are wildcards',
    [
      { level: 'None', nonResourceURLs: ['*'] },
      { ...REST, resources: [{ resources: ['*'] }] },
    ],
    [],
  ],
  ['AP009', 'methods on URLs', [{ ...REST, verbs: ['get', 'post', 'head'], nonResourceURLs: ['/x'] }], []],
  ['AP009', 'list on a URL', [{ ...REST, verbs: ['list'], nonResourceURLs: ['/x'] }], ['rules[0].verbs[0]']],
  ['AP009', 'either, where a rule is for both', [{ ...REST, verbs: ['list', 'post'] }], []],
  [
    'AP010',
    'the subresource of another',
    [{ ...REST, resources: [{ resources: ['pods/scale'] }] }],
    ['rules[0].resources[0].resources[0]'],
  ],
  [
    'AP010',
    'groups that nobody knows',
    [{ ...REST, resources: [{ group: 'example.com', resources: ['widgets'] }] }],
    [],
  ],
  ['AP010', 'wildcards', [{ ...REST, resources: [{ resources: ['*', 'pods/*', '*/scale'] }] }], []],
  [
    'AP010',
    'the parent of a wildcard',
    [{ ...REST, resources: [{ resources: ['pod/*'] }] }],
    ['rules[0].resources[0].resources[0]'],
  ],
  ['AP011', 'a resource of three parts', [{ ...REST, resources: [{ resources: ['a/b/c'] }] }], ['rules[0]']],
  [
    'AP012',
    'an earlier rule that names the resource is meant',
    [secrets('None', { users: ['a'] }), secrets('Metadata'), REST],
    [],
  ],
  [
    'AP012',
    'a whole group is not',
    [{ level: 'None', users: ['a'], resources: [{}] }, secrets('Metadata'), REST],
    ['rules[1]'],
  ],
  [
    'AP012',
    'what takes nothing of it',
    [{ level: 'None', verbs: ['list'] }, secrets('Metadata', { verbs: ['get'] }), REST],
    [],
  ],
  [
    'AP012',
    'bodies of deletes hold nothing',
    [{ level: 'Request', verbs: ['delete'] }, secrets('Metadata'), REST],
    [],
  ],
  [
    'AP012',
    'bodies of creates do',
    [{ level: 'Request', verbs: ['create'] }, secrets('Metadata'), REST],
    ['rules[1]'],
  ],
  [
    'AP012',
    'resources that are not sensitive',
    [{ level: 'None', users: ['a'] }, { ...REST, resources: [{ resources: ['pods'] }] }, REST],
    [],
  ],
  ['AP013', 'an explicit None', [secrets('Metadata'), { level: 'None' }], []],
  [
    'AP013',
    'all resources and all URLs',
    [
      { ...REST, resources: [{ group: '*' }] },
      { ...REST, nonResourceURLs: ['*'] },
    ],
    [],
  ],
  ['AP014', 'a rule that nobody reaches does not count', [{ level: 'None' }, REST], ['rules']],
  ['AP014', 'one that anybody reaches does', [{ level: 'None', verbs: ['get'] }, REST], []],
  [
    'AP020',
    'a read at Request has no body',
    [{ level: 'Request', verbs: ['get', 'list', 'watch'] }, REST],
    [],
  ],
  [
    'AP020',
    'at RequestResponse it has',
    [{ level: 'RequestResponse', verbs: ['get'] }, REST],
    ['rules[0].level'],
  ],
  ['AP020', 'for one user alone', [{ level: 'Request', users: ['a'] }, REST], ['rules[0].level']],
  [
    'AP020',
    'both levels',
    [{ level: 'Request', verbs: ['create'] }, { level: 'RequestResponse', verbs: ['get'] }, REST],
    ['rules[0].level', 'rules[1].level'],
  ],
  ['AP021', 'another verb', [{ level: 'RequestResponse', verbs: ['get'] }, REST], []],
  [
    'AP022',
    'OAuth tokens',
    [{ level: 'Request', resources: [{ group: 'oauth.openshift.io' }] }, REST],
    ['rules[0].level'],
  ],
  ['AP023', 'no rule for them', [{ ...REST, resources: [{ resources: ['pods'] }] }], ['rules']],
  [
    'AP023',
    'but failed logins',
    [
      secrets('Metadata', { userGroups: ['system:authenticated', 'system:unauthenticated'] }),
      { level: 'None' },
    ],
    [],
  ],
  ['AP025', 'get is forgotten', [{ ...REST, verbs: ['create'] }, { level: 'None' }], ['rules[1].level']],
  ['AP025', 'create is forgotten', [{ ...REST, verbs: ['get'] }, { level: 'None' }], ['rules[1].level']],
  ['AP025', 'both are there', [{ ...REST, verbs: ['get', 'create'] }, { level: 'None' }], []],
  [
    'AP026',
    'ephemeral containers',
    [{ ...REST, resources: [{ resources: ['pods/attach', 'nodes/proxy', 'nodes/log'] }] }, { level: 'None' }],
    ['rules[1].level'],
  ],
  ['AP027', 'at Metadata', [REST], ['rules[0].level']],
  ['AP027', 'reads may be', [{ ...REST, verbs: ['get', 'list', 'watch'] }, { level: 'Request' }], []],
  [
    'AP028',
    'approvals of certificates',
    [
      {
        level: 'None',
        resources: [{ group: 'certificates.k8s.io', resources: ['certificatesigningrequests/approval'] }],
      },
      REST,
    ],
    ['rules[0].level'],
  ],
  [
    'AP029',
    'reads only',
    [{ level: 'None', userGroups: ['system:masters'], verbs: ['get', 'list', 'watch'] }, REST],
    [],
  ],
  [
    'AP029',
    'some resources only',
    [{ level: 'None', userGroups: ['system:nodes'], resources: [{ resources: ['nodes'] }] }, REST],
    [],
  ],
  [
    'AP029',
    'a ServiceAccount of kube-system',
    [{ level: 'None', users: ['system:serviceaccount:kube-system:x'] }, REST],
    ['rules[0]'],
  ],
  [
    'AP029',
    'after a rule that takes the changes',
    [
      { ...REST, verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'] },
      { level: 'None', userGroups: ['system:masters'] },
      REST,
    ],
    [],
  ],
  [
    'AP030',
    'health checks',
    [
      {
        level: 'None',
        users: ['system:anonymous'],
        nonResourceURLs: ['/healthz*', '/readyz', '/livez/*', '/version'],
      },
      REST,
    ],
    [],
  ],
  [
    'AP030',
    'another URL',
    [{ level: 'None', users: ['system:anonymous'], nonResourceURLs: ['/healthz', '/metrics'] }, REST],
    ['rules[0].nonResourceURLs[1]'],
  ],
  [
    'AP030',
    'resources',
    [{ level: 'None', users: ['system:anonymous'], resources: [{ group: '*' }] }, REST],
    ['rules[0]'],
  ],
  [
    'AP031',
    'Panic, of a rule',
    [{ ...REST, omitStages: ['RequestReceived', 'Panic'] }],
    ['rules[0].omitStages[1]'],
  ],
  ['AP031', 'of a rule that records nothing', [{ level: 'None', omitStages: ['Panic'] }, REST], []],
  ['AP032', 'rules that leave it out themselves', [{ ...REST, omitStages: ['RequestReceived'] }], []],
  ['AP033', 'rules that say so themselves', [{ level: 'Request', omitManagedFields: false }], []],
  [
    'AP034',
    'after a rule that takes the reads',
    [{ ...REST, verbs: ['get', 'list', 'watch'] }, { level: 'RequestResponse' }],
    [],
  ],
  [
    'AP036',
    'any prefix of /api',
    [{ level: 'None', nonResourceURLs: ['/ap*', '/api', '/apis/*', '/healthz*'] }, REST],
    ['rules[0].nonResourceURLs[0]', 'rules[0].nonResourceURLs[2]'],
  ],
  ['AP036', 'at another level', [{ ...REST, nonResourceURLs: ['*'] }], []],
  [
    'AP037',
    'namespaces themselves',
    [{ ...REST, namespaces: ['a'], resources: [{ resources: ['namespaces', 'pods'] }] }],
    [],
  ],
  [
    'AP038',
    'creates of subresources have a name',
    [{ ...REST, verbs: ['create'], resources: [{ resources: ['pods/exec'], resourceNames: ['a'] }] }],
    [],
  ],
  [
    'AP038',
    'the name of collections',
    [{ ...REST, verbs: ['list'], resources: [{ resources: ['pods'], resourceNames: [''] }] }],
    [],
  ],
  ['AP038', 'without verbs', [{ ...REST, resources: [{ resources: ['pods'], resourceNames: ['a'] }] }], []],
  [
    'AP039',
    'another rule names it',
    [
      { level: 'Request', resources: [{ resources: ['deployments'], group: 'apps' }] },
      { ...REST, resources: [{ group: 'apps', resources: ['deployments/status', '*/scale'] }] },
      { level: 'Request' },
    ],
    [],
  ],
  [
    'AP039',
    'reads only',
    [{ level: 'Request', verbs: ['get'], resources: [{ resources: ['pods'] }] }, REST],
    [],
  ],
  [
    'AP040',
    'two rules',
    [{ level: 'RequestResponse', verbs: ['get'] }, { level: 'RequestResponse' }],
    ['rules'],
  ],
  ['AP040', 'a condition', [{ level: 'RequestResponse', verbs: ['get'] }], ['rules']],
  ['AP042', 'two hundred rules', Array.from({ length: 200 }, () => REST), []],
  ['AP042', 'three hundred thousand bytes', [{ ...REST, users: ['u'.repeat(300_000)] }], ['rules']],
  ['AP046', 'when the rest is recorded', [{ level: 'Request', users: ['system:anonymous'] }, REST], []],
  ['AP046', 'a rule that drops them', [{ level: 'None', users: ['system:anonymous'] }], []],
  ['AP047', 'a rule for both kinds', [{ level: 'Request' }], []],
])('%s: %s', (id, _, rules, paths) => {
  expect(found(id, { rules }).map(({ path }) => path)).toEqual(paths);
});

test('AP011 names the rules in the way, of many the first ten', () => {
  const one = (i: number) => ({ level: 'Metadata', verbs: [`v${i}`] });
  const messageBehind = (count: number) => {
    const rules = Array.from({ length: count }, (_, i) => one(i));
    const verbs = rules.flatMap((rule) => rule.verbs);
    return found('AP011', { rules: [...rules, { level: 'None', verbs }] })[0]?.message;
  };
  expect(messageBehind(1)).toBe('no request reaches rules[1]: rules[0] takes all that it would match');
  expect(messageBehind(3)).toContain(': rules[0], rules[1] and rules[2] take all');
  expect(messageBehind(12)).toContain('rules[9] and 2 more take all');
});

test('AP021 and AP022 under allow-list alone count RequestResponse only', () => {
  const rules = [{ level: 'Request' }];
  const under = (...profiles: Profile[]) =>
    ['AP021', 'AP022'].map((id) => found(id, { rules }, { profiles }).length);
  expect(under('allow-list')).toEqual([0, 0]);
  expect(under('allow-list', 'stig')).toEqual([0, 0]);
  expect(under('allow-list', 'baseline')).toEqual([1, 1]);
  expect(
    found('AP021', { rules: [{ level: 'RequestResponse' }] }, { profiles: ['allow-list'] }),
  ).toHaveLength(1);
});

test('AP022 takes the kinds of a fleet', () => {
  const policy = { rules: [{ level: 'Request', resources: [{ group: 'example.com' }] }, REST] };
  const credentials = [{ group: 'example.com', resources: ['widgets'] }];
  expect(found('AP022', policy)).toEqual([]);
  expect(found('AP022', policy, { credentials })).toMatchObject([
    { witness: { request: { apiGroup: 'example.com', resource: 'widgets', verb: 'create' } } },
  ]);
});

test('AP035 names what is recorded, and only that', () => {
  const dropped = { level: 'None', resources: [{ group: 'coordination.k8s.io' }, { resources: ['events'] }] };
  const [finding] = found('AP035', { rules: [dropped, REST] });
  expect(finding).toMatchObject({
    path: 'rules[1].level',
    message: expect.not.stringMatching(/leases|[ ,]events/) as unknown,
  });
  expect(finding?.message).toContain('endpoints, endpointslices, the status of nodes');
});

test('AP044 looks at rules, too', () => {
  const policy = { omitManagedFields: true, rules: [{ level: 'Request', omitManagedFields: false }] };
  const at = (minor: number) =>
    found('AP044', policy, { version: { major: 1, minor } }).map(({ path }) => path);
  expect(at(22).sort()).toEqual(['omitManagedFields', 'rules[0].omitManagedFields']);
  expect(at(23)).toEqual([]);
});
