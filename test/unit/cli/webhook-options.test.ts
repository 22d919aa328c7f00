import { Command } from 'commander';
import { addWebhookOptions } from '../../../src/cli/webhook-options.ts';
import { webhookServices } from '../../../src/cli/webhook-services.ts';

const OPTIONS = {
  webhookBindAddress: { port: 9443 },
  webhookSecret: 'tls',
  webhookService: 'webhook',
  webhookConfiguration: 'webhooks',
  webhookLint: true,
  assumeKubernetesVersion: { major: 1, minor: 34 },
};

test('there are none unless they are wanted', () =>
  expect(webhookServices({ ...OPTIONS, webhookBindAddress: 'off' }, { env: {} })).toEqual([]));

test('own certificates need the own namespace; those of a folder do not', () => {
  expect(() => webhookServices(OPTIONS, { env: {} })).toThrow('the own namespace is not known');
  expect(webhookServices({ ...OPTIONS, namespace: 'system' }, { env: {} })).toHaveLength(1);
  expect(webhookServices({ ...OPTIONS, webhookCertDir: '/tls' }, { env: {} })).toHaveLength(1);
});

describe('lint', () => {
  const parse = (...args: string[]) =>
    addWebhookOptions(new Command('manager'))
      .exitOverride()
      .configureOutput({ writeErr: () => undefined })
      .parse(args, { from: 'user' })
      .opts();

  test('is on unless it is switched off', () => {
    expect(parse()).toMatchObject({ webhookLint: true });
    expect(parse('--webhook-lint=false')).toMatchObject({ webhookLint: false });
    expect(parse('--webhook-lint')).toMatchObject({ webhookLint: true });
  });

  test('takes profiles, and names those that there are', () => {
    const args = ['--webhook-lint-profile', 'cis', '--webhook-lint-profile=pci'];
    expect(parse(...args).webhookLintProfile).toEqual(['cis', 'pci']);
    expect(() => parse('--webhook-lint-profile', 'sic')).toThrow('Allowed are baseline, cis, stig,');
  });
});
