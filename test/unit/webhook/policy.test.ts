import { MOST_LINTED_BYTES, MOST_LINTED_VALUES } from '../../../src/webhook/lint.ts';
import { judgePolicy, MANY_RULES, MOST_VALUES, type PolicyFacts } from '../../../src/webhook/policy.ts';
import { create, deployment, policyObject, update } from './requests.ts';

const FACTS: PolicyFacts = { clusters: [], assumedVersion: { major: 1, minor: 34 } };
const GOOD = { rules: [{ level: 'Metadata' }] };
const BAD = { rules: [{ level: 'Metdata' }] };
const FROM_1_36 = { rules: [{ level: 'Metadata', resources: [{ group: '*' }] }] };

const judge = (policy: unknown, facts = FACTS) => judgePolicy(create(policyObject(policy)), facts);

describe('a policy that no supported kube-apiserver takes', () => {
  test("is refused with k0rdent's message, letter for letter, and what was meant", () => {
    expect(judge(BAD)).toEqual({
      allowed: false,
      code: 422,
      reason: 'Invalid',
      message:
        'the ClusterAuditPolicy is invalid: invalid audit policy provided: rules[0].level: Unsupported value: "Metdata": supported values: "None", "Metadata", "Request", "RequestResponse"; rules[0].level: did you mean "Metadata"?',
      warnings: [],
    });
  });

  test('several mistakes: in brackets, as upstream has them', () => {
    const { message } = judge({ rules: [{ level: 'x' }, { level: '' }] });
    expect(message).toBe(
      'the ClusterAuditPolicy is invalid: invalid audit policy provided: [rules[0].level: Unsupported value: "x": supported values: "None", "Metadata", "Request", "RequestResponse", rules[1].level: Required value]',
    );
  });

  test.each([
    ['a misspelt field', { rules: [{ level: 'None', user: ['a'] }] }, 'did you mean "users"?'],
    ['a field one level too high', undefined, 'spec.policy'],
    ['no rules', { rules: [] }, 'loaded illegal policy with 0 rules'],
    ['a rule that is a text', { rules: ['None'] }, 'write level: None'],
    [
      'an unknown stage',
      { rules: [{ level: 'None' }], omitStages: ['requestReceived'] },
      '"RequestReceived"',
    ],
    [
      'too large for a ConfigMap',
      { rules: [{ level: 'None', users: Array<string>(1100).fill('a'.repeat(1000)) }] },
      'a ConfigMap takes 1048576',
    ],
  ])('%s', (_, policy, part) => {
    const { allowed, message } = judge(policy);
    expect(allowed).toBe(false);
    expect(message).toContain('the ClusterAuditPolicy is invalid: invalid audit policy provided: ');
    expect(message).toContain(part);
  });

  test('misspelt field and level are told at once', () => {
    const { message } = judge({ rules: [{ level: 'Metdata', verb: ['get'] }] });
    expect(message).toContain('rules[0].level: Unsupported value: "Metdata"');
    expect(message).toContain('did you mean "verbs"?');
  });

  test('A15: what users wrote is escaped, and bounded', () => {
    const { message } = judge({ rules: [{ level: `\u001b[2J\u202e${'x'.repeat(10_000)}` }] });
    expect(message).not.toMatch(/[\u001b\u202e]/);
    expect(message?.length).toBeLessThanOrEqual(4096);
  });
});

describe('what is let through', () => {
  test('a good policy, without a word', () => expect(judge(GOOD)).toEqual({ allowed: true, warnings: [] }));

  test('an object that is being deleted, whatever it holds', () => {
    const going = { deletionTimestamp: '2026-01-01T00:00:00Z', generation: 2 };
    expect(judgePolicy(update(policyObject(GOOD), policyObject(BAD, going)), FACTS).allowed).toBe(true);
  });

  test('an update that leaves the spec as it is', () => {
    const before = policyObject(BAD);
    expect(judgePolicy(update(before, policyObject(BAD, { labels: { a: 'b' } })), FACTS).allowed).toBe(true);
    expect(judgePolicy(update(before, policyObject(BAD, { generation: 2 })), FACTS).allowed).toBe(false);
  });

  test('type meta that was pasted along, with a warning', () => {
    const { allowed, warnings } = judge({ kind: 'Policy', ...GOOD });
    expect(allowed).toBe(true);
    expect(warnings).toEqual([expect.stringContaining('kind is ignored')]);
  });
});

describe('clusters that it does not suit', () => {
  const clusters = (count: number, status = { k8sVersion: 'v1.34.1' }) =>
    Array.from({ length: count }, (_, i) => ({ deployment: deployment(`c-${i}`, {}, status) }));

  test('are named in a warning, ten of them', () => {
    const { allowed, warnings } = judge(FROM_1_36, { ...FACTS, clusters: clusters(12) });
    expect(allowed).toBe(true);
    expect(warnings).toEqual([
      expect.stringContaining(
        'does not suit 12 of the 12 clusters that name it, and is not delivered to c-0, c-1, c-10, c-11, c-2, c-3, c-4, c-5, c-6, c-7 and 2 more: kube-apiserver 1.34 would refuse it: ',
      ),
    ]);
  });

  test('are only those that are too old and stay', () => {
    const [old] = clusters(1);
    const newer = { deployment: deployment('newer', {}, { k8sVersion: 'v1.36.0' }) };
    const going = {
      deployment: deployment('going', { deletionTimestamp: 'x' }, { k8sVersion: 'v1.34.0' }),
    };
    const [warning, ...more] = judge(FROM_1_36, { ...FACTS, clusters: [newer, going, old!] }).warnings;
    expect(more).toEqual([]);
    expect(warning).toContain('does not suit 1 of the 3 clusters that name it, and is not delivered to c-0:');
  });

  test('without a known version the assumed one counts', () => {
    const unknown = [{ deployment: deployment('unknown') }];
    expect(judge(FROM_1_36, { ...FACTS, clusters: unknown }).warnings).toHaveLength(1);
    const assumed = { clusters: unknown, assumedVersion: { major: 1, minor: 36 } };
    expect(judge(FROM_1_36, assumed).warnings).toEqual([]);
  });
});

