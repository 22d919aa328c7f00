import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../observability/logger.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { CertificateSource, UseCertificate } from './source.ts';

export interface CertificateFilesOptions {
  /** Holds tls.crt and tls.key, as a mounted Secret of cert-manager does. */
  dir: string;
  clock: Clock;
  logger: Logger;
}

const LOOK_EVERY_MS = 5_000;

/**
 * Certificates that somebody else puts into a folder. They are read again and again instead of watched: the kubelet swaps a link
 * above them, which no watch of a file sees.
 */
export class CertificateFiles implements CertificateSource {
  readonly #options: CertificateFilesOptions;

  constructor(options: CertificateFilesOptions) {
    this.#options = options;
  }

  async run(use: UseCertificate, signal: AbortSignal): Promise<void> {
    const { dir, clock, logger } = this.#options;
    let inUse = '';
    let told = '';
    while (!signal.aborted) {
      try {
        const cert = await readFile(join(dir, 'tls.crt'), 'utf8');
        const key = await readFile(join(dir, 'tls.key'), 'utf8');
        if (cert + key !== inUse) {
          use({ cert, key });
          inUse = cert + key;
          logger.info({ dir }, 'webhook certificate read');
        }
        told = '';
      } catch (error) {
        // Between the two reads they may have been swapped; then they do not belong together, until the next look.
        const message = error instanceof Error ? error.message : '';
        if (message !== told) logger.warn({ dir, err: error }, 'webhook certificate cannot be used');
        told = message;
      }
      await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
  }
}
