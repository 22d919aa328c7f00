import { isKubeError } from './errors.ts';
import { createListWatcher } from './list-watch.ts';
import type { ListScope } from './list-watch.ts';
import { collectionPath, objectPath } from './resources.ts';
import type { ObjectName, Resource } from './resources.ts';
import type { KubeRequest, Query, Transport } from './transport.ts';
import type { ListWatcher } from '../runtime/list-watcher.ts';

/** A write, as it goes to the observer and, in a dry run, nowhere else. */
export interface WriteRequest {
  readonly verb: 'create' | 'mergePatch' | 'jsonPatch' | 'apply' | 'delete';
  readonly resource: Resource;
  /** Of a created object: as its metadata has it. */
  readonly name: ObjectName;
  readonly subresource: string | undefined;
  /** What is sent; undefined for a delete without preconditions. */
  readonly body: unknown;
}

/** What came of a write. */
export interface WriteResult {
  /** False in a dry run. */
  readonly sent: boolean;
  /** The server's answer, usually the object as it is now, as parsed JSON; undefined when nothing was sent. */
  readonly object: unknown;
}

/** What every verb takes besides what it is about. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Behind all other requests. */
  readonly lowPriority?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Options of a creation. */
export interface CreateOptions extends CallOptions {
  /** Let the server go through with it, admission and all, and keep nothing. */
  readonly serverDryRun?: boolean | undefined;
}

/** Options of server-side apply. */
export interface ApplyOptions extends CallOptions {
  /** Take fields over from other managers. Default false: their fields make a Conflict with `conflicts`. */
  readonly force?: boolean | undefined;
  readonly subresource?: string | undefined;
  /** Let the server go through with it, admission and all, and keep nothing. */
  readonly serverDryRun?: boolean | undefined;
}

/** Options of the patches that are no apply. */
export interface PatchOptions extends CallOptions {
  readonly subresource?: string | undefined;
}

/** Conditions and manner of a deletion. */
export interface DeleteOptions extends CallOptions {
  /** Delete only this very object; another of its name makes a Conflict. */
  readonly uid?: string | undefined;
  /** Delete only this version. */
  readonly resourceVersion?: string | undefined;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
}

/** What a client is made of. */
export interface KubeClientOptions {
  readonly transport: Transport;
  /** The manager that every write is recorded under. */
  readonly fieldManager: string;
  /** With `client`, writes are told to `onWrite` and not sent. Default `none`. */
  readonly dryRun?: 'none' | 'client' | undefined;
  /** Told of each write before it is sent. */
  readonly onWrite?: ((write: WriteRequest) => void) | undefined;
  /** Asked right before each write goes out, see `KubeRequest.guard`: what it throws, the write rejects with. */
  readonly writeGuard?: (() => void) | undefined;
}

/**
 * The API's verbs, one method each, over parsed JSON: what comes back is `unknown`, and the caller projects it at the edge.
 * Every method throws `KubeError`.
 */
export class KubeClient {
  readonly transport: Transport;
  readonly fieldManager: string;
  readonly #options: KubeClientOptions;
  readonly #isDryRun: boolean;
  readonly #onWrite: ((write: WriteRequest) => void) | undefined;

  constructor(options: KubeClientOptions) {
    this.#options = options;
    this.transport = options.transport;
    this.fieldManager = options.fieldManager;
    this.#isDryRun = options.dryRun === 'client';
    this.#onWrite = options.onWrite;
  }

