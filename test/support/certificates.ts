import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';

/** A certificate and its key, PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of a test's own, so that no key need be kept in the repository. */
export interface Authority {
  /** PEM. */
  readonly ca: string;
  /** A certificate for a server at `hosts` (DNS names and IPv4 addresses), or for a client with no hosts. */
  issue(commonName: string, hosts?: readonly string[]): Issued;
}

/** Makes a certificate authority that is valid for a day either way of now. */
export function createAuthority(commonName: string): Authority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ca = certificate({
    subject: commonName,
    issuer: commonName,
    publicKey,
    signer: privateKey,
    hosts: [],
    isCa: true,
  });
  return {
    ca,
    issue(subject, hosts = []) {
      const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return {
        cert: certificate({
          subject,
          issuer: commonName,
          publicKey: own.publicKey,
          signer: privateKey,
          hosts,
          isCa: false,
        }),
        key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    },
  };
}

interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly hosts: readonly string[];
  readonly isCa: boolean;
}

// RFC 5280, just what TLS in Node.js looks at.
const ecdsaWithSha256 = sequence(oid('2a8648ce3d040302'));

function certificate({ hosts, isCa, issuer, publicKey, signer, subject }: CertificateFacts): string {
  const day = 86_400_000;
  const extensions = [
    ...(isCa ? [sequence(oid('551d13'), der(0x01, [0xff]), octets(sequence(der(0x01, [0xff]))))] : []),
    ...(hosts.length > 0 ? [sequence(oid('551d11'), octets(sequence(...hosts.map(generalName))))] : []),
  ];
  const body = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    name(issuer),
    sequence(time(Date.now() - day), time(Date.now() + day)),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length > 0 ? [der(0xa3, sequence(...extensions))] : []),
  );
  const signed = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, signer)));
  const base64 = signed.toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}

function generalName(host: string): Buffer {
  return isIPv4(host) ? der(0x87, host.split('.').map(Number)) : der(0x82, Buffer.from(host));
}

function name(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(commonName)))));
}

function time(epochMs: number): Buffer {
  const text = new Date(epochMs).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(text));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function octets(content: Buffer): Buffer {
  return der(0x04, content);
}

function bits(content: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.from([0]), content]));
}

function der(tag: number, content: Uint8Array | readonly number[]): Buffer {
  const bytes = Buffer.from(content);
  const { length } = bytes;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), bytes]);
}
