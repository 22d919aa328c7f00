import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { cacheRoot } from '../control-plane/paths.ts';
import { runNode } from './child.ts';
import { readReport, scoreOf, type Tally } from './mutation/report.ts';

/**
 * Mutation testing of the pure folders with their unit tests, one folder after the other. `node test/long/mutation.ts
 * [--seed N] [--only FOLDER] [--concurrency N]`. Writes the survivors of each folder to a file outside the tree and prints a table of
 * scores; exit status 1 when one is below its floor.
 */
interface Folder {
  name: string;
  /** A score below this, in percent, is a failure: tests have become weaker. Raise it when they become stronger. */
  floor: number;
}

const FOLDERS: readonly Folder[] = [
  { name: 'api', floor: 95 },
  { name: 'plan', floor: 93 },
  { name: 'policy', floor: 0 },
];

interface Outcome {
  folder: Folder;
  /** Undefined when Stryker failed. */
  tally: Tally | undefined;
  seconds: number;
}

const program = new Command('mutation')
  .option('--seed <n>', 'seed of the property tests', '1')
  .option('--only <folder>', `one of ${FOLDERS.map(({ name }) => name).join(', ')}`)
  .option('--concurrency <n>', 'mutants at a time', String(availableParallelism()))
  .parse();
const options = program.opts<{ seed: string; only?: string; concurrency: string }>();

async function run(folder: Folder): Promise<Outcome> {
  const started = performance.now();
  const dir = join(cacheRoot(), 'mutation');
  await mkdir(dir, { recursive: true });
  const report = join(dir, `${folder.name}.json`);
  const args = [
    'node_modules/@stryker-mutator/core/bin/stryker.js',
    'run',
    '--mutate',
    `src/${folder.name}/**/*.ts,!src/policy/go-printable.ts`,
    '--concurrency',
    options.concurrency,
  ];
  const env = {
    AUDIT_POLICY_MUTATION_FOLDER: folder.name,
    AUDIT_POLICY_MUTATION_SEED: options.seed,
    AUDIT_POLICY_MUTATION_REPORT: report,
  };
  const status = await runNode(args, env);
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) return { folder, tally: undefined, seconds };
  const { tally, survivors } = readReport(JSON.parse(await readFile(report, 'utf8')));
  const list = join(dir, `${folder.name}-survivors.txt`);
  await writeFile(list, survivors.map((line) => `${line}\n`).join(''));
  console.log(`src/${folder.name}: survivors in ${list}`);
  return { folder, tally, seconds };
}

function isGood({ folder, tally }: Outcome): boolean {
  return tally !== undefined && scoreOf(tally) >= folder.floor;
}

function row(outcome: Outcome): string {
  const { folder, tally, seconds } = outcome;
  const name = `src/${folder.name}`.padEnd(12);
  if (!tally) return `${name}  FAILED: Stryker did not finish`;
  const numbers = [tally.killed, tally.timedOut, tally.survived, tally.uncovered].map((n) =>
    String(n).padStart(9),
  );
  const score = `${scoreOf(tally).toFixed(1)} %`.padStart(8);
  const verdict = isGood(outcome) ? '' : `  FAILED: the floor is ${folder.floor} %`;
  return `${name}${score}${numbers.join('')}${`${seconds.toFixed(0)} s`.padStart(9)}${verdict}`;
}

const chosen = FOLDERS.filter(({ name }) => options.only === undefined || options.only === name);
if (chosen.length === 0) program.error(`error: no such folder: ${String(options.only)}`);
const outcomes: Outcome[] = [];
for (const folder of chosen) outcomes.push(await run(folder));
console.log(`\nmutation, seed ${options.seed}`);
console.log('folder         score   killed  timeout survived uncovered     time');
for (const outcome of outcomes) console.log(row(outcome));
process.exitCode = outcomes.every(isGood) ? 0 : 1;
