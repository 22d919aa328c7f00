import { FIELD_MANAGER, LABEL_MANAGED_BY } from '../../api/names.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isKubeError } from '../../kube/errors.ts';
import type { Logger } from '../../observability/logger.ts';
import { Backoff } from '../../runtime/backoff.ts';
import type { Clock } from '../../runtime/clock.ts';
import { metaOf } from '../../runtime/object-meta.ts';
import type { Random } from '../../runtime/random.ts';
import { Reflector } from '../../runtime/reflector.ts';
import { Store } from '../../runtime/store.ts';
import { SECRETS, VALIDATING_WEBHOOK_CONFIGURATIONS } from '../kinds.ts';
import {
  bundlePatch,
  readConfiguration,
  trusts,
  type ServiceName,
  type WebhookConfiguration,
} from './configuration.ts';
import { examine, readMaterial, secretData, trustBundle, type Material } from './material.ts';
import { renew } from './renew.ts';
import { nextStep } from './rotation.ts';
import type { CertificateSource, UseCertificate } from './source.ts';

export interface OwnCertificatesOptions {
  client: KubeClient;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** The Secret that the replicas share, in the operator's own namespace. */
  secret: string;
  service: ServiceName;
  /** The ValidatingWebhookConfiguration whose `caBundle` is kept right; none when absent. */
  configuration?: string;
}

const LOOK_EVERY_MS = 60_000;
/** The longest rotation has three steps, and each may be lost to another replica. */
const MOST_ROUNDS = 10;

/**
 * Certificates that the operator makes and renews itself. All replicas read one Secret; whoever first finds that something is due
 * writes it, and a conflict means that another has. What the API server is told to trust follows the Secret.
 */
export class OwnCertificates implements CertificateSource {
  readonly #options: OwnCertificatesOptions;
  readonly #hosts: readonly [string, ...string[]];
  readonly #configurations = new Store<WebhookConfiguration>();
  readonly #failures: Backoff;
  readonly #corrections: Backoff;
  #isSynced: boolean;
  /** What the API server is to trust; empty until the Secret has been read. */
  #bundle = '';
  #inUse: string | undefined;
  /** In a dry run: what would be in the Secret. */
  #unsent: Material | undefined;
  #wake: () => void = () => undefined;

  constructor(options: OwnCertificatesOptions) {
    const { clock, random, service, configuration } = options;
    this.#options = options;
    this.#hosts = [`${service.name}.${service.namespace}.svc`];
    this.#isSynced = configuration === undefined;
    this.#failures = new Backoff(clock, random, { baseMs: 500, maxMs: 60_000, resetAfterMs: 120_000 });
    // A rival that puts its own bundle back makes no storm.
    this.#corrections = new Backoff(clock, random, { baseMs: 50, maxMs: 300_000, resetAfterMs: 600_000 });
  }

