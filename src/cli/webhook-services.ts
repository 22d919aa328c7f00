import type { ServiceFactory } from '../controllers/service.ts';
import type { KubernetesVersion } from '../policy/kubernetes-version.ts';
import { webhookService } from '../webhook/service.ts';
import type { Io } from './io.ts';
import { ownNamespace } from './own-namespace.ts';
import type { WebhookOptions } from './webhook-options.ts';

/** What the webhooks need of the other options of `manager`. */
interface Context {
  namespace?: string;
  watchNamespace?: string[];
  assumeKubernetesVersion: KubernetesVersion;
}

/** The webhooks, when they are wanted. @throws UsageError when the own namespace is needed and not known */
export function webhookServices(options: WebhookOptions & Context, io: Pick<Io, 'env'>): ServiceFactory[] {
  const { webhookBindAddress: address, webhookCertDir: dir } = options;
  if (address === 'off') return [];
  const own = () => ({
    secret: options.webhookSecret,
    service: { namespace: ownNamespace(options, io), name: options.webhookService },
    configuration: options.webhookConfiguration,
  });
  return [
    webhookService({
      ...address,
      assumedVersion: options.assumeKubernetesVersion,
      namespaces: options.watchNamespace ?? [],
      lint: options.webhookLint ? { profiles: options.webhookLintProfile ?? ['baseline'] } : undefined,
      certificates: dir === undefined ? own() : { dir },
    }),
  ];
}