  /** The same client, whose writes `writeGuard` is asked about. */
  guarded(writeGuard: () => void): KubeClient {
    return new KubeClient({ ...this.#options, writeGuard });
  }

  /** Reads one object. @throws KubeError NotFound when there is none, or no such kind */
  async get(resource: Resource, name: ObjectName, options: CallOptions = {}): Promise<unknown> {
    const response = await this.transport.request({
      method: 'GET',
      path: objectPath(resource, name),
      ...callOf(options),
    });
    return response.body;
  }

  /** Reads one object; undefined when there is none, or no such kind. */
  async find(resource: Resource, name: ObjectName, options: CallOptions = {}): Promise<unknown> {
    try {
      return await this.get(resource, name, options);
    } catch (error) {
      if (isKubeError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /**
   * Creates an object; its namespace and name (or generateName) are those of `name`.
   * @throws KubeError AlreadyExists, Invalid, Forbidden (quota, a terminating namespace) and the rest
   */
  create(
    resource: Resource,
    name: ObjectName,
    body: object,
    options: CreateOptions = {},
  ): Promise<WriteResult> {
    return this.#write(
      { verb: 'create', resource, name, subresource: undefined, body },
      { method: 'POST', path: collectionPath(resource, name.namespace), body, ...callOf(options) },
      { fieldManager: this.fieldManager, dryRun: options.serverDryRun === true ? 'All' : undefined },
    );
  }

  /** RFC 7386: given fields replace, nulls remove, lists are replaced whole. */
  mergePatch(
    resource: Resource,
    name: ObjectName,
    patch: object,
    options: PatchOptions = {},
  ): Promise<WriteResult> {
    return this.#patch('mergePatch', 'application/merge-patch+json', resource, name, patch, options);
  }

  /** RFC 6902. @throws KubeError Invalid when a `test` fails */
  jsonPatch(
    resource: Resource,
    name: ObjectName,
    patch: readonly object[],
    options: PatchOptions = {},
  ): Promise<WriteResult> {
    return this.#patch('jsonPatch', 'application/json-patch+json', resource, name, patch, options);
  }

  /**
   * Server-side apply under the client's field manager. It creates a missing object, unless `body.metadata.uid` is set:
   * then a missing or other object makes a Conflict.
   * @param body a whole apply configuration with apiVersion, kind and metadata.name
   */
  apply(
    resource: Resource,
    name: ObjectName,
    body: object,
    options: ApplyOptions = {},
  ): Promise<WriteResult> {
    return this.#patch('apply', 'application/apply-patch+yaml', resource, name, body, options, {
      force: options.force === true ? true : undefined,
      dryRun: options.serverDryRun === true ? 'All' : undefined,
    });
  }

  /** Server-side apply of the status subresource. */
  applyStatus(
    resource: Resource,
    name: ObjectName,
    body: object,
    options: ApplyOptions = {},
  ): Promise<WriteResult> {
    return this.apply(resource, name, body, { ...options, subresource: 'status' });
  }

  /** Merge patch of the status subresource; `patch` has the shape `{status: ...}`. */
  patchStatus(
    resource: Resource,
    name: ObjectName,
    patch: object,
    options: CallOptions = {},
  ): Promise<WriteResult> {
    return this.mergePatch(resource, name, patch, { ...options, subresource: 'status' });
  }

  /** Deletes one object. @throws KubeError NotFound; Conflict when a precondition does not hold */
  delete(resource: Resource, name: ObjectName, options: DeleteOptions = {}): Promise<WriteResult> {
    const { uid, resourceVersion, propagationPolicy } = options;
    const hasPreconditions = uid !== undefined || resourceVersion !== undefined;
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      ...(hasPreconditions ? { preconditions: { uid, resourceVersion } } : {}),
      ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    };
    return this.#write(
      { verb: 'delete', resource, name, subresource: undefined, body },
      { method: 'DELETE', path: objectPath(resource, name), body, ...callOf(options) },
      {},
    );
  }

  /** The list and watch of a collection, for a reflector. */
  listWatcher(resource: Resource, scope: ListScope = {}): ListWatcher {
    return createListWatcher(this.transport, resource, scope);
  }

  #patch(
    verb: 'mergePatch' | 'jsonPatch' | 'apply',
    contentType: string,
    resource: Resource,
    name: ObjectName,
    body: unknown,
    options: PatchOptions,
    query: Query = {},
  ): Promise<WriteResult> {
    const path = objectPath(resource, name, options.subresource);
    return this.#write(
      { verb, resource, name, subresource: options.subresource, body },
      { method: 'PATCH', path, contentType, body, ...callOf(options) },
      { fieldManager: this.fieldManager, ...query },
    );
  }

  async #write(write: WriteRequest, request: KubeRequest, query: Query): Promise<WriteResult> {
    if (query.dryRun === undefined) this.#onWrite?.(write);
    if (this.#isDryRun) return { sent: false, object: undefined };
    const guard = this.#options.writeGuard;
    const response = await this.transport.request({ ...request, query, guard });
    return { sent: true, object: response.body };
  }
}

function callOf(options: CallOptions): Pick<KubeRequest, 'signal' | 'lowPriority' | 'timeoutMs'> {
  return { signal: options.signal, lowPriority: options.lowPriority, timeoutMs: options.timeoutMs };
}
