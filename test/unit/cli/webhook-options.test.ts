import { webhookServices } from '../../../src/cli/webhook-options.ts';

const OPTIONS = {
  webhookBindAddress: { port: 9443 },
  webhookSecret: 'tls',
  webhookService: 'webhook',
  webhookConfiguration: 'webhooks',
  assumeKubernetesVersion: { major: 1, minor: 34 },
};

test('there are none unless they are wanted', () =>
  expect(webhookServices({ ...OPTIONS, webhookBindAddress: 'off' }, { env: {} })).toEqual([]));

test('own certificates need the own namespace; those of a folder do not', () => {
  expect(() => webhookServices(OPTIONS, { env: {} })).toThrow('the own namespace is not known');
  expect(webhookServices({ ...OPTIONS, namespace: 'system' }, { env: {} })).toHaveLength(1);
  expect(webhookServices({ ...OPTIONS, webhookCertDir: '/tls' }, { env: {} })).toHaveLength(1);
});
