import { Option, type Command } from 'commander';
import type { BindAddress } from '../observability/http-endpoints.ts';
import { PROFILES, type Profile } from '../policy/lint/profiles.ts';
import { parseBindAddress } from './endpoint-options.ts';
import { parseProfiles } from './lint-profile.ts';
import { parseBoolean, parseObjectName } from './options.ts';

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
