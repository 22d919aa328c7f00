import { repairInPlace } from '../../../src/plan/repair.ts';
import { accepted, configMap, delivered, helmRelease, observed, policy, without } from './fixtures.ts';

const content = accepted(policy());
const other = accepted(policy([{ level: 'Request' }]));
const owner = { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease', name: 'c', uid: 'hr-uid' };
/** `other` is in place and kept; `content` is wanted. */
const given = observed({
  helmRelease: delivered(other.hash),
  configMap: configMap(other),
  keptRevisions: [other.sha256],
});
const restored = { sha256: other.sha256, fromRevision: true };
const tampered = configMap(other, { data: { policy: 'x' } });
const NOTHING = { actions: [], events: [] };

test.each([
  ['it is intact', given],
  ['the values name nothing', { ...given, helmRelease: helmRelease() }],
  ['there is no HelmRelease', without(given, 'helmRelease')],
  ['it is intact, though no copy is kept', { ...given, keptRevisions: [] }],
  [
    'it is not ours',
    {
      ...given,
      helmRelease: delivered(other.hash, { owners: [{ manager: 'm', time: '2026-11-01T11:50:00Z' }] }),
      configMap: configMap(content, { labels: {} }),
    },
  ],
])('nothing is done when %s', (_case, state) => expect(repairInPlace(state)).toEqual(NOTHING));

test('changed: patched back to what the values name', () =>
  expect(repairInPlace({ ...given, configMap: tampered }).actions).toStrictEqual([
    { type: 'PatchConfigMap', configMap: tampered, content: restored, owner },
  ]));

test('gone: made again', () =>
  expect(repairInPlace(without(given, 'configMap')).actions).toStrictEqual([
    { type: 'CreateConfigMap', content: restored, owner },
  ]));

test('its label stripped: put back, though the bytes are right', () => {
  const stripped = configMap(other, { labels: {} });
  expect(repairInPlace({ ...given, configMap: stripped }).actions).toStrictEqual([
    { type: 'PatchConfigMap', configMap: stripped, content: restored, owner },
  ]);
});

test('changed, and immutable since: made anew, as no patch can mend it', () => {
  const immutable = { ...tampered, immutable: true };
  expect(repairInPlace({ ...given, configMap: immutable }).actions).toStrictEqual([
    { type: 'DeleteConfigMap', configMap: immutable, toMakeRoom: true },
    { type: 'CreateConfigMap', content: restored, owner },
  ]);
});

test('immutable with the right bytes and no label: a patch of its metadata will do', () => {
  const immutable = { ...configMap(other, { labels: {} }), immutable: true };
  expect(repairInPlace({ ...given, configMap: immutable }).actions).toMatchObject([
    { type: 'PatchConfigMap' },
  ]);
});

test('the count of reverts outlives a repair', () => {
  const counted = { ...tampered, reverts: { helmReleaseUid: 'hr-uid', count: 1 } };
  expect(repairInPlace({ ...given, configMap: counted }).actions).toMatchObject([
    { type: 'PatchConfigMap', reverts: { helmReleaseUid: 'hr-uid', count: 1 } },
  ]);
  expect(repairInPlace({ ...given, configMap: { ...counted, immutable: true } }).actions).toMatchObject([
    { type: 'DeleteConfigMap' },
    { type: 'CreateConfigMap', reverts: { helmReleaseUid: 'hr-uid', count: 1 } },
  ]);
});

test('after a rival has replaced what was delivered, that goes on being known: else its turns were never counted', () => {
  const before = { uid: 'hr-uid', generation: 0 };
  const usurped = { ...given, configMap: { ...configMap(content), before } };
  expect(repairInPlace(usurped).actions).toMatchObject([{ content: restored, delivered: content.sha256 }]);
  for (const [why, state] of Object.entries({
    'nobody has written since': {
      ...usurped,
      configMap: { ...usurped.configMap, before: { ...before, generation: 1 } },
    },
    'our own write was not done': { ...usurped, isValuesWriteUnfinished: true },
    'what was delivered is in place': { ...usurped, configMap: { ...tampered, before } },
  })) {
    const [action] = repairInPlace(state).actions;
    expect([why, action]).toEqual([
      why,
      expect.not.objectContaining({ delivered: expect.anything() as unknown }),
    ]);
  }
});

test.each([
  ['is gone', without({ ...given, keptRevisions: [] }, 'configMap')],
  ['was changed by another', { ...given, configMap: tampered, keptRevisions: [] }],
  ['was changed by another', { ...given, configMap: configMap(other, { data: {} }), keptRevisions: [] }],
])('it %s, and no copy is kept: said, and nothing is done', (found, state) =>
  expect(repairInPlace(state)).toEqual({
    ...NOTHING,
    loss: `ConfigMap "c-audit-policy" ${found}, and no copy of hash ${other.hash} is kept to restore it.`,
  }),
);