  async run(use: UseCertificate, signal: AbortSignal): Promise<void> {
    await Promise.all([this.#watchConfiguration(signal), this.#lookAgainAndAgain(use, signal)]);
  }

  async #lookAgainAndAgain(use: UseCertificate, signal: AbortSignal): Promise<void> {
    const { random, logger } = this.#options;
    while (!signal.aborted) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      let pauseMs = 0;
      try {
        await this.#agree(use, signal);
        if (await this.#correctBundle(signal)) pauseMs = this.#corrections.next();
      } catch (error) {
        if (isKubeError(error, 'Aborted')) return;
        pauseMs = this.#failures.next();
        logger.warn({ err: error, retryInMs: pauseMs }, 'webhook certificates could not be kept right');
        woken.abort();
      }
      await this.#sleep(pauseMs, signal);
      if (!woken.signal.aborted) {
        await this.#sleep(LOOK_EVERY_MS * (1 - random() / 10), AbortSignal.any([signal, woken.signal]));
      }
    }
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (ms > 0) await this.#options.clock.sleep(ms, signal).catch(() => undefined);
  }

  /** Reads the Secret, does what is due, and uses what all agree upon. */
  async #agree(use: UseCertificate, signal: AbortSignal): Promise<void> {
    const { client, clock, secret, service, logger } = this.#options;
    const name = { namespace: service.namespace, name: secret };
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const raw = await client.find(SECRETS, name, { signal });
      const found = this.#unsent ?? readMaterial(raw);
      const facts = found && examine(found, this.#hosts[0]);
      const step = nextStep(facts, clock.now(), this.#isTrusted(found));
      if (found !== undefined && step === undefined) {
        this.#take(found, use);
        return;
      }
      const material = await renew(step ?? 'all', found, this.#hosts, clock.now());
      const isWritten = await this.#write(name, raw, material, signal);
      if (isWritten) logger.info({ step, secret }, 'webhook certificates renewed');
    }
    throw new Error(`Secret "${secret}" does not keep what is written to it`);
  }

  /** @returns whether it was written; false when another replica was faster */
  async #write(
    name: { namespace: string; name: string },
    before: unknown,
    material: Material,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { client } = this.#options;
    const data = secretData(material);
    try {
      const { sent } =
        before === undefined
          ? await client.create(
              SECRETS,
              name,
              {
                apiVersion: 'v1',
                kind: 'Secret',
                metadata: { ...name, labels: { [LABEL_MANAGED_BY]: FIELD_MANAGER } },
                type: 'kubernetes.io/tls',
                data,
              },
              { signal },
            )
          : await client.mergePatch(
              SECRETS,
              name,
              { metadata: { resourceVersion: metaOf(before).resourceVersion }, data },
              { signal },
            );
      this.#unsent = sent ? undefined : material;
      return sent;
    } catch (error) {
      if (isKubeError(error, 'AlreadyExists', 'Conflict', 'NotFound')) return false;
      throw error;
    }
  }

  #take({ authorities, serving }: Material, use: UseCertificate): void {
    this.#bundle = trustBundle({ authorities });
    if (this.#inUse === serving.cert) return;
    use(serving);
    this.#inUse = serving.cert;
  }

  #isTrusted(material: Material | undefined): boolean {
    return material !== undefined && this.#isSynced && trusts(this.#configuration, material.authorities[0]);
  }

  get #configuration(): WebhookConfiguration | undefined {
    return this.#configurations.get(this.#options.configuration ?? '');
  }

  /** @returns whether anything had to be changed; the watch wakes again if it still has to */
  async #correctBundle(signal: AbortSignal): Promise<boolean> {
    const { client, configuration: name = '', service, logger } = this.#options;
    const seen = this.#configuration;
    const patch = seen === undefined ? [] : bundlePatch(seen, this.#bundle);
    if (patch.length === 0) return false;
    try {
      const { object, sent } = await client.jsonPatch(VALIDATING_WEBHOOK_CONFIGURATIONS, { name }, patch, {
        signal,
      });
      if (!sent) return true;
      this.#configurations.upsert(readConfiguration(object, service));
      logger.info({ configuration: name, webhooks: patch.length - 1 }, 'caBundle put right');
    } catch (error) {
      // It has changed meanwhile, perhaps by another replica: the watch will show.
      if (!isKubeError(error, 'Conflict', 'Invalid', 'NotFound')) throw error;
    }
    return true;
  }

  async #watchConfiguration(signal: AbortSignal): Promise<void> {
    const { client, clock, random, logger, service, configuration: name } = this.#options;
    if (name === undefined) return;
    this.#configurations.subscribe(({ after }) => {
      if (after !== undefined && bundlePatch(after, this.#bundle).length > 0) this.#wake();
    });
    const reflector = new Reflector({
      name: VALIDATING_WEBHOOK_CONFIGURATIONS.plural,
      listWatcher: client.listWatcher(VALIDATING_WEBHOOK_CONFIGURATIONS, {
        fieldSelector: `metadata.name=${name}`,
      }),
      sink: this.#configurations,
      project: (raw) => readConfiguration(raw, service),
      clock,
      random,
      hooks: {
        onSynced: () => {
          this.#isSynced = true;
        },
        onError: ({ error, retryInMs }) =>
          logger.warn(
            { kind: VALIDATING_WEBHOOK_CONFIGURATIONS.plural, err: error, retryInMs },
            'watch interrupted',
          ),
      },
    });
    await reflector.run(signal);
  }
}
