import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { OLDEST_TESTED, type KubernetesVersion } from '../policy/kubernetes-version.ts';
import { reportOf } from '../report/report-of.ts';
import { isPolicyLowerBound } from '../simulate/reliability.ts';
import { resultOf } from '../simulate/result-of.ts';
import { GAPLESS, type Place, type Simulation } from '../simulate/result.ts';
import { retainedBytes } from '../simulate/retention.ts';
import { isBefore, type BlockPlace, type LogTally } from '../simulate/tally.ts';
import { countText } from '../api/figures.ts';
import { EXIT, UsageError, type Io } from './io.ts';
import { lintInput } from './linted-policy.ts';
import { collect, parseCount, parseVersion } from './options.ts';
import { writeWhole } from './output.ts';
import { readPolicies, ruleLine } from './policies.ts';
import { formatProblems } from './problem-text.ts';
import type { AcceptedPolicy } from '../policy/content.ts';
import type { CheckedPolicy } from './checked-policy.ts';
import type { Finish } from './program.ts';
import { simulationJson } from './simulate/json.ts';
import { findLogs, type LogFile } from './simulate/log-files.ts';
import { Progress } from './simulate/progress.ts';
import { readLogs } from './simulate/read-logs.ts';
import { requireTarget } from './simulate/report-target.ts';
import { problemsText, simulationText } from './simulate/text.ts';
import { printableLine } from './terminal.ts';
import { VERSION } from './version.ts';

interface Options {
  filename: string[];
  recordedWith?: string;
  kubernetesVersion?: KubernetesVersion;
  maxSize?: number;
  maxBackup?: number;
  apiServers: number;
  budgetGbDay?: number;
  pricePerGb?: number;
  threads?: number;
  top: number;
  report?: string;
  output: 'text' | 'json';
}

const help = (name: string) => `
Examples:
  $ ${name} simulate -f policy.yaml --recorded-with metadata.yaml audit.log
  $ ${name} simulate -f running.yaml -f candidate.yaml /var/log/kubernetes/audit/
  $ ${name} simulate -f policy.yaml --report report.html audit.log.gz
  $ zstd -dc audit.log.zst | ${name} simulate -f policy.yaml -o json -

Logs are JSON lines, EventLists as the webhook backend sends them, or lists of events, also compressed by gzip or zstd;
a folder stands for all logs in it. Further policies are compared with the first. Bodies are measured and never
printed. Figures a day are at the rate of the log; 1 GB is 1,000,000,000 bytes.
Exit code: 0 simulated; 1 a policy is refused (then nothing is simulated), a part of the log could not be read, or more
than --budget-gb-day; 2 usage or unusable input.`;

