import { Option, type Command } from 'commander';
import type { ServiceFactory } from '../controllers/service.ts';
import type { BindAddress } from '../observability/http-endpoints.ts';
import type { KubernetesVersion } from '../policy/kubernetes-version.ts';
import { PROFILES, type Profile } from '../policy/lint/profiles.ts';
import { webhookService } from '../webhook/service.ts';
import { parseBindAddress } from './endpoint-options.ts';
import type { Io } from './io.ts';
import { parseProfiles } from './lint-profile.ts';
import { parseBoolean, parseObjectName } from './options.ts';
import { ownNamespace } from './own-namespace.ts';

/** The options of `manager` about the admission webhooks. */
export interface WebhookOptions {
  webhookBindAddress: BindAddress | 'off';
  webhookCertDir?: string;
  webhookSecret: string;
  webhookService: string;
  webhookConfiguration: string;
  webhookLint: boolean;
  webhookLintProfile?: Profile[];
}

export function addWebhookOptions(command: Command): Command {
  const name = (flag: string, what: string, byDefault: string): Option =>
    new Option(`--webhook-${flag} <name>`, what).argParser(parseObjectName).default(byDefault);
  return command
    .addOption(
      new Option('--webhook-bind-address <address>', 'serve the admission webhooks here; 0 for not at all')
        .argParser(parseBindAddress)
        .default('off', '0'),
    )
    .option(
      '--webhook-cert-dir <folder>',
      'take tls.crt and tls.key from there (default: make and renew own ones)',
    )
    .addOption(
      name(
        'secret',
        'where own certificates are kept, in the own namespace',
        'audit-policy-operator-webhook-tls',
      ),
    )
    .addOption(name('service', 'the Service that own certificates are for', 'audit-policy-operator-webhook'))
    .addOption(
      name(
        'configuration',
        'the ValidatingWebhookConfiguration that is told to trust own certificates',
        'audit-policy-operator',
      ),
    )
    .addOption(
      new Option('--webhook-lint [boolean]', 'warn whoever writes a policy of what lint finds in it')
        .argParser(parseBoolean)
        .preset('true')
        .default(true),
    )
    .addOption(
      new Option(
        '--webhook-lint-profile <name>',
        `what it is held to there: ${Object.keys(PROFILES).join(', ')}; can be given more than once (default: baseline)`,
      ).argParser(parseProfiles),
    );
}

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
