import { httpClient } from './http.ts';
import type { HttpResponse } from './http.ts';
import { asArray, asRecord, dig } from './json.ts';
import { asObject } from './kube-object.ts';
import type { KubeObject } from './kube-object.ts';
import { readKubeconfig } from './kubeconfig.ts';

export type { KubeObject, ObjectMeta } from './kube-object.ts';

/** What is sent: anything that becomes JSON. */
export type Body = object;

/** Query parameters; undefined ones are left out. */
export type Query = Record<string, string | number | boolean | undefined>;

export interface WriteOptions {
  /** Default `test`. */
  fieldManager?: string;
  /** Default of the API server: `Warn`. */
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  dryRun?: boolean;
}

export interface ApplyOptions extends WriteOptions {
  fieldManager: string;
  force?: boolean;
}

/** Any answer of 400 and above. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: number;
  /** Machine-readable reason of the Status, such as `AlreadyExists`; empty when there is none. */
  readonly reason: string;
  readonly body: unknown;

  constructor(request: string, status: number, body: unknown) {
    const message = dig(body, 'message');
    super(`${request}: ${String(status)} ${typeof message === 'string' ? message : JSON.stringify(body)}`);
    this.status = status;
    const reason = dig(body, 'reason');
    this.reason = typeof reason === 'string' ? reason : '';
    this.body = body;
  }
}

/**
 * A plain client for tests. It shares no code with src/kube, so that a fault there cannot hide itself.
 * Paths are full: `/api/v1/namespaces/x/configmaps/y` (see kinds.ts). All but `raw` throw ApiError from 400 on.
 */
export interface Api {
  /** `https://127.0.0.1:PORT`. */
  readonly server: string;
  readonly ca: string;
  /** The same server as another user. */
  as(token: string): Api;
  get(path: string, query?: Query): Promise<KubeObject>;
  /** Undefined when it is not there (404). */
  find(path: string): Promise<KubeObject | undefined>;
  /** All items, page by page; each gets the apiVersion and kind that the list implies. */
  list(path: string, query?: Query): Promise<KubeObject[]>;
  /** POST to the collection. */
  create(path: string, body: Body, options?: WriteOptions): Promise<KubeObject>;
  /** PUT. */
  replace(path: string, body: Body, options?: WriteOptions): Promise<KubeObject>;
  mergePatch(path: string, patch: Body, options?: WriteOptions): Promise<KubeObject>;
  jsonPatch(path: string, patch: Body[], options?: WriteOptions): Promise<KubeObject>;
  /** Server-side apply. */
  apply(path: string, body: Body, options: ApplyOptions): Promise<KubeObject>;
  /** Merge-patches `{status}` on the status subresource. */
  patchStatus(path: string, status: Body, options?: WriteOptions): Promise<KubeObject>;
  /** Removes an object, or all of a collection; nothing is said when it is not there. */
  delete(path: string, query?: Query): Promise<void>;
  /** Any request; any status is an answer. `body` is parsed JSON, else text. */
  raw(method: string, path: string, options?: RawOptions): Promise<RawResponse>;
  close(): void;
}

export interface RawOptions {
  body?: Body | string;
  contentType?: string;
  query?: Query;
  headers?: Record<string, string>;
}

export interface RawResponse extends HttpResponse {
  body: unknown;
}

/** The client for the kubeconfig that the tests share (AUDIT_POLICY_TEST_KUBECONFIG, set by the global set-up). */
export async function sharedApi(): Promise<Api> {
  return await apiFromKubeconfig(sharedKubeconfig());
}

/** Path of the administrator's kubeconfig that the tests share. */
export function sharedKubeconfig(): string {
  return setUp('AUDIT_POLICY_TEST_KUBECONFIG');
}

/** Path of the kubeconfig of the operator's ServiceAccount, with the rights of config/rbac. */
export function sharedOperatorKubeconfig(): string {
  return setUp('AUDIT_POLICY_TEST_OPERATOR_KUBECONFIG');
}

