import type { Decision } from '../policy/evaluate.ts';
import { LEVELS, type Level } from '../policy/types.ts';
import type { RecordedEvent } from './recorded-event.ts';

export const METADATA = LEVELS.indexOf('Metadata');
export const REQUEST = LEVELS.indexOf('Request');
export const REQUEST_RESPONSE = LEVELS.indexOf('RequestResponse');

/** What is written of an event. */
export interface Outcome {
  level: Level;
  /** Index in LEVELS. */
  depth: number;
  /** Of the line, as far as the recording has it. */
  bytes: number;
  /** What of these bytes are bodies. */
  requestBody: number;
  responseBody: number;
  /** Bodies that the level calls for and the recording, made at a lower one, cannot have. */
  lacksRequestBody: boolean;
  lacksResponseBody: boolean;
}

/**
 * What a policy's decision makes of an event; undefined when it is not written. A lower level than the recorded one is exact: the bodies
 * go, and the level's name changes. For a higher one bodies may be missing.
 */
export function outcomeOf(event: RecordedEvent, decision: Decision): Outcome | undefined {
  const depth = LEVELS.indexOf(decision.level as Level);
  if (depth < METADATA || decision.omitStages.includes(event.stage)) return undefined;
  const level = LEVELS[depth] ?? 'Metadata';
  const isWithRequest = depth >= REQUEST;
  const isWithResponse = depth >= REQUEST_RESPONSE;
  const bodies =
    decision.omitManagedFields && isWithRequest
      ? bareBodies(event)
      : { request: event.requestBody, response: event.responseBody };
  const requestBody = isWithRequest ? bodies.request : 0;
  const responseBody = isWithResponse ? bodies.response : 0;
  const rest =
    event.bytes - event.requestBody - event.responseBody - (isWithRequest ? 0 : event.patchAnnotations);
  return {
    level,
    depth,
    bytes: rest + requestBody + responseBody + level.length - (LEVELS[event.level] ?? '').length,
    requestBody,
    responseBody,
    lacksRequestBody: isWithRequest && event.level < REQUEST && mayHaveRequestBody(event),
    lacksResponseBody: isWithResponse && event.level < REQUEST_RESPONSE && mayHaveResponseBody(event),
  };
}

/** What the bodies take without managed fields. A patch is written as it was sent. */
export function bareBodies(event: RecordedEvent): { request: number; response: number } {
  const { requestBody, responseBody, request } = event;
  if (requestBody === 0 && responseBody === 0) return { request: 0, response: 0 };
  const managed = event.managedFields();
  return {
    request: requestBody - (request.verb === 'patch' ? 0 : managed.request),
    response: responseBody - managed.response,
  };
}

const WITH_REQUEST_BODY: readonly string[] = ['create', 'update', 'patch', 'delete', 'deletecollection'];
const WITH_RESPONSE_BODY: readonly string[] = ['get', 'list', ...WITH_REQUEST_BODY];
/** Of these connections come no objects. */
const STREAMS: readonly string[] = ['exec', 'attach', 'portforward', 'proxy', 'log'];

/** Bodies are known when a request has been answered, and only those of resources are written. */
function mayHaveRequestBody({ request, stage }: RecordedEvent): boolean {
  return (
    stage !== 'RequestReceived' &&
    request.isResourceRequest &&
    WITH_REQUEST_BODY.includes(request.verb) &&
    !STREAMS.includes(request.subresource)
  );
}

/** HTTP codes whose answer is an object for URLs, too. */
const REFUSALS: readonly number[] = [401, 403, 405];

/** A refusal is an object, too, and comes even where else a stream would: at the stage at which that would have started. */
function mayHaveResponseBody({ request, stage, status }: RecordedEvent): boolean {
  if (stage === 'RequestReceived' || stage === 'Panic') return false;
  if (!request.isResourceRequest) return REFUSALS.includes(status);
  if (status >= 400) return true;
  return (
    stage === 'ResponseComplete' &&
    WITH_RESPONSE_BODY.includes(request.verb) &&
    !STREAMS.includes(request.subresource)
  );
}
