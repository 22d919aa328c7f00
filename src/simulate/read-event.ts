import { OPEN_OBJECT } from './json-characters.ts';
import { isObject, type JsonObject } from '../api/json.ts';
import type { RequestAttributes } from '../policy/evaluate.ts';
import { requestOfParts, userOf } from '../policy/request/audit-event.ts';
import type { RequestUser } from '../policy/request/request-user.ts';
import { LEVELS, STAGES } from '../policy/types.ts';
import { compact } from './compact.ts';
import { eachMember } from './json-bytes.ts';
import { KnownWords } from './known-words.ts';
import { managedFieldsIn } from './managed-fields.ts';
import type { Identity, ManagedFields, RecordedEvent } from './recorded-event.ts';
import { EventSpans, fieldIndex } from './spans.ts';
import { timestampAt } from './timestamps.ts';

const LEVEL = fieldIndex('level');
const AUDIT_ID = fieldIndex('auditID');
const STAGE = fieldIndex('stage');
const REQUEST_URI = fieldIndex('requestURI');
const VERB = fieldIndex('verb');
const USER = fieldIndex('user');
const OBJECT_REF = fieldIndex('objectRef');
const RESPONSE_STATUS = fieldIndex('responseStatus');
const REQUEST_OBJECT = fieldIndex('requestObject');
const RESPONSE_OBJECT = fieldIndex('responseObject');
const RECEIVED = fieldIndex('requestReceivedTimestamp');
const IMPERSONATED_USER = fieldIndex('impersonatedUser');
const AUTHENTICATION_METADATA = fieldIndex('authenticationMetadata');
const STAGE_TIMESTAMP = fieldIndex('stageTimestamp');
const ANNOTATIONS = fieldIndex('annotations');
/** Of `audit.k8s.io/v1alpha1` and v1beta1, in which events had the metadata of objects. */
const METADATA = fieldIndex('metadata');
const TIMESTAMP = fieldIndex('timestamp');

const LEVEL_WORDS = new KnownWords(LEVELS);
const STAGE_WORDS = new KnownWords(STAGES);
const VERB_WORDS = new KnownWords([
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'post',
  'put',
  'head',
]);

const MAX_USERS = 2000;
/** Of a user's JSON; a longer one is not kept. */
const MAX_USER_BYTES = 4096;

/** Reads events from bytes, one after the other. Bodies are measured and never decoded. */
export class EventReader {
  readonly #spans = new EventSpans();
  readonly #users = new Map<string, RequestUser>();