describe('A12: a policy of absurd size', () => {
  test.each([
    ['rules', { rules: Array(100_000).fill({ level: 'None' }) }],
    ['empty rules', { rules: Array(600_000).fill(null) }],
    ['users', { rules: [{ level: 'None', users: Array(MOST_VALUES).fill('a') }] }],
    ['fields', Object.fromEntries(Array.from({ length: 250_000 }, (_, i) => [`k${i}`, 1]))],
  ])('is refused with the number, and not looked at: %s', (_, policy) => {
    expect(judge(policy)).toMatchObject({
      allowed: false,
      message: expect.stringContaining(`more than ${MOST_VALUES} fields and list entries`) as string,
    });
  });

  test('one with many rules is let through with a warning', () => {
    const rules = Array.from({ length: MANY_RULES + 1 }, () => ({ level: 'None' }));
    expect(judge({ rules }).warnings).toEqual([expect.stringContaining(`has ${MANY_RULES + 1} rules`)]);
    expect(judge({ rules: rules.slice(1) }).warnings).toEqual([]);
  });

  test('ten thousand mistakes make one bounded message', () => {
    const { allowed, message } = judge({ rules: Array(9_000).fill({ levl: 'None' }) });
    expect(allowed).toBe(false);
    expect(message?.length).toBeLessThanOrEqual(4096);
    expect(message).toContain('and 8997 more');
  });
});

describe('what lint finds', () => {
  const LINT: PolicyFacts = { ...FACTS, lint: { profiles: ['baseline'] } };
  const UNSEEN = { rules: [{ level: 'Metadata' }, { level: 'Request', verbs: ['POST'] }] };
  const users = (count: number) => Array.from({ length: count }, (_, i) => `user-${i}`);

  test('is a warning, in the words of the command', () => {
    const { allowed, warnings } = judge(UNSEEN, LINT);
    expect(allowed).toBe(true);
    expect(warnings).toContainEqual(
      'AP011 rules[1]: no request reaches rules[1]: rules[0] takes all that it would match',
    );
    expect(warnings[0]).toMatch(/^AP009 rules\[1\]\.verbs\[0\]: /);
  });

  test('is none unless it is switched on', () => expect(judge(UNSEEN).warnings).toEqual([]));

  test('comes to five at most, after what the webhook itself has to say', () => {
    const bad = { kind: 'Policy', rules: Array(20).fill({ level: 'Request', verbs: ['POST'] }) };
    const { warnings } = judge(bad, LINT);
    expect(warnings).toHaveLength(6);
    expect(warnings[0]).toContain('kind is ignored');
    expect(warnings.slice(1).every((warning) => warning.length <= 256)).toBe(true);
    expect(warnings[5]).toMatch(/^and \d+ more: kubectl audit-policy lint shows all$/);
  });

  test('is not said twice where validation has said it', () => {
    expect(judge({ kind: 'Policy', ...GOOD }, LINT).warnings.join()).not.toContain('AP001');
  });

  test('hangs on the profile', () => {
    const cis = { ...LINT, lint: { profiles: ['cis'] } } satisfies PolicyFacts;
    const bodies = { rules: [{ level: 'Request', resources: [{ resources: ['secrets'] }] }] };
    expect(judge(bodies, cis).warnings.join()).toContain('AP020');
    expect(judge(bodies, LINT).warnings.join()).not.toContain('AP020');
  });

  test('is not looked for when only labels or the status change, or the object is going', () => {
    const before = policyObject(UNSEEN);
    const same = update(before, policyObject(UNSEEN, { labels: { a: 'b' } }));
    expect(judgePolicy(same, LINT).warnings).toEqual([]);
    const going = policyObject(UNSEEN, { deletionTimestamp: 'x', generation: 2 });
    expect(judgePolicy(update(before, going), LINT).warnings).toEqual([]);
    const edited = update(before, policyObject(UNSEEN, { generation: 2 }));
    expect(judgePolicy(edited, LINT).warnings).not.toEqual([]);
  });

  test.each([
    ['entries', users(MOST_LINTED_VALUES)],
    ['bytes', Array<string>(300).fill('a'.repeat(1000))],
  ])('A12: of a policy of too many %s it is not looked for, and that is said', (_, many) => {
    expect(judge({ rules: [{ level: 'Request', verbs: ['POST'], users: many }] }, LINT).warnings).toEqual([
      expect.stringContaining(
        `lint has not looked at this policy here: it has more than ${MOST_LINTED_VALUES} fields and list entries, or ${MOST_LINTED_BYTES} bytes`,
      ),
    ]);
  });

  test('A12: what the bound on its work leaves open is said, last', () => {
    const rules = Array.from({ length: 1_000 }, (_, i) => ({
      level: i % 2 ? 'None' : 'Metadata',
      users: [`u-${i}`],
    }));
    const { warnings } = judge({ rules }, LINT);
    expect(warnings.at(-1)).toMatch(/^not decided, since a request may not wait for it: .*AP011/);
    expect(warnings.length).toBeLessThanOrEqual(5);
  });
});