function setUp(variable: string): string {
  const value = process.env[variable];
  if (value === undefined || value === '') {
    throw new Error(`${variable} is not set: run by npm run test:integration`);
  }
  return value;
}

/** A client for a kubeconfig that logs in by a token. */
export async function apiFromKubeconfig(path: string): Promise<Api> {
  const { server, ca, token } = await readKubeconfig(path);
  return createApi(server, ca, token);
}

const PAGE = 500;

export function createApi(server: string, ca: string, token: string): Api {
  const http = httpClient(server, ca);
  const raw: Api['raw'] = async (
    method,
    path,
    { body, contentType = 'application/json', query = {}, headers = {} } = {},
  ) => {
    const response = await http.send({
      method,
      path: withQuery(path, query),
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': contentType }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { ...response, body: parseBody(response.text) };
  };
  const send = async (method: string, path: string, options?: RawOptions): Promise<unknown> => {
    const { status, body } = await raw(method, path, options);
    if (status >= 400) throw new ApiError(`${method} ${path}`, status, body);
    return body;
  };
  const write = async (
    method: string,
    path: string,
    body: Body,
    options: WriteOptions,
    contentType?: string,
  ): Promise<KubeObject> =>
    asObject(
      await send(method, path, {
        body,
        query: writeQuery(options),
        ...(contentType === undefined ? {} : { contentType }),
      }),
    );
  const api: Api = {
    server,
    ca,
    as: (other) => createApi(server, ca, other),
    get: async (path, query = {}) => asObject(await send('GET', path, { query })),
    async find(path) {
      const { status, body } = await raw('GET', path);
      if (status === 404) return undefined;
      if (status >= 400) throw new ApiError(`GET ${path}`, status, body);
      return asObject(body);
    },
    async list(path, query = {}) {
      const items: KubeObject[] = [];
      let token: string | undefined;
      do {
        const page = await send('GET', path, { query: { limit: PAGE, ...query, continue: token } });
        items.push(...itemsOf(page));
        const next = dig(page, 'metadata', 'continue');
        token = typeof next === 'string' && next !== '' ? next : undefined;
      } while (token !== undefined);
      return items;
    },
    create: (path, body, options = {}) => write('POST', path, body, options),
    replace: (path, body, options = {}) => write('PUT', path, body, options),
    mergePatch: (path, patch, options = {}) =>
      write('PATCH', path, patch, options, 'application/merge-patch+json'),
    jsonPatch: (path, patch, options = {}) =>
      write('PATCH', path, patch, options, 'application/json-patch+json'),
    async apply(path, body, { force, ...options }) {
      const query = { ...writeQuery(options), force };
      return asObject(
        await send('PATCH', path, { body, query, contentType: 'application/apply-patch+yaml' }),
      );
    },
    patchStatus: (path, status, options = {}) => api.mergePatch(`${path}/status`, { status }, options),
    async delete(path, query = {}) {
      const { status, body } = await raw('DELETE', path, { query });
      if (status >= 400 && status !== 404) throw new ApiError(`DELETE ${path}`, status, body);
    },
    raw,
    close() {
      http.close();
    },
  };
  return api;
}

function writeQuery({ fieldManager = 'test', fieldValidation, dryRun }: WriteOptions): Query {
  return { fieldManager, fieldValidation, dryRun: dryRun === true ? 'All' : undefined };
}

function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The list's items; those of built-in kinds carry no apiVersion and kind of their own. */
function itemsOf(list: unknown): KubeObject[] {
  const { apiVersion, kind, items } = asRecord(list, 'list');
  const itemKind = typeof kind === 'string' ? kind.replace(/List$/, '') : '';
  return asArray(items, 'items').map((item) =>
    asObject({ apiVersion, kind: itemKind, ...asRecord(item, 'item') }),
  );
}
