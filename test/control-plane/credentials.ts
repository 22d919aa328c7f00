import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Name of the administrator in RBAC and in audit events. */
export const ADMIN_USER = 'control-plane-admin';

export interface Credentials {
  token: string;
  tokenFile: string;
  /** Private key that signs ServiceAccount tokens, PEM. */
  serviceAccountKeyFile: string;
  certDir: string;
  /** Certificate authority of the API server's own certificate; exists once the API server has started. */
  caFile: string;
}

/** Who may log in besides the administrator, by a bearer token. */
export interface TokenUser {
  token: string;
  name: string;
  groups: readonly string[];
}

/**
 * Writes an administrator's token (group system:masters), those of further users and a ServiceAccount signing key, unless they are
 * there.
 */
export async function writeCredentials(dir: string, users: readonly TokenUser[] = []): Promise<Credentials> {
  const tokenFile = join(dir, 'tokens.csv');
  const serviceAccountKeyFile = join(dir, 'service-account.key');
  const certDir = join(dir, 'certs');
  const caFile = join(certDir, 'apiserver.crt');
  const paths = { tokenFile, serviceAccountKeyFile, certDir, caFile };
  const old = await readFile(tokenFile, 'utf8').catch(() => '');
  const oldToken = old.split(',')[0];
  if (oldToken !== undefined && oldToken !== '') return { token: oldToken, ...paths };
  const token = randomBytes(16).toString('hex');
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  await writeFile(serviceAccountKeyFile, privateKey, { mode: 0o600 });
  const lines = [{ token, name: ADMIN_USER, groups: ['system:masters'] }, ...users].map(
    ({ token, name, groups }) => `${token},${name},${name},"${groups.join(',')}"\n`,
  );
  await writeFile(tokenFile, lines.join(''), { mode: 0o600 });
  return { token, ...paths };
}

export interface KubeconfigParts {
  /** `https://127.0.0.1:PORT`. */
  server: string;
  /** Certificate authority, PEM. */
  ca: string;
  token: string;
  namespace?: string;
}

/** A kubeconfig with everything inside. It is JSON, which is YAML. */
export function kubeconfigText({ server, ca, token, namespace }: KubeconfigParts): string {
  const name = 'control-plane';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name, cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
    ],
    users: [{ name, user: { token } }],
    contexts: [
      { name, context: { cluster: name, user: name, ...(namespace === undefined ? {} : { namespace }) } },
    ],
    'current-context': name,
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
