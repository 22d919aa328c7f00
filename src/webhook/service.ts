import { X509Certificate } from 'node:crypto';
import type { ServiceFactory } from '../controllers/service.ts';
import type { KubernetesVersion } from '../policy/kubernetes-version.ts';
import { CertificateFiles } from './certificates/files.ts';
import { OwnCertificates } from './certificates/own.ts';
import type { CertificateSource } from './certificates/source.ts';
import type { AdmissionLint } from './lint.ts';
import { reviewers } from './reviewers.ts';
import { WebhookServer } from './server.ts';

export interface WebhookOptions {
  /** All addresses when absent. */
  host?: string | undefined;
  port: number;
  /** For clusters whose version nothing tells. */
  assumedVersion: KubernetesVersion;
  /** How policies are linted while they are written; absent: not at all. */
  lint?: AdmissionLint | undefined;
  /** Those that are watched; all of them when absent or empty. Elsewhere only policies themselves are judged. */
  namespaces?: readonly string[];
  certificates: OwnCertificateNames | { dir: string };
  /** Told of each certificate that is taken into use: when it ends. */
  onCertificate?: (notAfter: Date) => void;
  /** See `WebhookServerOptions`. */
  requestTimeoutMs?: number;
}

/** Where certificates that the operator makes itself are kept, and what they are for. */
export interface OwnCertificateNames {
  secret: string;
  service: { namespace: string; name: string };
  /** The ValidatingWebhookConfiguration whose `caBundle` is kept right. */
  configuration?: string;
}

/** The admission webhooks, as a service that runs on every replica. */
export function webhookService(options: WebhookOptions): ServiceFactory {
  return (context) => {
    const { cache } = context;
    const { assumedVersion, certificates, lint, namespaces = [] } = options;
    const isKnown = (namespace: string): boolean =>
      cache.isReady && (namespaces.length === 0 || namespaces.includes(namespace));
    const server = new WebhookServer({
      ...options,
      ...context,
      reviewers: reviewers({ ...context, assumedVersion, lint, isKnown }),
    });
    const source: CertificateSource =
      'dir' in certificates
        ? new CertificateFiles({ ...context, ...certificates })
        : new OwnCertificates({ ...context, ...certificates });
    return {
      name: 'webhook',
      isReady: () => server.isServing,
      async run(signal) {
        await server.listen();
        try {
          await source.run((certificate) => {
            server.use(certificate);
            const notAfter = new X509Certificate(certificate.cert).validToDate;
            context.metrics?.certificateExpires(notAfter);
            options.onCertificate?.(notAfter);
          }, signal);
        } finally {
          await server.close();
        }
      },
    };
  };
}
