import type { ServingCertificate } from '../server.ts';

/** Takes a certificate for all connections to come. @throws Error for one that cannot be used: the one before stays */
export type UseCertificate = (certificate: ServingCertificate) => void;

/** Where the certificate of the server comes from. */
export interface CertificateSource {
  /** Hands over the certificate as soon as there is one, and each new one, until `signal` is aborted; never rejects. */
  run(use: UseCertificate, signal: AbortSignal): Promise<void>;
}
