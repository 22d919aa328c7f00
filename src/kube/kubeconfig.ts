import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { Agent } from 'node:https';
import { delimiter, dirname, join, resolve } from 'node:path';

// The package's index would bring all generated models along.
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { parse } from 'yaml';

import type { Connection, Credentials, TlsSettings } from './connection.ts';

/** A kubeconfig that cannot be used; the message names the file and is meant for the user. */
export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError';
}

/** Which kubeconfig is meant. */
export interface KubeConfigSource {
  /** A file; undefined: look in the usual places. */
  readonly path?: string | undefined;
  /** A context of it; undefined: its current one. */
  readonly context?: string | undefined;
  /** The environment, for KUBECONFIG, KUBERNETES_SERVICE_HOST and HOME. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const serviceAccountTokenFile = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * Finds out how to reach the API server: by the given file, else by the files of KUBECONFIG, else as a Pod of the cluster, else by
 * `~/.kube/config`. Files that change later are read anew when credentials are asked for.
 * @throws KubeConfigError when there is none or it does not hold together
 */
export function loadConnection(source: KubeConfigSource): Connection {
  const load = loaderOf(source);
  let config = load.read();
  let fingerprint = load.fingerprint();
  const server = serverOf(config, load.description);
  return {
    server,
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
    credentials: async (isRefused) => {
      const now = load.fingerprint();
      if (now !== fingerprint) {
        config = load.read();
        fingerprint = now;
      } else if (isRefused) config = load.read();
      return credentialsOf(config);
    },
  };
}

interface Loader {
  /** What the configuration comes from, for messages. */
  readonly description: string;
  /** Reads and checks it. The result has cached no token. */
  read(): KubeConfig;
  /** Changes when the files do. */
  fingerprint(): string;
}

function loaderOf({ path, context, env }: KubeConfigSource): Loader {
  if (path !== undefined) return fileLoader([path], context);
  const files = (env.KUBECONFIG ?? '').split(delimiter).filter((file) => file !== '');
  if (files.length > 0) return fileLoader(files, context);
  if (env.KUBERNETES_SERVICE_HOST !== undefined && existsSync(serviceAccountTokenFile)) {
    return inClusterLoader(context);
  }
  const home = env.HOME === undefined ? undefined : join(env.HOME, '.kube', 'config');
  if (home !== undefined && existsSync(home)) return fileLoader([home], context);
  throw new KubeConfigError(
    'no kubeconfig: give a file with --kubeconfig or KUBECONFIG, or run inside a cluster with a ServiceAccount token',
  );
}

function inClusterLoader(context: string | undefined): Loader {
  const description = 'the ServiceAccount of this Pod';
  return {
    description,
    fingerprint: () => '',
    read: () => {
      const config = new KubeConfig();
      config.loadFromCluster();
      return selectContext(config, context, description);
    },
  };
}

function fileLoader(files: readonly string[], context: string | undefined): Loader {
  const description = files.length === 1 ? `kubeconfig ${files[0]}` : `kubeconfig files ${files.join(', ')}`;
  return {
    description,
    fingerprint: () => {
      const hash = createHash('sha256');
      for (const file of files) if (existsSync(file)) hash.update(readFileSync(file)).update('\0');
      return hash.digest('hex');
    },
    read: () => selectContext(mergeFiles(files), context, description),
  };
}

/** As kubectl does: the first file that names a thing defines it, and missing files of a list are passed over. */
function mergeFiles(files: readonly string[]): KubeConfig {
  const present = files.length === 1 ? files : files.filter((file) => existsSync(file));
  if (present.length === 0) throw new KubeConfigError(`no kubeconfig: none of ${files.join(', ')} exists`);
  const configs = present.map(readFile);
  const merged = new KubeConfig();
  merged.loadFromOptions({
    clusters: firstByName(configs.flatMap((config) => config.getClusters())),
    users: firstByName(configs.flatMap((config) => config.getUsers())),
    contexts: firstByName(configs.flatMap((config) => config.getContexts())),
    currentContext: configs.map((config) => config.getCurrentContext()).find(Boolean),
  });
  return merged;
}

function readFile(file: string): KubeConfig {
  try {
    const config = new KubeConfig();
    config.loadFromFile(file);
    return withTokenFiles(config, readFileSync(file, 'utf8'), dirname(file));
  } catch (error) {
    throw new KubeConfigError(`cannot read kubeconfig ${file}: ${whyUnreadable(error)}`);
  }
}

function whyUnreadable(error: unknown): string {
  const { message, reason, syscall } = Object(error) as Partial<
    Record<'message' | 'reason' | 'syscall', unknown>
  >;
  if (typeof syscall === 'string' && typeof message === 'string') return message;
  // What else a YAML error says shows the file's content, which may be a key.
  return typeof reason === 'string' ? `it is no YAML: ${reason}` : 'it is no kubeconfig';
}

/** client-node does not know `tokenFile` of a user, only that of a Pod; it is the same thing. */
function withTokenFiles(config: KubeConfig, text: string, dir: string): KubeConfig {
  const tokenFiles = new Map<unknown, string>();
  const { users } = Object(parse(text)) as { readonly users?: unknown };
  for (const entry of Array.isArray(users) ? (users as unknown[]) : []) {
    const { name, user } = Object(entry) as { readonly name?: unknown; readonly user?: unknown };
    const { tokenFile } = Object(user) as { readonly tokenFile?: unknown };
    if (typeof tokenFile === 'string') tokenFiles.set(name, resolve(dir, tokenFile));
  }
  if (tokenFiles.size === 0) return config;
  const mended = new KubeConfig();
  mended.loadFromOptions({
    clusters: config.getClusters(),
    contexts: config.getContexts(),
    currentContext: config.getCurrentContext(),
    users: config.getUsers().map((user) => {
      const tokenFile = tokenFiles.get(user.name);
      if (tokenFile === undefined || user.token) return user;
      return { ...user, authProvider: { name: 'tokenFile', config: { tokenFile } } };
    }),
  });
  return mended;
}

function firstByName<T extends { readonly name: string }>(all: readonly T[]): T[] {
  const byName = new Map<string, T>();
  for (const one of all) if (!byName.has(one.name)) byName.set(one.name, one);
  return [...byName.values()];
}

/** Checks that the context leads to a server, and mends what client-node stumbles over. */
function selectContext(config: KubeConfig, wanted: string | undefined, description: string): KubeConfig {
  const name = wanted ?? config.getCurrentContext();
  if (!name) throw new KubeConfigError(`${description} has no current-context: name one`);
  const context = config.getContexts().find((one) => one.name === name);
  if (context === undefined) {
    const known = config.getContexts().map((one) => one.name);
    throw new KubeConfigError(
      `${description} has no context "${name}"; it has: ${known.join(', ') || 'none'}`,
    );
  }
  const cluster = config.getClusters().find((one) => one.name === context.cluster);
  if (cluster === undefined) {
    throw new KubeConfigError(
      `${description}: context "${name}" names cluster "${context.cluster}", which is not there`,
    );
  }
  const hasUser = Boolean(context.user);
  const user = hasUser ? config.getUsers().find((one) => one.name === context.user) : { name: 'anonymous' };
  if (user === undefined) {
    throw new KubeConfigError(
      `${description}: context "${name}" names user "${context.user}", who is not there`,
    );
  }
  const selected = new KubeConfig();
  selected.loadFromOptions({
    // client-node refuses plain HTTP unless told that there is no TLS to verify.
    clusters: [cluster.server.startsWith('http:') ? { ...cluster, skipTLSVerify: true } : cluster],
    // Without a user it would not even look at the CA.
    users: [user],
    contexts: [{ ...context, user: user.name }],
    currentContext: name,
  });
  return selected;
}

function serverOf(config: KubeConfig, description: string): URL {
  const server = config.getCurrentCluster()?.server ?? '';
  const url = URL.parse(server);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new KubeConfigError(`${description}: the server "${server}" is no http or https URL`);
  }
  return url;
}

async function credentialsOf(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    // A token file ends in a line feed more often than not.
    if (typeof value === 'string') headers[name.toLowerCase()] = value.trim();
  }
  if (typeof options.auth === 'string') {
    headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  const usesProxy = Boolean(config.getCurrentCluster()?.proxyUrl);
  return {
    headers,
    tls: tlsOf(options),
    proxyAgent: usesProxy && options.agent instanceof Agent ? options.agent : undefined,
  };
}

function tlsOf({ ca, cert, key, servername, rejectUnauthorized }: RequestOptions): TlsSettings {
  return {
    ...(isPem(ca) ? { ca } : {}),
    ...(isPem(cert) ? { cert } : {}),
    ...(isPem(key) ? { key } : {}),
    ...(servername === undefined ? {} : { servername }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  };
}

function isPem(value: unknown): value is string | Buffer {
  return typeof value === 'string' || Buffer.isBuffer(value);
}
