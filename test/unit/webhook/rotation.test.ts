import {
  AUTHORITY_LIFETIME_MS,
  BACKDATED_MS,
  CERTIFICATE_LIFETIME_MS,
} from '../../../src/webhook/certificates/issue.ts';
import {
  examine,
  readMaterial,
  secretData,
  trustBundle,
} from '../../../src/webhook/certificates/material.ts';
import { renew } from '../../../src/webhook/certificates/renew.ts';
import { nextStep, SETTLED_MS, type Step } from '../../../src/webhook/certificates/rotation.ts';

const NOW = Date.UTC(2026, 0, 1);
const HOSTS = ['webhook.system.svc'];
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('when what is renewed', () => {
  const authority = (madeAt: number) => ({ notBefore: madeAt, notAfter: madeAt + AUTHORITY_LIFETIME_MS });
  const serving = (madeAt: number, isByNewest = true) => ({
    notBefore: madeAt,
    notAfter: madeAt + CERTIFICATE_LIFETIME_MS,
    isByNewest,
  });

  test('nothing usable: all anew', () => expect(nextStep(undefined, NOW, true)).toBe('all'));

  test.each<[string, number, Step | undefined]>([
    ['fresh', 0, undefined],
    ['two thirds of its life, less a minute', CERTIFICATE_LIFETIME_MS * (2 / 3) - 60_000, undefined],
    ['two thirds of its life', CERTIFICATE_LIFETIME_MS * (2 / 3), 'certificate'],
    ['over', CERTIFICATE_LIFETIME_MS, 'certificate'],
    ['not begun: the clock was wrong', -HOUR, 'certificate'],
  ])('a certificate that is %s', (_, age, step) => {
    const facts = { authorities: [authority(NOW - 100 * DAY)] as const, serving: serving(NOW - age) };
    expect(nextStep(facts, NOW, true)).toBe(step);
  });

  test.each<[string, number, Step | undefined]>([
    ['two thirds of its life, less a minute', AUTHORITY_LIFETIME_MS * (2 / 3) - 60_000, undefined],
    ['two thirds of its life', AUTHORITY_LIFETIME_MS * (2 / 3), 'authority'],
    ['over', AUTHORITY_LIFETIME_MS, 'all'],
  ])('an authority that is %s', (_, age, step) => {
    const facts = { authorities: [authority(NOW - age)] as const, serving: serving(NOW - DAY) };
    expect(nextStep(facts, NOW, true)).toBe(step);
  });

  describe('after a new authority', () => {
    const since = (ms: number, isByNewest: boolean, servingAge = 30 * DAY) => ({
      authorities: [authority(NOW - ms), authority(NOW - 300 * DAY)] as const,
      serving: serving(NOW - servingAge, isByNewest),
    });

    test('the old certificate serves until all have heard of the new authority', () => {
      expect(nextStep(since(SETTLED_MS - 1, false), NOW, true)).toBeUndefined();
      expect(nextStep(since(SETTLED_MS, false), NOW, true)).toBe('certificate');
    });

    test('and until the API server is told to trust it', () => {
      expect(nextStep(since(DAY, false), NOW, false)).toBeUndefined();
    });

    test('but never longer than it is valid', () => {
      expect(nextStep(since(DAY, false, CERTIFICATE_LIFETIME_MS), NOW, false)).toBe('certificate');
    });

    test('the old authority is trusted until all replicas serve by the new one', () => {
      expect(nextStep(since(2 * HOUR, true, SETTLED_MS - 1), NOW, true)).toBeUndefined();
      expect(nextStep(since(2 * HOUR, true, SETTLED_MS), NOW, true)).toBe('forget');
    });
  });
});

describe('what is made', () => {
  test('a whole material, valid from before now, that survives the Secret', async () => {
    const material = await renew('all', undefined, HOSTS, NOW);
    const again = readMaterial({ data: secretData(material) });
    expect(again).toEqual({ ...material, authorities: [`${material.authorities[0].trim()}\n`] });
    const facts = examine(again!, 'webhook.system.svc');
    expect(facts?.serving).toEqual({
      isByNewest: true,
      notBefore: NOW - BACKDATED_MS,
      notAfter: NOW + CERTIFICATE_LIFETIME_MS,
    });
    expect(facts?.authorities).toEqual([
      { notBefore: NOW - BACKDATED_MS, notAfter: NOW + AUTHORITY_LIFETIME_MS },
    ]);
    expect(nextStep(facts, NOW, false)).toBeUndefined();
  });

  test('step by step: at every moment what is served is trusted', async () => {
    const first = await renew('all', undefined, HOSTS, NOW);
    const both = await renew('authority', first, HOSTS, NOW);
    expect(both.serving).toEqual(first.serving);
    expect(both.authorities.slice(1)).toEqual(first.authorities);
    expect(examine(both, HOSTS[0]!)?.serving.isByNewest).toBe(false);
    const renewed = await renew('certificate', both, HOSTS, NOW);
    expect(renewed.authorities).toEqual(both.authorities);
    expect(examine(renewed, HOSTS[0]!)?.serving.isByNewest).toBe(true);
    const done = await renew('forget', renewed, HOSTS, NOW);
    expect(trustBundle(done)).toBe(trustBundle({ authorities: [both.authorities[0]] }));
    expect(examine(done, HOSTS[0]!)?.serving.isByNewest).toBe(true);
  });

  test('is of no use when its parts do not belong together, or for another host', async () => {
    const one = await renew('all', undefined, HOSTS, NOW);
    const other = await renew('all', undefined, HOSTS, NOW);
    expect(examine(one, 'elsewhere.system.svc')).toBeUndefined();
    expect(examine({ ...one, authorityKey: other.authorityKey }, HOSTS[0]!)).toBeUndefined();
    expect(examine({ ...one, serving: other.serving }, HOSTS[0]!)).toBeUndefined();
    expect(
      examine({ ...one, serving: { ...one.serving, key: other.serving.key } }, HOSTS[0]!),
    ).toBeUndefined();
    expect(examine({ ...one, authorities: ['x'] }, HOSTS[0]!)).toBeUndefined();
    expect(readMaterial({ data: { 'ca.crt': 'eA==' } })).toBeUndefined();
    expect(readMaterial(undefined)).toBeUndefined();
  });
});
