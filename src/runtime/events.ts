/** The object an event is about. */
export interface EventRegarding {
  readonly apiVersion: string;
  readonly kind: string;
  /** Undefined for cluster-scoped kinds. */
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion?: string | undefined;
}

export type EventType = 'Normal' | 'Warning';

/** Something that happened to an object. */
export interface RecordedEvent {
  readonly regarding: EventRegarding;
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
}

/** Where events are written to. Errors are read structurally: `status` as HTTP status. */
export interface EventSink {
  /** Creates a core/v1 Event. */
  create(namespace: string, event: CoreEvent, signal: AbortSignal): Promise<void>;
  /** Raises the count of an Event made before; rejects with status 404 when it is gone. */
  update(namespace: string, name: string, patch: EventUpdate, signal: AbortSignal): Promise<void>;
}

/** A core/v1 Event as it is created. Times are RFC 3339 with seconds. */
export interface CoreEvent {
  readonly apiVersion: 'v1';
  readonly kind: 'Event';
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly involvedObject: Readonly<Record<string, string>>;
  readonly type: EventType;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly source: { readonly component: string };
  readonly reportingComponent: string;
  readonly reportingInstance: string;
}

/** What changes in an Event that happened again; a merge patch. */
export interface EventUpdate {
  readonly count: number;
  readonly lastTimestamp: string;
  readonly message: string;
}
