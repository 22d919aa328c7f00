import { readHelmRelease } from '../../../src/plan/observed/helm-release.ts';
import { SETTLED, helmRelease } from './fixtures.ts';

describe('a HelmRelease is settled only when Flux has rolled out exactly this generation', () => {
  test('all of it', () => expect(helmRelease().settled).toBe(true));

  test.each([
    ['suspended', { spec: { suspend: true } }],
    ['not attempted', { status: { ...SETTLED, lastAttemptedGeneration: 0 } }],
    ['not observed', { status: { ...SETTLED, observedGeneration: 0 } }],
    ['not ready', { status: { ...SETTLED, conditions: [{ type: 'Ready', status: 'Unknown' }] } }],
    ['no condition', { status: { ...SETTLED, conditions: [] } }],
    [
      'the newest release failed',
      { status: { ...SETTLED, history: [{ status: 'failed', configDigest: 'sha256:a' }] } },
    ],
    ['another config is deployed', { status: { ...SETTLED, lastAttemptedConfigDigest: 'sha256:b' } }],
    ['nothing is deployed', { status: { ...SETTLED, history: [] } }],
    ['no status', { status: {} }],
  ])('%s', (_case, parts) => expect(helmRelease(parts).settled).toBe(false));
});

describe('a failure counts only for this generation', () => {
  const failing = (reason: string, generation = 1, type = 'Ready', status = 'False') =>
    helmRelease({ status: { lastAttemptedGeneration: generation, conditions: [{ type, status, reason }] } })
      .failure;

  test.each(['UpgradeFailed', 'InstallFailed', 'RollbackFailed', 'TestFailed'])('%s', (reason) =>
    expect(failing(reason)).toBe(reason),
  );
  test('Released=False tells it too', () =>
    expect(failing('UpgradeFailed', 1, 'Released')).toBe('UpgradeFailed'));
  test('Stalled', () =>
    expect(failing('RetriesExceeded', 1, 'Stalled', 'True')).toBe('Stalled (RetriesExceeded)'));
  test('not stalled any more', () =>
    expect(failing('RetriesExceeded', 1, 'Stalled', 'False')).toBeUndefined());
  test('an older attempt', () => expect(failing('UpgradeFailed', 0)).toBeUndefined());
  test('the attempt before, while the next one is under way', () => {
    const running = (observedGeneration: number) =>
      helmRelease({
        metadata: { generation: 4 },
        status: {
          lastAttemptedGeneration: 4,
          conditions: [
            { type: 'Ready', status: 'Unknown', reason: 'Progressing', observedGeneration: 4 },
            { type: 'Released', status: 'False', reason: 'UpgradeFailed', observedGeneration },
          ],
        },
      });
    expect(running(3).failure).toBeUndefined();
    // Tried again by itself, which has failed once.
    expect(running(4).failure).toBe('UpgradeFailed');
  });
  test('what passes by itself', () => expect(failing('DependencyNotReady')).toBeUndefined());
  test('a good end', () => expect(failing('UpgradeFailed', 1, 'Ready', 'True')).toBeUndefined());
});

describe('what is read of spec', () => {
  test.each([
    ['own namespace', { targetNamespace: 'ns' }, undefined],
    ['no target', {}, undefined],
    ['another namespace', { targetNamespace: 'x' }, 'it installs into namespace "x" (spec.targetNamespace)'],
    ['another cluster', { kubeConfig: {} }, 'it installs into another cluster (spec.kubeConfig)'],
  ])('target: %s', (_case, spec, expected) => expect(helmRelease({ spec }).remoteTarget).toBe(expected));

  test.each([
    ['nothing', undefined, ['.spec.values', '.spec.values.audit']],
    ['null', null, ['.spec.values', '.spec.values.audit']],
    ['an empty map', {}, ['.spec.values', '.spec.values.audit']],
    ['other values', { a: 1 }, ['.spec.values.audit']],
    ['audit null', { audit: null }, ['.spec.values.audit']],
    ['audit a word', { audit: 'x' }, []],
    ['audit with content', { audit: { a: 1 } }, []],
  ])('empty containers: %s', (_case, values, expected) =>
    expect(readHelmRelease({ spec: { values } }).emptyContainers).toEqual(expected),
  );

  test('a policyRef of a wrong shape is no reference', () => {
    expect(helmRelease({ values: { audit: { policyRef: 'x' } } })).not.toHaveProperty('policyRef');
    expect(helmRelease({ values: { audit: 'x' } })).not.toHaveProperty('policyRef');
  });

  test('owners of the reference, with the keys they own; the status subresource is none', () => {
    const ref = (keys: object) => ({ 'f:spec': { 'f:values': { 'f:audit': { 'f:policyRef': keys } } } });
    const release = readHelmRelease({
      metadata: {
        managedFields: [
          { manager: 'a', operation: 'Apply', time: '2026-01-01T00:00:00Z', fieldsV1: ref({ 'f:hash': {} }) },
          { manager: 'b', operation: 'Update', time: 'x', fieldsV1: ref({}) },
          { manager: 'c', subresource: 'status', fieldsV1: ref({ 'f:hash': {} }) },
          { manager: 'd', fieldsV1: { 'f:spec': { 'f:values': { 'f:audit': { 'f:logPath': {} } } } } },
        ],
      },
    });
    expect(release.policyRefOwners).toEqual([
      { manager: 'a', applies: true, keys: ['hash'], timeMs: Date.parse('2026-01-01T00:00:00Z') },
      { manager: 'b', applies: false, keys: ['name', 'key', 'hash'], timeMs: 0 },
    ]);
  });
});
