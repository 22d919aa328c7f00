import type { RequestAttributes } from '../policy/evaluate.ts';

/** An audit event as a log has it: the request that it tells of, and what each part of it takes. Bytes include the line feed. */
export interface RecordedEvent {
  /** Index in LEVELS. */
  level: number;
  stage: string;
  request: RequestAttributes;
  /** The HTTP code of the answer, 0 where it is not told. */
  status: number;
  /** When the event was written (its stage; of old events, when the request came in), in milliseconds since 1970; NaN where it is not told. */
  writtenMs: number;
  /** Of the whole event on a line of its own. */
  bytes: number;
  /** What goes with `requestObject`, and with `responseObject`; 0 where there is none. */
  requestBody: number;
  responseBody: number;
  /** What of these are managed fields; counted when asked for. */
  managedFields(): ManagedFields;
  /** Annotations with the patches of webhooks, which kube-apiserver writes from level Request on. */
  patchAnnotations: number;
  /** What the event at stage RequestReceived takes, or would. */
  receivedBytes: number;
  /** `objectRef` says another thing than the URI. */
  isAmbiguous: boolean;
  /** The API server cut the event to a size (`--audit-log-truncate-enabled`): its bodies are missing. */
  isTruncated: boolean;
  /** A hash that tells this event from others; absent where it has no ID. */
  identity: Identity | undefined;
}

export interface ManagedFields {
  request: number;
  response: number;
}

export interface Identity {
  high: number;
  low: number;
}
