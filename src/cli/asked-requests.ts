import { at, stringAt } from '../api/json.ts';
import type { RequestAttributes } from '../policy/evaluate.ts';
import { eventsIn, requestOfEvent } from '../policy/request/audit-event.ts';
import { filesOf, kubectlRequests } from '../policy/request/kubectl.ts';
import type { ManifestObject } from '../policy/request/kubectl-targets.ts';
import { toRequest, UnclearRequest, userOf, type RequestSpec } from '../policy/request/request-spec.ts';
import { readInputs, type Input } from './inputs.ts';
import { UsageError, type Io } from './io.ts';
import { readObjects, unreadable } from './objects.ts';

/** A request that a user asks about. */
export interface AskedRequest {
  request: RequestAttributes;
  /** What the question is about, and not what kubectl asks before or after it. */
  isMain: boolean;
  /** When it is sent, if not always. */
  when?: string;
}

export interface AskedRequests {
  requests: readonly AskedRequest[];
  /** What the user may not expect. */
  notes: readonly string[];
}

/** @throws UnclearRequest */
export function askedBySpec(spec: RequestSpec): AskedRequests {
  const { request, notes } = toRequest(spec);
  return { requests: [{ request, isMain: true }], notes };
}

/**
 * The requests of a kubectl command line, which is never run; the files of its `-f` are read.
 * @param spec tells who runs it
 * @throws UnclearRequest, or UsageError for a file that cannot be read
 */
export async function askedByKubectl(
  line: readonly string[],
  spec: RequestSpec,
  io: Io,
  resolvePath: (path: string) => string = (path) => path,
): Promise<AskedRequests> {
  const files = filesOf(line);
  const objects = files.length === 0 ? undefined : objectsOf(await readInputs(files.map(resolvePath), io));
  const { user, groups } = userOf(spec);
  const { steps, notes } = kubectlRequests(line, objects, spec.apiGroup);
  return {
    requests: steps.map(({ target, isMain, note }) => ({
      request: { user, groups, ...target },
      isMain,
      ...(note === undefined ? {} : { when: note }),
    })),
    notes,
  };
}

function objectsOf(inputs: readonly Input[]): ManifestObject[] {
  return inputs.flatMap((source) =>
    readObjects(source.text).map((object) => {
      if (object.value === undefined) throw unreadable(source, object);
      const text = (...path: string[]): string => stringAt(object.value, ...path) ?? '';
      const namespace = text('metadata', 'namespace');
      return {
        apiVersion: text('apiVersion'),
        kind: text('kind'),
        name: text('metadata', 'name'),
        ...(namespace === '' ? {} : { namespace }),
      };
    }),
  );
}

/** More of them are a log, which is for other tools to sum up. */
const MAX_EVENTS = 100;

/**
 * The requests of audit events: a JSON text with one, a list of them, or one a line.
 * @throws UsageError naming file and line
 */
export async function askedByEvent(path: string, io: Io): Promise<AskedRequests> {
  const [input] = await readInputs([path], io);
  if (input === undefined) throw new UsageError(`${path}: cannot be read.`);
  const events = parseEvents(input);
  const requests = events.slice(0, MAX_EVENTS).map(({ event, line }) => {
    const request = requestOfEvent(event);
    if (request === undefined)
      throw new UsageError(`${input.name}:${line}: no audit event: ${whatIs(event)}.`);
    return { request, isMain: true };
  });
  const more = events.length - requests.length;
  return { requests, notes: more > 0 ? [`${more} more events are passed over`] : [] };
}

function parseEvents({ name, text }: Input): { event: unknown; line: number }[] {
  const whole = parseJson(text);
  if (whole !== undefined) return eventsIn(whole).map((event) => ({ event, line: 1 }));
  return text.split('\n').flatMap((row, i) => {
    if (row.trim() === '') return [];
    const value = parseJson(row);
    if (value === undefined) throw new UsageError(`${name}:${i + 1}: not JSON.`);
    return eventsIn(value).map((event) => ({ event, line: i + 1 }));
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function whatIs(value: unknown): string {
  const kind = at(value, 'kind');
  return typeof kind === 'string'
    ? `its kind is ${JSON.stringify(kind.slice(0, 80))}`
    : 'it needs verb and requestURI or objectRef';
}

/** For commands: what is unclear about a request is a mistake of usage. */
export async function orUsage<T>(action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof UnclearRequest)) throw error;
    throw new UsageError(error.message.endsWith('?') ? error.message : `${error.message}.`);
  }
}
