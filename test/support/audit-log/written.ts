import { compilePolicy, type Decision, type RequestAttributes } from '../../../src/policy/evaluate.ts';
import type { AuditPolicy } from '../../../src/policy/types.ts';
import { outcomeOf } from '../../../src/simulate/outcome.ts';
import { EventReader } from '../../../src/simulate/read-event.ts';
import type { RecordedEvent } from '../../../src/simulate/recorded-event.ts';
import { asRecord, asString, isRecord } from '../json.ts';

/** An event as it is compared: its parts that a policy decides about, and the whole. */
export interface WrittenEvent {
  /** Step, verb, stage and URI. */
  key: string;
  /** As the simulator reads it out of this event. */
  request: RequestAttributes;
  /** The policy's, of the request. */
  decision: Decision;
  level: string;
  bytes: number;
  requestBody: number;
  responseBody: number;
  /** The event itself, without its audit ID and the time of its request. */
  event: Record<string, unknown>;
}

/** What was written, as it stands in the masked lines of a log. */
export function writtenIn(lines: readonly string[], policy: AuditPolicy): WrittenEvent[] {
  const decide = compilePolicy(policy);
  return lines.map((line) => {
    const { event, recorded } = read(line);
    const { request, requestBody, responseBody, bytes } = recorded;
    const decision = decide(request);
    const level = asString(event.level, 'level');
    return { key: keyOf(event), request, decision, level, bytes, requestBody, responseBody, event };
  });
}

/**
 * What the simulator says that the policy writes of the masked lines of a log which has everything. The simulator works with sizes;
 * the event itself is put together here, by the levels and bodies that it tells.
 */
export function simulatedFrom(lines: readonly string[], policy: AuditPolicy): WrittenEvent[] {
  const decide = compilePolicy(policy);
  return lines.flatMap((line) => {
    const { event, recorded } = read(line);
    const { request } = recorded;
    const decision = decide(request);
    const outcome = outcomeOf(recorded, decision);
    if (outcome === undefined) return [];
    const { level, bytes, requestBody, responseBody } = outcome;
    const simulated: Record<string, unknown> = { ...event, level };
    if (requestBody === 0) delete simulated.requestObject;
    if (responseBody === 0) delete simulated.responseObject;
    if (decision.omitManagedFields) {
      if (event.verb !== 'patch') simulated.requestObject = withoutManagedFields(simulated.requestObject);
      simulated.responseObject = withoutManagedFields(simulated.responseObject);
    }
    if (level === 'Metadata') simulated.annotations = withoutPatches(event.annotations);
    const whole = JSON.parse(JSON.stringify(simulated)) as Record<string, unknown>;
    return [{ key: keyOf(event), request, decision, level, bytes, requestBody, responseBody, event: whole }];
  });
}

const reader = new EventReader();

function read(line: string): { event: Record<string, unknown>; recorded: RecordedEvent } {
  const bytes = Buffer.from(line);
  const recorded = reader.read(bytes, 0, bytes.length);
  if (recorded === undefined) throw new Error(`the simulator sees no event in ${line}`);
  const event = asRecord(JSON.parse(line), 'event');
  return { event: without(event, 'auditID', 'requestReceivedTimestamp'), recorded };
}

function keyOf({ userAgent, verb, stage, requestURI }: Record<string, unknown>): string {
  return [userAgent, verb, stage, requestURI].join(' ');
}

/** As documented of `omitManagedFields`: of objects, of the items of lists and of the rows of tables. */
function withoutManagedFields(body: unknown): unknown {
  if (!isRecord(body)) return body;
  const { items, rows } = body;
  return {
    ...asRecord(bare(body), 'body'),
    ...(Array.isArray(items) ? { items: items.map(bare) } : {}),
    ...(body.kind === 'Table' && Array.isArray(rows)
      ? { rows: rows.map((row: unknown) => (isRecord(row) ? { ...row, object: bare(row.object) } : row)) }
      : {}),
  };
}

function bare(object: unknown): unknown {
  if (!isRecord(object) || !isRecord(object.metadata)) return object;
  return { ...object, metadata: without(object.metadata, 'managedFields') };
}

function without(object: Record<string, unknown>, ...fields: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)));
}

function withoutPatches(annotations: unknown): unknown {
  if (!isRecord(annotations)) return annotations;
  return Object.fromEntries(
    Object.entries(annotations).filter(([name]) => !name.startsWith('patch.webhook.admission.k8s.io/')),
  );
}