  /**
   * @returns undefined for JSON that is no audit event
   * @throws BrokenJson
   */
  read(bytes: Buffer, start: number, end: number): RecordedEvent | undefined {
    const spans = this.#spans;
    spans.read(bytes, start, end);
    if (spans.hasSpace) {
      const dense = compact(bytes, start, spans.end);
      spans.read(dense, 0, dense.length);
    }
    const uri = spans.text(REQUEST_URI);
    const level = (LEVELS as readonly string[]).indexOf(spans.word(LEVEL, LEVEL_WORDS));
    const stage = spans.word(STAGE, STAGE_WORDS);
    // The verb of an unknown method is empty.
    if (!spans.isText(VERB) || stage === '' || level < 0) return undefined;
    const verb = spans.word(VERB, VERB_WORDS);
    const reference = spans.json(OBJECT_REF);
    if (uri === '' && !isObject(reference)) return undefined;
    const { request, isAmbiguous } = requestOfParts(verb, uri, this.#user(), reference);
    const size = spans.end - spans.start + 1;
    const requestBody = spans.size(REQUEST_OBJECT);
    const responseBody = spans.size(RESPONSE_OBJECT);
    const annotations = annotationsOf(spans);
    return {
      level,
      stage,
      request,
      status: statusOf(spans),
      writtenMs: writtenOf(spans),
      bytes: size,
      requestBody,
      responseBody,
      managedFields: managedFieldsOf(spans),
      patchAnnotations: annotations.patches,
      receivedBytes:
        size -
        requestBody -
        responseBody -
        spans.size(RESPONSE_STATUS) -
        spans.size(ANNOTATIONS) -
        spans.size(IMPERSONATED_USER) -
        spans.size(AUTHENTICATION_METADATA) -
        completedBytes(reference, request) +
        'RequestReceived'.length -
        stage.length,
      isAmbiguous,
      isTruncated: annotations.isTruncated,
      identity: identityOf(spans),
    };
  }

  /** Few users send most requests. */
  #user(): RequestUser {
    const { bytes } = this.#spans;
    const start = this.#spans.valueStart(USER);
    const end = this.#spans.valueEnd(USER);
    if (end - start > MAX_USER_BYTES) return userOf(this.#spans.json(USER));
    const text = bytes.toString('latin1', start, end);
    let user = this.#users.get(text);
    if (user === undefined) {
      user = userOf(this.#spans.json(USER));
      if (this.#users.size >= MAX_USERS) this.#users.clear();
      this.#users.set(text, user);
    }
    return user;
  }
}

/** What of an objectRef comes from a body, and so is not there when the request comes in. */
function completedBytes(reference: unknown, { name, namespace }: RequestAttributes): number {
  if (!isObject(reference)) return 0;
  return (
    memberBytes(reference, 'uid') +
    memberBytes(reference, 'resourceVersion') +
    (name === '' ? memberBytes(reference, 'name') : 0) +
    (namespace === '' ? memberBytes(reference, 'namespace') : 0)
  );
}

function memberBytes(object: JsonObject, field: string): number {
  const text = object[field];
  return typeof text === 'string' ? Buffer.byteLength(text) + field.length + '"":"",'.length : 0;
}

/** The `code` of the responseStatus. */
function statusOf(spans: EventSpans): number {
  if (!spans.has(RESPONSE_STATUS)) return 0;
  const { bytes } = spans;
  const start = spans.valueStart(RESPONSE_STATUS);
  if (bytes[start] !== OPEN_OBJECT) return 0;
  let code = 0;
  eachMember(bytes, start, spans.valueEnd(RESPONSE_STATUS), (keyStart, keyEnd, valueStart, valueEnd) => {
    if (keyEnd - keyStart === 4 && bytes[keyStart] === 0x63 && bytes[keyEnd - 1] === 0x65)
      code = codeAt(bytes, valueStart, valueEnd);
  });
  return code;
}

/** Of three digits, as every HTTP code is; 0 for anything else. */
function codeAt(bytes: Buffer, start: number, end: number): number {
  if (end - start !== 3) return 0;
  let code = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return 0;
    code = code * 10 + digit;
  }
  return code;
}

/** A request can have come in hours before: an exec, a watch. */
function writtenOf(spans: EventSpans): number {
  for (const field of [STAGE_TIMESTAMP, RECEIVED, TIMESTAMP])
    if (spans.has(field))
      return timestampAt(spans.bytes, spans.valueStart(field) + 1, spans.valueEnd(field) - 1);
  const metadata = spans.json(METADATA);
  const created = (metadata as { creationTimestamp?: unknown } | null | undefined)?.creationTimestamp;
  return typeof created === 'string' ? Date.parse(created) : NaN;
}

const PATCH_PREFIX = Buffer.from('patch.webhook.admission.k8s.io/');
const TRUNCATED = Buffer.from('audit.k8s.io/truncated');

function annotationsOf(spans: EventSpans): { patches: number; isTruncated: boolean } {
  let patches = 0;
  let isTruncated = false;
  let others = 0;
  const { bytes } = spans;
  const start = spans.valueStart(ANNOTATIONS);
  if (!spans.has(ANNOTATIONS) || bytes[start] !== OPEN_OBJECT) return { patches, isTruncated };
  eachMember(bytes, start, spans.valueEnd(ANNOTATIONS), (keyStart, keyEnd, _, valueEnd) => {
    const first = bytes[keyStart];
    if (first === 0x70 && startsWith(bytes, keyStart, keyEnd, PATCH_PREFIX))
      patches += valueEnd - keyStart + 2;
    else {
      others++;
      if (first === 0x61 && startsWith(bytes, keyStart, keyEnd, TRUNCATED)) isTruncated = true;
    }
  });
  // Without any annotation the field itself is left out.
  return { patches: patches > 0 && others === 0 ? spans.size(ANNOTATIONS) : patches, isTruncated };
}

function startsWith(bytes: Buffer, start: number, end: number, prefix: Buffer): boolean {
  return (
    end - start >= prefix.length &&
    bytes.compare(prefix, 0, prefix.length, start, start + prefix.length) === 0
  );
}

function managedFieldsOf(spans: EventSpans): () => ManagedFields {
  const { bytes } = spans;
  const request = [spans.valueStart(REQUEST_OBJECT), spans.valueEnd(REQUEST_OBJECT)] as const;
  const response = [spans.valueStart(RESPONSE_OBJECT), spans.valueEnd(RESPONSE_OBJECT)] as const;
  let known: ManagedFields | undefined;
  return () =>
    (known ??= {
      request: managedFieldsIn(bytes, ...request),
      response: managedFieldsIn(bytes, ...response),
    });
}

const FNV_PRIME = 0x01000193;

/**
 * Of the audit ID, the stage, the time, and what was asked for. The ID alone would not do: a client may send one of its own (`Audit-ID`)
 * with all that it asks for. Without an ID nobody can say that an event came before.
 */
function identityOf(spans: EventSpans): Identity | undefined {
  if (!spans.has(AUDIT_ID)) return undefined;
  let high = 0x811c9dc5;
  let low = 0x9e3779b1;
  const { bytes } = spans;
  for (const field of [
    AUDIT_ID,
    STAGE,
    RECEIVED,
    TIMESTAMP,
    VERB,
    spans.has(REQUEST_URI) ? REQUEST_URI : OBJECT_REF,
  ]) {
    const end = spans.valueEnd(field);
    for (let at = spans.valueStart(field); at < end; at++) {
      const byte = bytes[at] ?? 0;
      high = Math.imul(high ^ byte, FNV_PRIME);
      low = Math.imul(low ^ byte, 0x5bd1e995) ^ (low >>> 15);
    }
  }
  return { high: high ^ (high >>> 15), low };
}
