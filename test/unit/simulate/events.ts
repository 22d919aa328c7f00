import type { AuditPolicy, PolicyRule } from '../../../src/policy/types.ts';
import { SeenEvents } from '../../../src/simulate/duplicates.ts';
import { Simulator, type SimulationPlan } from '../../../src/simulate/simulator.ts';
import { resultOf, type ResultContext } from '../../../src/simulate/result-of.ts';
import type { Simulation } from '../../../src/simulate/result.ts';

export type Json = Record<string, unknown>;

let number = 0;

/** An event that kube-apiserver could have written, with an ID of its own. */
export function event(fields: Json = {}): Json {
  const { requestReceivedTimestamp = '2026-01-01T00:00:00.000000Z' } = fields;
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: `audit-${number++}`,
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/day/configmaps/web',
    verb: 'get',
    user: { username: 'jane', groups: ['dev'] },
    objectRef: { resource: 'configmaps', namespace: 'day', name: 'web', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp,
    stageTimestamp:
      'requestReceivedTimestamp' in fields ? fields.requestReceivedTimestamp : requestReceivedTimestamp,
    annotations: { 'authorization.k8s.io/decision': 'allow' },
    ...fields,
  };
}

/** An event of a request for a URL, which has no objectRef. */
export function urlEvent(requestURI: string, fields: Json = {}): Json {
  return without(event({ requestURI, ...fields }), 'objectRef');
}

export function without(object: Json, ...fields: string[]): Json {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)));
}

export function policyOf(...rules: PolicyRule[]): AuditPolicy {
  return { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules } as AuditPolicy;
}

export const CATCH_ALL = policyOf({ level: 'Metadata' });

/** A simulator that has read these events, or texts, one a line. */
export function simulated(
  lines: readonly (Json | string)[],
  plan: SimulationPlan = { policies: [CATCH_ALL] },
  seen = new SeenEvents(),
): Simulator {
  const simulator = new Simulator(plan, seen);
  simulator.readLines(Buffer.from(textOf(lines)), 0);
  return simulator;
}

export function textOf(lines: readonly (Json | string)[]): string {
  return lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
}

export function resultFor(
  simulator: Pick<Simulator, 'tally'>,
  plan: SimulationPlan,
  context: Partial<ResultContext> = {},
): Simulation {
  return resultOf(simulator.tally, {
    ...plan,
    titles: plan.policies.map((_, index) => `policy ${index}`),
    ruleLines: plan.policies.map(() => []),
    files: ['log'],
    bytes: 0,
    placeOf: ({ block, line }) => ({ file: `block ${block}`, line: line + 1 }),
    servers: 1,
    ...(plan.recordedWith ? { recordedWithTitle: 'recorder' } : {}),
    ...context,
  });
}

export function simulate(lines: readonly (Json | string)[], plan: SimulationPlan): Simulation {
  return resultFor(simulated(lines, plan), plan);
}