/** `simulate`: what policies would have written of a recorded audit log. */
export function addSimulate(program: Command, io: Io, finish: Finish): void {
  program
    .command('simulate')
    .description('Tell what a policy would write of recorded audit events: volume by rule, and what is lost.')
    .argument('[logs...]', 'audit logs, folders of them, or - for standard input')
    .requiredOption('-f, --filename <path>', 'policy file, folder or -; can be given more than once', collect)
    .option('--recorded-with <file>', 'the policy that recorded the log: what it left out is then known')
    .addOption(
      new Option(
        '--max-size <megabytes>',
        'of one file (--audit-log-maxsize): tells how long a log lasts',
      ).argParser(parseCount(1)),
    )
    .addOption(
      new Option('--max-backup <files>', 'rotated files that are kept (--audit-log-maxbackup)').argParser(
        parseCount(1),
      ),
    )
    .addOption(
      new Option('--api-servers <number>', 'how many API servers the log comes from')
        .argParser(parseCount(1))
        .default(1),
    )
    .addOption(
      new Option('--budget-gb-day <GB>', 'exit with 1 when a policy writes more a day').argParser(
        parseAmount,
      ),
    )
    .addOption(
      new Option('--price-per-gb <money>', 'what a GB of log costs, for the cost of a day').argParser(
        parseAmount,
      ),
    )
    .addOption(
      new Option('--kubernetes-version <version>', 'the version that will read the policy').argParser(
        parseVersion,
      ),
    )
    .addOption(
      new Option('--threads <number>', 'for large logs (default: one a core, at most 8)').argParser(
        parseThreads,
      ),
    )
    .addOption(new Option('--top <number>', 'rows of a comparison').argParser(parseCount(1)).default(20))
    .option('--report <file>', 'also write all of it as one HTML page, with what lint finds in the policies')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText('after', help(io.programName))
    .action(async (paths: string[], options: Options) => {
      if ((options.maxSize === undefined) !== (options.maxBackup === undefined))
        throw new UsageError('--max-size and --max-backup go together.');
      requireOneStdin(paths, options);
      const files = await findLogs(paths);
      if (options.report !== undefined) {
        const { filename, recordedWith } = options;
        await requireTarget(options.report, [
          ...filename,
          ...(recordedWith === undefined ? [] : [recordedWith]),
          ...files.map(({ path }) => path),
        ]);
      }
      const policies = await readPolicies(options.filename, options.kubernetesVersion, io);
      const accepted = policies.filter(isAccepted);
      for (const policy of policies)
        if (policy.accepted === undefined) io.err(formatProblems(policy.source, policy.problems));
      if (accepted.length < policies.length) {
        finish(EXIT.problems);
        return;
      }
      const simulation = await simulate(files, accepted, options, io);
      io.err(problemsText(simulation.log));
      if (options.report !== undefined) {
        await writeWhole(options.report, pageOf(simulation, accepted, options.kubernetesVersion));
        io.err(`report: ${printableLine(options.report)}\n`);
      }
      io.out(
        options.output === 'json'
          ? simulationJson(simulation)
          : simulationText(simulation, {
              most: options.top,
              ...(options.pricePerGb === undefined ? {} : { pricePerGb: options.pricePerGb }),
            }),
      );
      const isOver = overBudget(simulation, options.budgetGbDay, io);
      finish(isOver || simulation.log.problems.count > 0 ? EXIT.problems : EXIT.ok);
    });
}

/** It can be read once. */
function requireOneStdin(paths: readonly string[], { filename, recordedWith }: Options): void {
  const takers = [
    ...(filename.includes('-') ? ['a policy'] : []),
    ...(recordedWith === '-' ? ['the recording policy'] : []),
    ...(paths.includes('-') ? ['a log'] : []),
  ];
  if (takers.length > 1) throw new UsageError(`standard input can be ${takers.join(' or ')}, not both.`);
}

type Accepted = CheckedPolicy & { accepted: AcceptedPolicy };

function isAccepted(policy: CheckedPolicy): policy is Accepted {
  return policy.accepted !== undefined;
}

async function simulate(
  files: readonly LogFile[],
  policies: readonly Accepted[],
  options: Options,
  io: Io,
): Promise<Simulation> {
  const recorder = await recorderOf(options, io);
  const plan = {
    policies: policies.map(({ accepted }) => accepted.policy),
    ...(recorder && { recordedWith: recorder.accepted.policy }),
  };
  const isSized = files.every(({ bytes }) => bytes > 0);
  const progress = new Progress(io, isSized ? files.reduce((sum, { bytes }) => sum + bytes, 0) : 0);
  const threads = options.threads ?? Math.min(8, availableParallelism());
  const read = await readLogs(files, plan, io, {
    threads: threads > 1 ? threads : 0,
    ...(io.startThread && { startThread: io.startThread }),
    onProgress: (done) => progress.tell(done),
  }).finally(() => progress.end());
  const names = files.map(({ name }) => name);
  const { tally, bytes } = read;
  const placeOf = (place: BlockPlace): Place => read.placeOf(place);
  if (tally.log.recorded.events === 0) throw noEvent(names, tally.log, placeOf);
  const { maxSize, maxBackup } = options;
  const retained =
    maxSize === undefined || maxBackup === undefined ? undefined : retainedBytes(maxSize, maxBackup);
  return resultOf(tally, {
    ...plan,
    titles: policies.map(({ title }) => title),
    ruleLines: policies.map(ruleLinesOf),
    ...(recorder && { recordedWithTitle: recorder.title }),
    files: names,
    bytes,
    placeOf,
    ...(retained === undefined ? {} : { retained }),
    servers: options.apiServers,
  });
}

