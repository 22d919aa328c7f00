import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { stringAt } from '../../src/api/json.ts';
import { readPolicySpec } from '../../src/policy/content.ts';
import type { AuditPolicy } from '../../src/policy/types.ts';
import { SeenEvents } from '../../src/simulate/duplicates.ts';
import { Simulator } from '../../src/simulate/simulator.ts';
import { auditLogLines } from './audit-log.ts';

/** What a core should read of a log with bodies under this policy. */
const TARGET_MB_PER_SECOND = 150;
/** The policy of GCE's control planes, with 17 rules. */
const POLICY = new URL('../../examples/policies/gke-configure-helper.yaml', import.meta.url);
const RUNS = 5;
const EVENTS = 100_000;

/** What one way to read a log reaches on one core. */
export interface SimulateFigure {
  what: string;
  /** Medians of the runs; CPU time of the process, garbage collection included. 1 MB is 1,000,000 bytes. */
  megabytesPerSecond: number;
  eventsPerSecond: number;
}

export interface SimulateResult {
  events: number;
  bytesPerEvent: number;
  figures: readonly SimulateFigure[];
}

/** Reads a log of seeded events with bodies, and the same without, in different ways. */
export function benchSimulate(events = EVENTS): SimulateResult[] {
  const policy = readPolicy();
  return [false, true].map((isBare) => {
    const log = logOf(events, isBare);
    const measure = (what: string, work: () => void): SimulateFigure => ({
      what,
      ...speed(log, events, work),
    });
    return {
      events,
      bytesPerEvent: log.length / events,
      figures: [
        measure('JSON.parse of each line and nothing else', () => parseLines(log)),
        measure('simulate, one policy', () => simulate(log, [policy])),
        measure('simulate, two policies compared', () =>
          simulate(log, [policy, { ...policy, rules: policy.rules?.slice(1) ?? [] }]),
        ),
      ],
    };
  });
}

export function simulateText(results: readonly SimulateResult[]): string {
  return results
    .map(({ events, bytesPerEvent, figures }) =>
      [
        `${events} events of ${Math.round(bytesPerEvent)} bytes, target ${TARGET_MB_PER_SECOND} MB/s a core:`,
        ...figures.map(
          ({ what, megabytesPerSecond, eventsPerSecond }) =>
            `  ${what.padEnd(42)} ${megabytesPerSecond.toFixed(0).padStart(5)} MB/s a core ${Math.round(eventsPerSecond / 1000)}k events/s`,
        ),
      ].join('\n'),
    )
    .concat('')
    .join('\n');
}

function readPolicy(): AuditPolicy {
  const spec = (parse(readFileSync(POLICY, 'utf8')) as { spec: unknown }).spec;
  const { accepted } = readPolicySpec(spec);
  if (accepted === undefined) throw new Error(`${POLICY.pathname} is refused`);
  return accepted.policy;
}

function logOf(events: number, isBare: boolean): Buffer {
  const chunks: Buffer[] = [];
  let text = '';
  for (const line of auditLogLines(events)) {
    text += `${isBare ? withoutBodies(line) : line}\n`;
    if (text.length > 1_000_000) {
      chunks.push(Buffer.from(text));
      text = '';
    }
  }
  return Buffer.concat([...chunks, Buffer.from(text)]);
}

function withoutBodies(line: string): string {
  const event = JSON.parse(line) as Record<string, unknown>;
  delete event.requestObject;
  delete event.responseObject;
  return JSON.stringify({ ...event, level: 'Metadata' });
}

function speed(log: Buffer, events: number, work: () => void): Omit<SimulateFigure, 'what'> {
  const seconds = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  });
  const median = seconds.sort((a, b) => a - b)[Math.floor(RUNS / 2)]!;
  return { megabytesPerSecond: log.length / 1e6 / median, eventsPerSecond: events / median };
}

function parseLines(log: Buffer): void {
  let lines = 0;
  for (let start = 0; start < log.length;) {
    const end = log.indexOf(0x0a, start);
    if (stringAt(JSON.parse(log.toString('utf8', start, end)), 'verb') !== undefined) lines++;
    start = end + 1;
  }
  if (lines === 0) throw new Error('nothing was read');
}

function simulate(log: Buffer, policies: readonly AuditPolicy[]): void {
  const simulator = new Simulator({ policies }, new SeenEvents());
  simulator.readLines(log, 0);
  if (simulator.tally.log.recorded.events === 0) throw new Error('nothing was read');
}
