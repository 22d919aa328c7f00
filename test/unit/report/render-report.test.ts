import { createHash } from 'node:crypto';
import { reportOf, type PolicyText } from '../../../src/report/report-of.ts';
import type { PolicyResult, RuleResult, Simulation } from '../../../src/simulate/result.ts';
import { hostileSimulation, policyTexts, renamed, simulation } from '../../support/simulation.ts';

const ABOUT = { program: 'audit-policy-operator 0.1.0', atMs: Date.UTC(2026, 10, 24, 9, 12) };
const NO_TEXT: PolicyText = { text: '', ruleLines: [], findings: [] };

function render(changed: Partial<Simulation> = {}, texts = policyTexts()): string {
  return reportOf({ ...simulation(), ...changed }, texts, ABOUT);
}

/** What a reader reads: markup and entities gone. */
function textOf(page: string): string {
  return page
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ');
}

/** The names of all elements in their order. */
function tagsOf(page: string): string[] {
  return [...page.matchAll(/<\/?([a-z][a-z0-9]*)\b/g)].map(([tag]) => tag);
}

function without<T extends object, K extends keyof T>(value: T, ...keys: readonly K[]): Omit<T, K> {
  const copy = { ...value };
  for (const key of keys) Reflect.deleteProperty(copy, key);
  return copy;
}

/** The first policy alone, changed. */
function alone(change: (policy: PolicyResult) => PolicyResult): Simulation {
  const { log, policies } = simulation();
  return { log, policies: policies.slice(0, 1).map(change), comparisons: [] };
}

function withRules(change: (rule: RuleResult) => RuleResult): Simulation {
  return alone((policy) => ({ ...policy, rules: policy.rules.map(change) }));
}

test('the same input gives the same page', () => {
  expect(render()).toBe(render());
});

test('style and script are those that the policy of the page knows by their hash', () => {
  const page = render();
  for (const element of ['style', 'script']) {
    const [, text = ''] = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(page) ?? [];
    expect(text.length).toBeGreaterThan(1000);
    const hash = createHash('sha256').update(text).digest('base64');
    expect(page).toContain(`${element}-src &#39;sha256-${hash}&#39;`);
  }
  expect(page).toContain('default-src &#39;none&#39;');
});

