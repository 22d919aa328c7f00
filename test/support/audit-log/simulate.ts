import { gzipSync } from 'node:zlib';
import { renderPolicy } from '../../../src/policy/render.ts';
import type { AuditPolicy } from '../../../src/policy/types.ts';
import type { RuleResult, Simulation, Volume } from '../../../src/simulate/result.ts';
import { run, TestFolder } from '../../unit/cli/run.ts';
import type { WrittenEvent } from './written.ts';

/** By rule, counted from 1; 0 where none matches. Rules of which there is nothing are left out. */
export type Volumes = Record<number, Volume>;

/**
 * What the program's `simulate` says of a policy over the lines of a log.
 * @param recordedWith undefined when the program is not told
 */
export async function simulate(
  policy: AuditPolicy,
  lines: readonly string[],
  recordedWith?: AuditPolicy,
): Promise<Simulation> {
  const folder = new TestFolder();
  try {
    const args = ['simulate', '-f', folder.write('policy.yaml', text(policy)), '-o', 'json'];
    if (recordedWith !== undefined)
      args.push('--recorded-with', folder.write('recorder.yaml', text(recordedWith)));
    const log = lines.map((line) => `${line}\n`).join('');
    const { code, out, err } = await run([...args, folder.write('audit.log.gz', gzipSync(log))]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const simulation = JSON.parse(out) as Simulation;
    expect(simulation.log.recorded).toEqual({ events: lines.length, bytes: Buffer.byteLength(log) });
    return simulation;
  } finally {
    folder.remove();
  }
}

function text(policy: AuditPolicy): string {
  const rendered = renderPolicy(policy);
  if (!rendered.ok) throw new Error(rendered.error);
  return rendered.yaml;
}

/** The rules of the one policy of a simulation, by their number. */
export function rulesOf({ policies }: Simulation): Map<number, RuleResult> {
  return new Map(policies[0]?.rules.map((rule) => [numberIn(rule), rule]));
}

/** In JSON the number is null where no rule matches. */
function numberIn({ rule }: { rule: number | null }): number {
  return rule ?? 0;
}

/** What is written by each rule, as a simulation says. */
export function simulatedVolumes(simulation: Simulation): Volumes {
  const rules = [...rulesOf(simulation)].filter(([, { written }]) => written.events > 0);
  return Object.fromEntries(rules.map(([number, { written }]) => [number, written]));
}

/** What is written by each rule, as events are there. */
export function volumesOf(events: readonly WrittenEvent[]): Volumes {
  const volumes: Volumes = {};
  for (const { decision, bytes } of events) {
    const volume = (volumes[decision.rule + 1] ??= { events: 0, bytes: 0 });
    volume.events++;
    volume.bytes += bytes;
  }
  return volumes;
}
