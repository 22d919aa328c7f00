import { isWrite, total } from './measure/api-metrics.ts';
import type { RequestCount } from './measure/api-metrics.ts';
import { mean } from './measure/percentile.ts';
import type { StartTimes } from './phases/start.ts';
import type { BenchResult, ColdRun } from './result.ts';

type Row = [label: string, floor: string, operator: string, ratio: string];

/** The result as a short table for a person; bench/README.md says how to read it. */
export function reportText(result: BenchResult): string {
  const { machine, options, sizes } = result;
  const head = [
    `${machine.cores} cores (${machine.cpu}), Node.js ${machine.node}, Kubernetes ${machine.kubernetes}`,
    `${options.clusters} clusters: ClusterDeployments of ${kilobytes(sizes.clusterDeployment)}, HelmReleases of ` +
      `${kilobytes(sizes.helmRelease)}, ${options.policies} policies of ${kilobytes(sizes.smallestPolicy)} to ` +
      kilobytes(sizes.largestPolicy),
  ];
  const start = result.start === undefined ? [] : [startText(result.start)];
  return ['', ...head, '', ...table(rows(result)), '', ...requestLines(result), ...start, ''].join('\n');
}

/** A command on a terminal should end before anybody notices that it has begun. */
const START_TARGET_MS = 150;

/** How long commands take that ask no server, beside what they may. */
export function startText(times: readonly StartTimes[]): string {
  const lines = times.map(({ label, p50, p95, all }) => [
    label,
    number(Math.min(...all), 0, 'ms'),
    number(p50, 0, 'ms'),
    number(p95, 0, 'ms'),
    String(all.length),
  ]);
  const head = [`start and end, target ${START_TARGET_MS} ms`, 'fastest', 'median', 'p95', 'runs'];
  return ['', ...table([head, ...lines]), ''].join('\n');
}

function rows(result: BenchResult): Row[] {
  const { floors, operator, changes, options } = result;
  const [a, b] = floors;
  const floor = (of: (run: ColdRun) => number): number => mean(floors.map(of));
  const compared = (label: string, of: (run: ColdRun) => number, unit: string, digits: number): Row => [
    label,
    number(floor(of), digits, unit),
    number(of(operator), digits, unit),
    number(of(operator) / floor(of), 2),
  ];
  const perCluster = (value: number): number => value / options.clusters;
  const milliseconds = (of: (run: ColdRun) => number) => (run: ColdRun) => perCluster(of(run)) * 1000;
  return [
    ['', 'floor', 'operator', 'ratio'],
    [
      'cold convergence',
      `${number(a.seconds, 1)} and ${number(b.seconds, 1)} s`,
      number(operator.seconds, 1, 's'),
      number(result.ratio, 2),
    ],
    compared('- until the first cluster', (run) => run.firstReadySeconds, 's', 2),
    compared(
      '- API server CPU per cluster',
      milliseconds((run) => run.cpu.apiserver),
      'ms',
      1,
    ),
    compared(
      '- etcd CPU per cluster',
      milliseconds((run) => run.cpu.etcd),
      'ms',
      1,
    ),
    compared(
      '- client CPU per cluster',
      milliseconds((run) => run.cpu.client),
      'ms',
      1,
    ),
    compared(
      '- all CPU per cluster',
      milliseconds(({ cpu }) => cpu.apiserver + cpu.etcd + cpu.client),
      'ms',
      1,
    ),
    compared('- CPU of others, cores', (run) => run.cpu.others / run.seconds, '', 2),
    compared(
      'writes per cluster, no Events',
      (run) => perCluster(total(run.requests.filter(isOwnWrite))),
      '',
      2,
    ),
    compared(
      '- without those per policy',
      (run) => perCluster(total(run.requests.filter((each) => isOwnWrite(each) && !isPerPolicy(each)))),
      '',
      2,
    ),
    ['Events per cluster', '', number(perCluster(total(operator.requests.filter(isEvent))), 2), ''],
    [
      'one change, p50',
      number(changes.floor.p50, 1, 'ms'),
      number(changes.operator.p50, 1, 'ms'),
      number(changes.operator.p50 / changes.floor.p50, 2),
    ],
    [
      'one change, p99',
      number(changes.floor.p99, 1, 'ms'),
      number(changes.operator.p99, 1, 'ms'),
      number(changes.operator.p99 / changes.floor.p99, 2),
    ],
    ['writes after settling', '', String(total(operator.writesAfterSettling)), ''],
    [`writes in ${operator.quiet.seconds} quiet s`, '', String(total(operator.quiet.writes)), ''],
    ['memory: peak', '', mebibytes(operator.memory.end.peakRss), ''],
    [
      '- converged, end',
      '',
      `${mebibytes(operator.memory.converged.rss)}, ${mebibytes(operator.memory.end.rss)}`,
      '',
    ],
    ['lines logged (warn and worse)', '', String(operator.logLines), ''],
  ];
}

/** Requests of the operator's cold start, by verb, as the API server has counted them. */
function requestLines({ operator, options }: BenchResult): string[] {
  const line = ({ verb, resource, subresource, code, count }: RequestCount): [string, string, string] => [
    `${verb} ${resource}${subresource === '' ? '' : `/${subresource}`}`,
    code,
    `${count} (${number(count / options.clusters, 2)} per cluster)`,
  ];
  return ['Requests of the operator until it was quiet:', ...table(operator.requests.map(line))];
}

function isEvent({ resource, verb }: RequestCount): boolean {
  return resource === 'events' && (verb === 'POST' || verb === 'PATCH');
}

function isOwnWrite(request: RequestCount): boolean {
  return isWrite(request) && request.resource !== 'events';
}

/** The status of a policy and the kept copy of its content: as many for ten clusters as for ten thousand. */
function isPerPolicy({ resource }: RequestCount): boolean {
  return resource === 'clusterauditpolicies' || resource === 'controllerrevisions';
}

function table(cells: readonly (readonly string[])[]): string[] {
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? '').length)),
  );
  return cells.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  '),
  );
}

function number(value: number, digits: number, unit = ''): string {
  if (!Number.isFinite(value)) return '-';
  return `${value.toFixed(digits)}${unit === '' ? '' : ` ${unit}`}`;
}

function kilobytes(bytes: number): string {
  return `${number(bytes / 1000, 1)} KB`;
}

function mebibytes(bytes: number): string {
  return `${number(bytes / 2 ** 20, 0)} MiB`;
}