test('nothing on the page is elsewhere', () => {
  expect(render()).not.toMatch(/\b(?:src|srcset|href)="(?!#)|url\(|@import|\bon[a-z]+="|\bstyle="/);
});

test('hostile names change no element', () => {
  // Where a name breaks is up to the name.
  const tags = (page: string): string[] => tagsOf(page).filter((tag) => tag !== '<wbr');
  const honest = reportOf(
    renamed((count) => `name-${count}`),
    policyTexts(),
    ABOUT,
  );
  const hostile = reportOf(hostileSimulation(), policyTexts(), ABOUT);
  expect(tags(hostile)).toEqual(tags(honest));
  expect(hostile).not.toMatch(/[\u2028\u2029\u202e\0\r]/);
  expect(textOf(hostile)).toContain('<img src=x onerror="window.hurt=1">');
});

test('as many texts as policies', () => {
  expect(() => render({}, [NO_TEXT])).toThrow('2 policies were simulated, and 1 are told of');
});

describe('figures', () => {
  test('what is certain has no sign, an estimate has one, and so has a lower bound', () => {
    const text = textOf(render());
    expect(text).toContain('A (now.yaml) writes ≈ 1.91 GB a day; rule 5 makes 45 % of it.');
    expect(text).toContain('B (next.yaml) writes ≥ 599 MB a day, at most 69 % less than A (now.yaml).');
    expect(text).toContain('Written of this log 1.91 GB in 1,287,411 events');
    expect(text).toContain('Added by estimate ≈ 61.2 MB (52 MB to 71 MB in 95 %)');
    expect(text).toContain('Log directory lasts ≤ 31 days');
    expect(text).toContain('≥ 179 MB');
  });

  test('a rule with level None writes nothing for sure, but may see more', () => {
    const page = withRules((rule) => ({
      ...rule,
      unknown: [{ reason: 'unrecorded', message: 'Some are not recorded.' }],
    }));
    const [row = ''] = /<tbody id="p0r0"[\s\S]*?<\/tr>/.exec(reportOf(page, [NO_TEXT], ABOUT)) ?? [];
    expect(textOf(row)).toMatch(/None 0 % 0 B no events none 0 B none ≥ 0/);
  });

  test('a log without times has no figures by the day, and says so', () => {
    const { log } = simulation();
    const timeless = without(log, 'fromMs', 'toMs');
    const page = alone((policy) => ({
      ...without(policy, 'perDay'),
      rules: policy.rules.map((rule) => without(rule, 'perDay', 'perSecond')),
      timeline: { startMs: 0, bucketMs: 1, bytes: [] },
    }));
    const text = textOf(reportOf({ ...page, log: timeless }, [NO_TEXT], ABOUT));
    expect(text).toContain('1.91 GB of this log; by the day unknown');
    expect(text).toContain('No event tells its time, so there are no figures by the day.');
    expect(text).toContain('The log tells no time, so nothing can be said about when.');
    expect(text).not.toMatch(/ a day, /);
  });

  test('gaps, another policy than was said, and none said: each is told', () => {
    const { log } = simulation();
    expect(textOf(render({ log: { ...without(log, 'recordedWith'), covered: 0.4 } }))).toMatch(
      /Nobody said which policy.*Only 40 % of the time has events/,
    );
    const recordedWith = { title: 'x', disagreeing: 12, example: { file: 'a.log', line: 7 } };
    expect(textOf(render({ log: { ...log, recordedWith } }))).toContain(
      '12 events would not have been written so by the policy that the log is said to be recorded with, the first in a.log line 7.',
    );
  });

  test('a log of less than a day says so where its figures are', () => {
    const { log } = simulation();
    const short = textOf(render({ log: { ...log, toMs: (log.fromMs ?? 0) + 3000 } }));
    expect(short).toContain(
      'The log is of less than a day: figures by the day are its rate carried to a day.',
    );
    expect(short).toContain('The log is of 3 s:');
    expect(textOf(render())).not.toContain('The log is of');
  });

  test('an empty log is told as such', () => {
    const nothing = withRules((rule) => ({
      ...rule,
      requests: 0,
      seen: { events: 0, bytes: 0 },
      written: { events: 0, bytes: 0 },
      series: [],
      isDead: true,
      topUsers: [],
      topResources: [],
    }));
    const empty = nothing.policies.map((policy) => ({
      ...policy,
      written: { events: 0, bytes: 0 },
      cells: [],
      timeline: { startMs: 0, bucketMs: 1, bytes: [] },
    }));
    const text = textOf(reportOf({ ...nothing, policies: empty }, [NO_TEXT], ABOUT));
    expect(text).toContain('There is no event in the log.');
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('nothing on a page is what a program would say', () => {
    expect(textOf(render())).not.toMatch(/NaN|undefined|Infinity|\[object|null/);
  });
});

describe('coverage', () => {
  test('a detection that goes blind is said at the top and in its table, with a request', () => {
    const text = textOf(render());
    expect(text).toContain('With B (next.yaml) 1 detection of Falco goes blind: Attach/Exec Pod.');
    expect(text).toMatch(/Attach\/Exec Pod sees blind 38 → 0 exec over WebSockets/);
  });

  test('no loss is said, too', () => {
    const { comparisons } = simulation();
    const same = comparisons.map((one) => ({ ...one, lost: 0, lessBody: 0, changes: [], detections: [] }));
    const text = textOf(render({ comparisons: same }));
    expect(text).toContain('B (next.yaml) records every request of this log that A (now.yaml) records');
    expect(text).toContain('No detection sees less or more than before.');
    expect(text).toContain('Every request of this log is recorded as before.');
  });

  test('what is not in the log cannot be counted: then counts are lower bounds', () => {
    const [first, ...others] = simulation().policies;
    const unsure = first?.rules.map((rule) => ({
      ...rule,
      unknown: [{ reason: 'unrecorded' as const, message: 'Some are not recorded.' }],
    }));
    const policies = first && unsure ? [{ ...first, rules: unsure }, ...others] : [];
    const text = textOf(render({ policies }));
    expect(text).toContain('No longer recorded ≥ 702,377 requests of this log');
    expect(text).toContain('With less of their bodies 201,442 requests of this log');
    expect(text).toContain('Newly recorded 0 requests of this log');
    expect(textOf(render())).toContain('No longer recorded 702,377 requests of this log');
  });

  test('one policy has none', () => {
    const page = reportOf(
      alone((policy) => policy),
      [NO_TEXT],
      ABOUT,
    );
    expect(page).not.toContain('id="coverage"');
  });
});

describe('size', () => {
  /** A policy of many rules, and a log in which every name is as long and as costly as it can be. */
  function huge(rules: number, name: string): Simulation {
    const { log, policies, comparisons } = simulation();
    const [policy] = policies;
    const [rule] = policy?.rules.slice(2) ?? [];
    const [cell] = policy?.cells ?? [];
    const [comparison] = comparisons;
    if (!policy || !rule || !cell || !comparison) throw new Error('the simulation has changed');
    const counts = Array.from({ length: 10 }, () => ({ name, events: 1, bytes: 1 }));
    const many = {
      ...policy,
      title: name,
      rules: Array.from({ length: rules }, (_, index) => ({
        ...rule,
        rule: index,
        topUsers: counts,
        topResources: counts,
        unknown: Array.from({ length: 20 }, () => ({ reason: 'bodies' as const, message: name })),
      })),
      cells: Array.from({ length: 2000 }, (_, index) => ({
        ...cell,
        verb: `${index % 50}${name}`,
        resource: `${index}${name}`,
      })),
    };
    return {
      log: { ...log, files: Array.from({ length: 5000 }, () => name) },
      policies: Array.from({ length: 20 }, () => many),
      comparisons: Array.from({ length: 19 }, (_, index) => ({
        ...comparison,
        to: index + 1,
        changes: Array.from({ length: 1000 }, () => comparison.changes[0] ?? neverChange()),
        detections: Array.from({ length: 1000 }, () => ({
          name,
          before: 'sees' as const,
          after: 'blind' as const,
          witness: name,
          requestsBefore: 1,
          requestsAfter: 0,
        })),
      })),
    };
  }

  function neverChange(): never {
    throw new Error('the simulation has changed');
  }

  test('is bounded: ten thousand rules, twenty policies, names without end', () => {
    const quote = '"'.repeat(100_000);
    const text: PolicyText = {
      text: Array.from({ length: 10_000 }, () => `- level: None # ${quote.slice(0, 300)}`).join('\n'),
      ruleLines: Array.from({ length: 10_000 }, (_, index) => index + 1),
      findings: [],
    };
    const page = reportOf(huge(10_000, quote), Array<PolicyText>(20).fill(text), ABOUT);
    expect(page.length).toBeLessThan(30_000_000);
    expect(textOf(page)).toContain('9,900 other rules');
    expect(textOf(page)).toContain('and 14 more policies');
  });

  test('a policy of ten thousand rules alone makes a page that can be mailed', () => {
    const { policies, ...rest } = huge(10_000, 'system:serviceaccount:kube-system:generic-garbage-collector');
    const page = reportOf({ ...rest, policies: policies.slice(0, 1), comparisons: [] }, [NO_TEXT], ABOUT);
    expect(page.length).toBeLessThan(2_000_000);
  });
});
