import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Simulation } from '../../../src/simulate/result.ts';
import { run, TestFolder } from './run.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/events');
interface Expected {
  requests: readonly { user: string | null; isAmbiguous?: boolean }[];
  malformed?: readonly { line: number }[];
  within?: string;
  isForeign?: boolean;
}
const expected = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Record<string, Expected>;

const folder = new TestFolder();
afterAll(() => folder.remove());
const POLICY = folder.write(
  'policy.yaml',
  'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n',
);

/** The same event before and behind the broken line. */
const DUPLICATES: Readonly<Record<string, number>> = { 'unescaped-quotes.jsonl': 1 };
/** Lines of one broken event, which is told once. */
const TOLD_ONCE: readonly string[] = ['wrapped-by-terminal.jsonl'];

const simulate = (file: string) => run(['simulate', '-f', POLICY, '-o', 'json', join(FOLDER, file)]);
const isRead = ({ requests, within }: Expected) => requests.length > 0 && within === undefined;

test.each(Object.entries(expected).filter(([, one]) => isRead(one)))(
  '%s: its events, and what is malformed',
  async (file, one) => {
    const { code, out } = await simulate(file);
    const { log, policies } = JSON.parse(out) as Simulation;
    const lines = one.malformed?.map(({ line }) => line) ?? [];
    const malformed = TOLD_ONCE.includes(file) ? lines.slice(0, 1) : lines;
    const duplicates = DUPLICATES[file] ?? 0;
    expect(log).toMatchObject({
      recorded: { events: one.requests.length - duplicates },
      duplicates,
      foreign: 0,
      ambiguous: one.requests.filter(({ isAmbiguous }) => isAmbiguous).length,
    });
    expect(log.problems.first.map(({ line }) => line)).toEqual(malformed);
    expect(code).toBe(malformed.length > 0 ? 1 : 0);
    const users = policies[0]?.rules[0]?.topUsers.map(({ name }) => name) ?? [];
    expect(new Set(users)).toEqual(new Set(one.requests.map(({ user }) => user ?? 'no user (401)')));
  },
);

test.each(Object.entries(expected).filter(([, one]) => !isRead(one)))(
  '%s: no event by itself',
  async (file, { malformed }) => {
    const { code, err } = await simulate(file);
    expect(code).toBe(2);
    expect(err).toContain('no audit event found');
    expect(err).toContain(malformed ? `${file}:1:` : 'There is other JSON');
  },
);
