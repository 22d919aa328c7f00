import { bundlePatch, readConfiguration, trusts } from '../../../src/webhook/certificates/configuration.ts';

const SERVICE = { namespace: 'system', name: 'webhook' };
const BUNDLE = 'NEW\nOLD\n';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const webhook = (clientConfig: object) => ({ name: 'w', clientConfig });
const read = (...webhooks: object[]) =>
  readConfiguration({ metadata: { name: 'c', resourceVersion: '7' }, webhooks }, SERVICE);

test('only webhooks that call our Service are given the bundle', () => {
  const found = read(
    webhook({ service: SERVICE }),
    webhook({ service: { ...SERVICE, name: 'other' } }),
    webhook({ service: { ...SERVICE, namespace: 'other' } }),
    webhook({ url: 'https://x' }),
    webhook({ service: SERVICE, caBundle: base64('OLD\n') }),
    webhook({ service: SERVICE, caBundle: base64(BUNDLE) }),
  );
  const value = base64(BUNDLE);
  expect(bundlePatch(found, BUNDLE)).toEqual([
    { op: 'test', path: '/metadata/resourceVersion', value: '7' },
    { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value },
    { op: 'add', path: '/webhooks/4/clientConfig/caBundle', value },
  ]);
});

test('what is right is left alone', () => {
  expect(bundlePatch(read(webhook({ service: SERVICE, caBundle: base64(BUNDLE) })), BUNDLE)).toEqual([]);
  expect(bundlePatch(read(), BUNDLE)).toEqual([]);
});

test('an authority is trusted when every webhook of ours has it, or there is no configuration', () => {
  const right = webhook({ service: SERVICE, caBundle: base64(BUNDLE) });
  expect(trusts(read(right, right), 'NEW\n')).toBe(true);
  expect(trusts(read(right, webhook({ service: SERVICE })), 'NEW\n')).toBe(false);
  expect(trusts(undefined, 'NEW\n')).toBe(true);
});