const MOST_NAMES = 3;

function noEvent(
  names: readonly string[],
  { problems, foreign }: LogTally,
  placeOf: (place: BlockPlace) => Place,
): UsageError {
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  const [first] = problems.first.toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
  const why = first === undefined ? '' : ` ${placeText(placeOf(first))}: ${first.message}.`;
  const wrapped =
    foreign === 0
      ? ''
      : ` There is other JSON (${countText(foreign, 'value')}): where a collector put events into records of its own, take them out first, by jq say.`;
  return new UsageError(
    `${names.slice(0, MOST_NAMES).join(', ')}${more}: no audit event found.${why}${wrapped}`,
  );
}

function placeText({ file, line }: Place): string {
  return `${file}:${line}`;
}

/** @throws UsageError when it is refused, or there are several */
async function recorderOf(
  { recordedWith, kubernetesVersion }: Options,
  io: Io,
): Promise<Accepted | undefined> {
  if (recordedWith === undefined) return undefined;
  const [policy, ...others] = await readPolicies([recordedWith], kubernetesVersion, io);
  if (policy === undefined || others.length > 0)
    throw new UsageError(
      `--recorded-with ${recordedWith}: a log is recorded with one policy; there are several.`,
    );
  if (!isAccepted(policy)) {
    io.err(formatProblems(policy.source, policy.problems));
    throw new UsageError(`--recorded-with ${recordedWith}: kube-apiserver would not have taken this policy.`);
  }
  return policy;
}

/** Each policy with what lint finds in it, as `lint` does without options. */
function pageOf(
  simulation: Simulation,
  policies: readonly Accepted[],
  version: KubernetesVersion | undefined,
): string {
  const options = { profiles: ['baseline'], version: version ?? OLDEST_TESTED, credentials: [] } as const;
  const bySource = [...Map.groupBy(policies, ({ source }) => source).values()];
  const linted = new Map(
    bySource.flatMap((some) => lintInput(some, options)).map((one) => [one.policy, one]),
  );
  const texts = policies.map((policy) => {
    const { findings = [], undecided = [], ignored = [] } = linted.get(policy) ?? {};
    const { text } = policy.source;
    return { text, ruleLines: ruleLinesOf(policy), findings, undecided, ignored: ignored.length };
  });
  return reportOf(simulation, texts, { program: `audit-policy-operator ${VERSION}`, atMs: Date.now() });
}

function ruleLinesOf(policy: Accepted): (number | undefined)[] {
  return (policy.accepted.policy.rules ?? []).map((_, rule) => ruleLine(policy, rule));
}

const GB = 1e9;

/** AP043 of the lint rules: it needs a log to tell. What cannot be judged is not within the budget. */
function overBudget({ policies, log }: Simulation, budget: number | undefined, io: Io): boolean {
  if (budget === undefined) return false;
  const verdicts = policies.map((policy) => {
    const { title, perDay } = policy;
    const say = (words: string): void => io.err(`${printableLine(title)}: AP043: ${words}.\n`);
    if (perDay === undefined) {
      say('the log tells no time, so what is written a day cannot be held against --budget-gb-day');
      return true;
    }
    const isOver = perDay.bytes > budget * GB;
    const written = `${(perDay.bytes / GB).toPrecision(3)} GB a day`;
    if (isOver) say(`writes ${written}, more than the ${budget} of --budget-gb-day`);
    else if (log.covered < GAPLESS) {
      say('the log has gaps, so what is written a day cannot be held against --budget-gb-day');
      return true;
    } else if (isPolicyLowerBound(policy))
      say(
        `writes at least ${written}; whether it is more than the ${budget} of --budget-gb-day this log cannot tell`,
      );
    return isOver;
  });
  return verdicts.includes(true);
}

const MAX_THREADS = 64;

function parseThreads(text: string): number {
  const threads = parseCount(1)(text);
  if (threads > MAX_THREADS) throw new InvalidArgumentError(`Must be at most ${MAX_THREADS}.`);
  return threads;
}

function parseAmount(text: string): number {
  const amount = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || !(amount > 0)) throw new InvalidArgumentError('Write it like 5 or 0.5.');
  return amount;
}
