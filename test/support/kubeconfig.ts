import { readFile, writeFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { kubeconfigText } from '../control-plane/credentials.ts';
import type { KubeconfigParts } from '../control-plane/credentials.ts';
import { asArray, asRecord, asString } from './json.ts';

/** Reads server, certificate authority and token of a kubeconfig's current context; other ways to log in are refused. */
export async function readKubeconfig(path: string): Promise<KubeconfigParts> {
  const config = asRecord(parse(await readFile(path, 'utf8')), path);
  const named = (list: string, name: string, kind: string): Record<string, unknown> => {
    const entries = asArray(config[list], `${path}: ${list}`).map((entry) =>
      asRecord(entry, `${path}: ${list}`),
    );
    return asRecord(entries.find((entry) => entry.name === name)?.[kind], `${path}: ${kind} ${name}`);
  };
  const context = named(
    'contexts',
    asString(config['current-context'], `${path}: current-context`),
    'context',
  );
  const cluster = named('clusters', asString(context.cluster, `${path}: cluster`), 'cluster');
  const user = named('users', asString(context.user, `${path}: user`), 'user');
  const data = cluster['certificate-authority-data'];
  return {
    server: asString(cluster.server, `${path}: server`),
    ca:
      typeof data === 'string'
        ? Buffer.from(data, 'base64').toString('utf8')
        : await readFile(
            asString(cluster['certificate-authority'], `${path}: certificate-authority`),
            'utf8',
          ),
    token: asString(user.token, `${path}: token (tests log in by a token)`),
  };
}

/** Writes a kubeconfig that logs in with a token, readable by this user only, and returns its path. */
export async function writeKubeconfig(path: string, parts: KubeconfigParts): Promise<string> {
  await writeFile(path, kubeconfigText(parts), { mode: 0o600 });
  return path;
}
