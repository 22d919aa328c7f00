import { freePorts } from '../control-plane/ports.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { Cache } from '../../src/controllers/cache.ts';
import type { Service } from '../../src/controllers/service.ts';
import { KubeClient, type WriteRequest } from '../../src/kube/client.ts';
import { HttpTransport } from '../../src/kube/http-transport.ts';
import { loadConnection } from '../../src/kube/kubeconfig.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { systemClock, type Clock } from '../../src/runtime/clock.ts';
import { webhookService, type WebhookOptions } from '../../src/webhook/service.ts';
import { join } from 'node:path';
import { apiFromKubeconfig, type Api, type KubeObject } from './api.ts';
import { eventually } from './eventually.ts';
import { installCrds } from './install-crds.ts';
import { configObjects, installRbac, OPERATOR_NAMESPACE, operatorKubeconfig } from './install-rbac.ts';
import { secrets, services, webhookConfigurations } from './kinds.ts';

/** The admission webhooks on a real API server, called through a Service as in a cluster: its name leads to loopback. */

export const NAMESPACE = OPERATOR_NAMESPACE;
export const CONFIGURATION = 'audit-policy-operator';
export const SERVICE = 'audit-policy-operator-webhook';
export const SECRET = 'audit-policy-operator-webhook-tls';

/** A control plane of its own, with CRDs, rights and the Service; what calls the webhooks is installed by `installWebhooks`. */
export class WebhookStage {
  readonly api: Api;
  /** The port of the Service, at which a replica listens. */
  readonly port: number;
  readonly operatorKubeconfig: string;
  /** The administrator's. */
  readonly token: string;
  readonly kubeconfig: string;
  readonly #controlPlane: ControlPlane;

  private constructor(controlPlane: ControlPlane, api: Api, port: number, kubeconfig: string) {
    this.#controlPlane = controlPlane;
    this.token = controlPlane.token;
    this.kubeconfig = controlPlane.kubeconfig;
    this.api = api;
    this.port = port;
    this.operatorKubeconfig = kubeconfig;
  }

  static async start(): Promise<WebhookStage> {
    const controlPlane = await startControlPlane();
    const api = await apiFromKubeconfig(controlPlane.kubeconfig);
    await installCrds(api);
    await installRbac(api);
    const [port = 0] = await freePorts(1);
    await api.create(services(NAMESPACE), {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: SERVICE },
      spec: { type: 'ExternalName', externalName: 'localhost' },
    });
    const kubeconfig = await operatorKubeconfig(api, join(controlPlane.dir, 'operator'));
    return new WebhookStage(controlPlane, api, port, kubeconfig);
  }

  /** Tells the API server to call the webhooks at the port of the stage. */
  async installWebhooks(
    port = this.port,
    change: (webhook: Webhook) => Webhook = (each) => each,
  ): Promise<void> {
    await this.api.create(webhookConfigurations(), await configuration(port, change));
  }

  removeWebhooks(): Promise<void> {
    return this.api.delete(webhookConfigurations(CONFIGURATION));
  }

  configuration(): Promise<KubeObject> {
    return this.api.get(webhookConfigurations(CONFIGURATION));
  }

  /** The certificates that the API server trusts a webhook by, PEM. */
  async caBundles(): Promise<string[]> {
    const { webhooks } = (await this.configuration()) as unknown as { webhooks: Webhook[] };
    return webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString());
  }

  secret(): Promise<KubeObject | undefined> {
    return this.api.find(secrets(NAMESPACE, SECRET));
  }

  startReplica(options: Partial<ReplicaOptions> = {}): Replica {
    return startReplica({ kubeconfig: this.operatorKubeconfig, port: this.port, ...options });
  }

  async stop(): Promise<void> {
    this.api.close();
    await this.#controlPlane.stop();
  }
}

export interface Webhook {
  name: string;
  failurePolicy: string;
  timeoutSeconds: number;
  clientConfig: { service?: object; url?: string; caBundle?: string };
  [field: string]: unknown;
}

/** config/webhook as it is, but for the port. */
async function configuration(port: number, change: (webhook: Webhook) => Webhook): Promise<object> {
  const [found] = await configObjects('webhook');
  const webhooks = found?.webhooks as Webhook[];
  return {
    ...found,
    webhooks: webhooks.map((webhook) =>
      change({ ...webhook, clientConfig: { service: { ...webhook.clientConfig.service, port } } }),
    ),
  };
}

export interface ReplicaOptions {
  kubeconfig: string;
  port: number;
  clock: Clock;
  certificates: WebhookOptions['certificates'];
  requestTimeoutMs: number;
  /** Default: none, so that warnings are the webhook's own. */
  lint: WebhookOptions['lint'];
}

/** The webhooks and the cache that they read, as they run on every replica, in this process. */
export interface Replica {
  readonly service: Service;
  readonly writes: readonly WriteRequest[];
  /** When the certificates end that were taken into use, in turn. */
  readonly certificates: readonly Date[];
  /** Waits until everything has been read once. */
  readonly synced: Promise<unknown>;
  stop(): Promise<void>;
}

export function startReplica(
  options: Partial<ReplicaOptions> & Pick<ReplicaOptions, 'kubeconfig' | 'port'>,
): Replica {
  const { clock = systemClock } = options;
  const logger = createLogger(process.env.AUDIT_POLICY_TEST_LOG ?? 'silent');
  const transport = new HttpTransport({
    connection: loadConnection({ path: options.kubeconfig, env: {} }),
    clock: systemClock,
    random: Math.random,
    userAgent: 'audit-policy-operator/test',
  });
  const writes: WriteRequest[] = [];
  const certificates: Date[] = [];
  const client = new KubeClient({
    transport,
    fieldManager: 'audit-policy-operator',
    onWrite: (write) => writes.push(write),
  });
  const cache = new Cache({ client, clock: systemClock, random: Math.random, logger });
  const service = webhookService({
    host: 'localhost',
    port: options.port,
    assumedVersion: { major: 1, minor: 34 },
    lint: options.lint,
    certificates: options.certificates ?? {
      secret: SECRET,
      service: { namespace: NAMESPACE, name: SERVICE },
      configuration: CONFIGURATION,
    },
    onCertificate: (notAfter) => certificates.push(notAfter),
    ...(options.requestTimeoutMs === undefined ? {} : { requestTimeoutMs: options.requestTimeoutMs }),
  })({ cache, client, clock, random: Math.random, logger });
  const stop = new AbortController();
  const done = Promise.all([cache.run(stop.signal), service.run(stop.signal)]);
  return {
    service,
    writes,
    certificates,
    synced: cache.ready(),
    async stop() {
      stop.abort(new Error('the test is over'));
      await done;
      transport.close();
    },
  };
}

/** Waits until the API server trusts the certificate that is served. */
export async function untilTrusted(stage: WebhookStage, replica: Replica): Promise<void> {
  await replica.synced;
  await eventually(async () => {
    expect(replica.service.isReady()).toBe(true);
    expect((await stage.caBundles()).every((bundle) => bundle.includes('CERTIFICATE'))).toBe(true);
  });
}
