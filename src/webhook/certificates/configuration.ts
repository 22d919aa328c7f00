import { listAt, stringAt } from '../../api/json.ts';
import { metaOf } from '../../runtime/object-meta.ts';
import type { StoreItem } from '../../runtime/store.ts';

/** A ValidatingWebhookConfiguration, as far as certificates are concerned. */
export interface WebhookConfiguration extends StoreItem {
  /** Those of its webhooks that call our Service, by their places in the list. */
  ours: readonly { index: number; caBundle: string }[];
}

/** The Service that the webhooks are called by. */
export interface ServiceName {
  namespace: string;
  name: string;
}

export function readConfiguration(raw: unknown, service: ServiceName): WebhookConfiguration {
  const { key, resourceVersion } = metaOf(raw);
  const ours = listAt(raw, 'webhooks').flatMap((webhook, index) => {
    const isOurs =
      stringAt(webhook, 'clientConfig', 'service', 'name') === service.name &&
      stringAt(webhook, 'clientConfig', 'service', 'namespace') === service.namespace;
    const encoded = stringAt(webhook, 'clientConfig', 'caBundle') ?? '';
    return isOurs ? [{ index, caBundle: Buffer.from(encoded, 'base64').toString('utf8') }] : [];
  });
  return { key, resourceVersion, ours };
}

/** Whether all API servers that have this configuration trust an authority (PEM). */
export function trusts(configuration: WebhookConfiguration | undefined, authority: string): boolean {
  return configuration?.ours.every(({ caBundle }) => caBundle.includes(authority.trim())) ?? true;
}

/**
 * The JSON patch that puts a bundle in place of all others, if the configuration is still as it was seen; empty when there is
 * nothing to do. No other field is touched.
 */
export function bundlePatch({ ours, resourceVersion }: WebhookConfiguration, bundle: string): object[] {
  const wrong = ours.filter(({ caBundle }) => caBundle !== bundle);
  if (wrong.length === 0) return [];
  const value = Buffer.from(bundle).toString('base64');
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    ...wrong.map(({ index }) => ({ op: 'add', path: `/webhooks/${index}/clientConfig/caBundle`, value })),
  ];
}
