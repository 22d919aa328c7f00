import { describeRequest } from '../policy/requests/describe.ts';
import { placeOfRule, verdictText } from './explain-text.ts';
import type { RanFile, RanTest } from './policy-test.ts';
import { formatProblems } from './problem-text.ts';
import { printableLine } from './terminal.ts';

/** For people. */
export function testsText(files: readonly RanFile[]): string {
  const tests = files.flatMap((file) => file.tests);
  const failed = tests.filter(({ failures }) => failures.length > 0).length;
  const plural = tests.length === 1 ? '' : 's';
  return `${files.map(fileText).join('')}${tests.length} test${plural}, ${failed} failed\n`;
}

function fileText(file: RanFile): string {
  const { source, policy } = file;
  const refused = policy.accepted === undefined ? formatProblems(policy.source, policy.problems) : '';
  return `${source.name}: ${policy.title}\n${refused}${file.tests.map((test) => testText(file, test)).join('')}`;
}

function testText(file: RanFile, ran: RanTest): string {
  const name = printableLine(ran.test.name);
  if (ran.failures.length === 0) return `  ok      ${name}\n`;
  return `  FAILED  ${name}\n${failureLines(file, ran)
    .map((line) => `          ${line}\n`)
    .join('')}`;
}

/** What was asked, what was expected, what was found, and where to look. */
function failureLines({ source, policy }: RanFile, { test, judgements, failures }: RanTest): string[] {
  const place = `${source.name}:${test.line}`;
  if (judgements.length === 0) return failures.map((failure) => `${place}: ${failure}`);
  return judgements
    .filter((one) => one.failures.length > 0)
    .flatMap((one) => [
      `${place}: ${printableLine(describeRequest(one.request))}`,
      ...one.failures.map(printableLine),
      `→ ${verdictText(policy, one.explanation)}`,
    ]);
}

/** For programs. Rules count from 1; `rule` is null when none matches. */
export function testsJson(files: readonly RanFile[]): object {
  const tests = files.flatMap((file) => file.tests);
  const failed = tests.filter(({ failures }) => failures.length > 0).length;
  return {
    passed: tests.length - failed,
    failed,
    files: files.map(({ source, name, policy, tests: ran }) => ({
      file: source.name,
      name,
      policy: policy.source.name,
      problems: policy.problems,
      tests: ran.map(({ test, judgements, failures }) => ({
        name: test.name,
        line: test.line,
        ok: failures.length === 0,
        failures,
        expected: test.expect,
        found: judgements.map(({ request, explanation: { decision, stages } }) => ({
          request,
          level: decision.level,
          rule: decision.rule < 0 ? null : decision.rule + 1,
          ...(decision.rule < 0 ? {} : { place: placeOfRule(policy, decision.rule) }),
          stages,
        })),
      })),
    })),
  };
}

/** JUnit's XML, as CI systems read it: a suite a file. */
export function testsJunit(files: readonly RanFile[]): string {
  const tests = files.flatMap((file) => file.tests);
  const suites = files.map((file) => {
    const { source, name } = file;
    const cases = file.tests.map((ran) => junitCase(file, ran)).join('');
    return `  <testsuite${attributes({ name: name || source.name, file: source.name, ...counts(file.tests) })}>\n${cases}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${attributes({ name: 'audit-policy', ...counts(tests) })}>\n${suites.join('')}</testsuites>\n`;
}

function counts(tests: readonly RanTest[]): Record<string, string> {
  const failures = tests.filter((test) => test.failures.length > 0).length;
  return { tests: String(tests.length), failures: String(failures), errors: '0', skipped: '0' };
}

function junitCase(file: RanFile, ran: RanTest): string {
  const { test, failures } = ran;
  const head = `    <testcase${attributes({ name: test.name, classname: file.name || file.source.name, file: file.source.name, line: String(test.line) })}`;
  const [first] = failures;
  if (first === undefined) return `${head}/>\n`;
  const body = escapeXml(failureLines(file, ran).join('\n'));
  return `${head}>\n      <failure${attributes({ message: first, type: 'expectation' })}>${body}</failure>\n    </testcase>\n`;
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(printableLine(value))}"`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** What XML cannot hold even escaped (most control characters, U+FFFE, U+FFFF) becomes U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
}
