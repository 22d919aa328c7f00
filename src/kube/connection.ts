import type { Agent } from 'node:https';

/** What a connection to one API server needs, and how to get it anew. */
export interface Connection {
  /** The server's URL; may have a path that all requests are below. */
  readonly server: URL;
  /** The context's namespace, or the ServiceAccount's; undefined when there is none. */
  readonly namespace: string | undefined;
  /**
   * The credentials as they are now. Cheap enough for once in some seconds, not for each request.
   * @param isRefused the server did not accept the last ones: forget whatever is cached
   * @throws Error when they cannot be had (a file, an exec plugin)
   */
  credentials(isRefused: boolean): Promise<Credentials>;
}

/** Proof of who is calling, and of who is called. */
export interface Credentials {
  /** A header with several values is sent once for each. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly tls: TlsSettings;
  /** For a kubeconfig with proxy-url: tunnels to the server. Otherwise undefined. */
  readonly proxyAgent: Agent | undefined;
}

/** The TLS side of credentials; PEM throughout. */
export interface TlsSettings {
  readonly ca?: Pem;
  readonly cert?: Pem;
  readonly key?: Pem;
  /** The name that the server's certificate must have, when it is not the URL's. */
  readonly servername?: string;
  /** False: believe any server. */
  readonly rejectUnauthorized?: boolean;
}

type Pem = string | Buffer;

/** Whether two settings make the same TLS connection, byte for byte. */
export function isSameTls(a: TlsSettings, b: TlsSettings): boolean {
  return (
    isSamePem(a.ca, b.ca) &&
    isSamePem(a.cert, b.cert) &&
    isSamePem(a.key, b.key) &&
    a.servername === b.servername &&
    a.rejectUnauthorized === b.rejectUnauthorized
  );
}

function isSamePem(a: Pem | undefined, b: Pem | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Buffer.from(a).equals(Buffer.from(b));
}
