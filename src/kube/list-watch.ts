import { errorFromStatus, KubeError } from './errors.ts';
import { collectionPath } from './resources.ts';
import type { Resource } from './resources.ts';
import type { Transport } from './transport.ts';
import type { ListPage, ListRequest, ListWatcher, WatchRequest } from '../runtime/list-watcher.ts';

/** Which part of a collection is meant. */
export interface ListScope {
  /** One namespace; all of them when undefined. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

// A page of 500 large objects from a busy server takes its time.
const listTimeoutMs = 120_000;

/** A reflector's list and watch of one collection. Both reject with `KubeError`. */
export function createListWatcher(transport: Transport, resource: Resource, scope: ListScope): ListWatcher {
  const path = collectionPath(resource, scope.namespace);
  const selectors = { labelSelector: scope.labelSelector, fieldSelector: scope.fieldSelector };
  return {
    async list({ limit, continueToken, signal }: ListRequest): Promise<ListPage> {
      const query = { ...selectors, limit, continue: continueToken };
      const response = await transport.request({
        method: 'GET',
        path,
        query,
        signal,
        timeoutMs: listTimeoutMs,
        // The reflector has a back-off of its own.
        isRetried: false,
      });
      return parsePage(response.body);
    },

    watch(request: WatchRequest): Promise<void> {
      const { signal, onBytes, onOpen, resourceVersion, sendInitialEvents, timeoutSeconds } = request;
      const query = {
        ...selectors,
        watch: true,
        allowWatchBookmarks: true,
        timeoutSeconds,
        resourceVersion,
        ...(sendInitialEvents ? { sendInitialEvents, resourceVersionMatch: 'NotOlderThan' } : {}),
      };
      const onLine = (line: string): void => passOn(line, request);
      return transport.stream({ path, query, signal, onOpen, onBytes, onLine });
    },
  };
}

function parsePage(body: unknown): ListPage {
  if (isRecord(body) && isRecord(body.metadata)) {
    const { resourceVersion, continue: token } = body.metadata;
    const items = body.items ?? [];
    if (typeof resourceVersion === 'string' && Array.isArray(items)) {
      return {
        items,
        resourceVersion,
        continueToken: typeof token === 'string' && token !== '' ? token : undefined,
      };
    }
  }
  throw new KubeError({
    code: 'InvalidResponse',
    message: 'the server answered a list request with no list',
  });
}

function passOn(line: string, request: WatchRequest): void {
  const event = parseLine(line);
  const { type, object } = event;
  // A server that fails after it has answered 200 may send a bare Status.
  const status = type === 'ERROR' ? object : event;
  if (isRecord(status) && status.kind === 'Status') throw errorFromStatus(statusCodeOf(status), status);
  if (typeof type === 'string') {
    request.onEvent(type, object);
    return;
  }
  throw new KubeError({ code: 'InvalidResponse', message: 'the watch sent a line that is no event' });
}

function parseLine(line: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new KubeError({
      code: 'InvalidResponse',
      message: 'the watch sent a line that is no JSON',
      cause: error,
    });
  }
  return isRecord(value) ? value : {};
}

function statusCodeOf(status: Readonly<Record<string, unknown>>): number {
  return typeof status.code === 'number' ? status.code : 500;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
