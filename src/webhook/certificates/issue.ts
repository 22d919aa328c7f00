import type { webcrypto } from 'node:crypto';
import type * as X509 from '@peculiar/x509';
import { provideReflectMetadata } from './reflect-metadata.ts';

/** A certificate and its key, PEM. */
export interface Issued {
  cert: string;
  key: string;
}

const DAY_MS = 86_400_000;
/** Renewed when a third is left: four months. */
export const AUTHORITY_LIFETIME_MS = 365 * DAY_MS;
/** Shorter than what an authority has left when it is renewed, so no certificate outlives the one that signed it. */
export const CERTIFICATE_LIFETIME_MS = 90 * DAY_MS;
/** Clocks of API servers may be behind by this much. */
export const BACKDATED_MS = 10 * 60_000;

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const SUBJECT = 'CN=audit-policy-operator-webhook-ca';

/** Makes a new authority. @param now epoch milliseconds */
export async function issueAuthority(now: number): Promise<Issued> {
  const x509 = await load();
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: SUBJECT,
    ...validity(now, AUTHORITY_LIFETIME_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: certificate.toString('pem'), key: await exportKey(keys.privateKey) };
}

/** Makes a certificate for a server. @param now epoch milliseconds */
export async function issueCertificate(
  authority: Issued,
  hosts: readonly string[],
  now: number,
): Promise<Issued> {
  const x509 = await load();
  const keys = await generateKeys();
  const issuer = new x509.X509Certificate(authority.cert);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=audit-policy-operator-webhook`,
    issuer: issuer.subject,
    ...validity(now, CERTIFICATE_LIFETIME_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: await importKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(hosts.map((value) => ({ type: 'dns', value }))),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { cert: certificate.toString('pem'), key: await exportKey(keys.privateKey) };
}

/** Loaded when it is needed, since most commands never do. */
async function load(): Promise<typeof X509> {
  provideReflectMetadata();
  return await import('@peculiar/x509');
}

function validity(now: number, lifetimeMs: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now - BACKDATED_MS), notAfter: new Date(now + lifetimeMs) };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const base64 = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64');
  return `-----BEGIN PRIVATE KEY-----\n${base64.replace(/.{64}(?!$)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const base64 = pem.replace(/-----[A-Z ]+-----/g, '');
  return crypto.subtle.importKey('pkcs8', Buffer.from(base64, 'base64'), ALGORITHM, false, ['sign']);
}
