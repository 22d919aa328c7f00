import { X509Certificate, createPrivateKey } from 'node:crypto';
import { stringAt } from '../../api/json.ts';
import type { Issued } from './issue.ts';

/** Everything that the replicas share. */
export interface Material {
  /** PEM, the newest first. Only that one signs; the others are there because what they signed may still be in use. */
  authorities: readonly [string, ...string[]];
  /** Of the newest. */
  authorityKey: string;
  serving: Issued;
}

/** From when to when something is valid, epoch milliseconds. */
export interface Validity {
  notBefore: number;
  notAfter: number;
}

/** What is to be known of a material to decide about it. */
export interface MaterialFacts {
  /** In the order of the material. */
  authorities: readonly [Validity, ...Validity[]];
  serving: Validity & { isByNewest: boolean };
}

/** What the Secret holds; undefined when it is not all there. */
export function readMaterial(secret: unknown): Material | undefined {
  const [bundle, authorityKey, cert, key] = ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'].map((name) =>
    Buffer.from(stringAt(secret, 'data', name) ?? '', 'base64').toString('utf8'),
  );
  const [newest, ...older] =
    bundle?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)?.map((pem) => `${pem}\n`) ??
    [];
  if (newest === undefined || !authorityKey || !cert || !key) return undefined;
  return { authorities: [newest, ...older], authorityKey, serving: { cert, key } };
}

/** The `data` of the Secret. */
export function secretData(material: Material): Record<string, string> {
  const { authorityKey, serving } = material;
  const texts = {
    'ca.crt': trustBundle(material),
    'ca.key': authorityKey,
    'tls.crt': serving.cert,
    'tls.key': serving.key,
  };
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, Buffer.from(text).toString('base64')]),
  );
}

/** What the API server is to trust. */
export function trustBundle({ authorities }: Pick<Material, 'authorities'>): string {
  return authorities.map((pem) => `${pem.trim()}\n`).join('');
}

/**
 * What a material is worth; undefined when it is of no use: it cannot be read, its parts do not belong together, or it is for
 * another host.
 */
export function examine(material: Material, host: string): MaterialFacts | undefined {
  try {
    const [newest, ...older] = material.authorities.map((pem) => new X509Certificate(pem));
    const serving = new X509Certificate(material.serving.cert);
    if (newest === undefined) return undefined;
    const isWhole =
      newest.ca &&
      newest.checkPrivateKey(createPrivateKey(material.authorityKey)) &&
      serving.checkPrivateKey(createPrivateKey(material.serving.key)) &&
      serving.checkHost(host) !== undefined &&
      [newest, ...older].some((authority) => serving.verify(authority.publicKey));
    if (!isWhole) return undefined;
    return {
      authorities: [validityOf(newest), ...older.map(validityOf)],
      serving: { ...validityOf(serving), isByNewest: serving.verify(newest.publicKey) },
    };
  } catch {
    return undefined;
  }
}

export function validityOf(certificate: X509Certificate): Validity {
  return { notBefore: certificate.validFromDate.getTime(), notAfter: certificate.validToDate.getTime() };
}
