import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { CHECKS, type Check } from './checks.ts';
import { runNode } from './child.ts';

/** `npm run test:long`: the checks that take too long for every commit, one after the other. */

interface Outcome {
  check: Check;
  /** Exit status, or the signal that ended it. */
  status: number | string;
  seconds: number;
}

async function run(check: Check, seed: number): Promise<Outcome> {
  console.log(`\n== ${check.name}: ${check.what}\n`);
  const started = performance.now();
  const args = [join(import.meta.dirname, check.script), ...(check.isSeeded ? ['--seed', String(seed)] : [])];
  const status = await runNode(args);
  return { check, status, seconds: (performance.now() - started) / 1000 };
}

function summary(outcomes: readonly Outcome[], seed: number): string {
  const width = Math.max(...outcomes.map(({ check }) => check.name.length));
  const rows = outcomes.map(({ check, status, seconds }) =>
    [
      check.name.padEnd(width),
      (status === 0 ? 'passed' : `FAILED (${String(status)})`).padEnd(12),
      `${seconds.toFixed(0)} s`.padStart(7),
    ].join('  '),
  );
  return [`\n== ${new Date().toISOString().slice(0, 10)}, seed ${seed}`, '', ...rows, ''].join('\n');
}

function parseName(value: string, earlier: Check[]): Check[] {
  const found = CHECKS.find(({ name }) => name === value);
  if (!found) throw new InvalidArgumentError(`Known are ${CHECKS.map(({ name }) => name).join(', ')}.`);
  return [...earlier, found];
}

function parseSeed(value: string): number {
  const seed = Number(value);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 31)
    throw new InvalidArgumentError('It is an integer from 0 to 2147483647.');
  return seed;
}

const list = CHECKS.map(({ name, minutes, what }) => `  ${name.padEnd(16)}${minutes.padEnd(10)}${what}`);
const program = new Command('npm run test:long --')
  .description(
    'Runs the long checks one after the other; ends with the counts, exit status 1 on any failure.',
  )
  .option('--only <name>', 'run this check only; may be repeated', parseName, [])
  .option('--seed <n>', 'seed of everything generated (default: a new one, printed)', parseSeed)
  .addHelpText('after', `\nChecks, with their time on two cores:\n${list.join('\n')}\n`)
  .parse();
const { only, seed = Math.trunc(Math.random() * 2 ** 31) } = program.opts<{ only: Check[]; seed?: number }>();

const outcomes: Outcome[] = [];
for (const check of only.length > 0 ? only : CHECKS) outcomes.push(await run(check, seed));
const failed = outcomes.filter(({ status }) => status !== 0).length;
console.log(summary(outcomes, seed));
console.log(`${outcomes.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
