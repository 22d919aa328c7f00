import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import { auditPolicies, clusterDeployments, helmReleases } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';

const ANY_GROUP = [{ level: 'Metadata', resources: [{ group: '*' }] }];

let s: Scenario;
beforeAll(async () => {
  s = await Scenario.start('hold');
  await s.fleet.createPolicy('metadata', METADATA_RULES);
  await s.fleet.createPolicy('request', REQUEST_RULES);
  await s.fleet.createPolicy('any-group', ANY_GROUP);
});
afterAll(() => s.stop());

const annotateDeployment = (name: string, annotations: Record<string, string | null>) =>
  s.api.mergePatch(clusterDeployments(s.namespace, name), { metadata: { annotations } });

describe('what is refused', () => {
  test.each([
    ['zero rules', [], 'rules'],
    ['a misspelt field', [{ level: 'None', verb: ['get'] }], '"verbs"'],
    ['a misspelt level', [{ level: 'Metdt' }], 'Metadata'],
    ['a wrong type', [{ level: 'None', users: 'admin' }], '["admin"]'],
    ['a placeholder', [{ level: 'Metadata', resources: '${known_apis}' }], '${known_apis}'],
  ])(
    '%s: nothing is written, the condition says where and what would be right',
    async (what, rules, hint) => {
      const name = what.replaceAll(' ', '-');
      await s.fleet.createPolicy(`${name}-policy`, rules);
      await s.fleet.createRelease(name);
      await s.fleet.createDeployment(name, { auditPolicy: `${name}-policy` });
      await s.waitFor(name, 'False', 'PolicyRefused', hint);
      expect(await s.configMap(name)).toBeUndefined();
      expect(await s.hash(name)).toBeUndefined();
      await s.waitForEvents(name, ['Warning ClusterAuditPolicyError']);
    },
  );

  test('a policy that only newer clusters take: refused for the older one, delivered to the newer one', async () => {
    for (const [name, version] of [
      ['old', 'v1.35.4+k0s.0'],
      ['new', 'v1.36.1'],
    ] as const) {
      await s.fleet.createRelease(name);
      await s.waitUntilSettled(name);
      await s.fleet.createDeployment(name);
      await s.api.patchStatus(clusterDeployments(s.namespace, name), { k8sVersion: version });
      await s.fleet.setReference(name, 'any-group');
    }
    await s.waitFor('new', 'True', 'Succeeded', 'Checked for Kubernetes 1.36.');
    await s.waitFor('old', 'False', 'PolicyUnfit', '1.35');
    expect(await s.configMap('old')).toBeUndefined();
  });

  test('the annotation lowers the version that counts', async () => {
    await annotateDeployment('new', { 'auditpolicy.dev/kubernetes-version': 'v1.34.0' });
    await s.waitFor('new', 'False', 'PolicyUnfit', '1.34');
    await annotateDeployment('new', { 'auditpolicy.dev/kubernetes-version': null });
    await s.waitFor('new', 'True', 'Succeeded');
  });

  test('a reference that is no name of this namespace', async () => {
    await s.fleet.createRelease('across');
    await s.fleet.createDeployment('across', { auditPolicy: 'other-namespace/metadata' });
    await s.waitFor('across', 'False', 'InvalidReference', 'other-namespace/metadata');
  });
});

describe('what waits', () => {
  test('a change while Flux rolls out the one before; it follows once that has ended', async () => {
    await s.deliver('rolling', 'metadata');
    await s.pauseFlux();
    await s.fleet.setReference('rolling', 'request');
    await s.waitForHash('rolling', '61d03756');
    await s.flux.begin(s.namespace, 'rolling');
    await s.fleet.setReference('rolling', 'metadata');
    await s.waitFor('rolling', 'False', 'RollInProgress');
    await s.waitForContent('rolling', 'level: Request\n');
    await s.flux.settle(s.namespace, 'rolling');
    await s.waitFor('rolling', 'True', 'Succeeded', 'da099788');
    s.resumeFlux();
  });

  test('a failed roll-out does not hold up what mends it', async () => {
    await s.deliver('failing', 'metadata');
    await s.pauseFlux();
    await s.fleet.setReference('failing', 'request');
    await s.waitForHash('failing', '61d03756');
    await s.flux.fail(s.namespace, 'failing');
    await s.waitFor('failing', 'True', 'Succeeded', 'UpgradeFailed');
    await s.fleet.setReference('failing', 'metadata');
    await s.waitForHash('failing', 'da099788');
    s.resumeFlux();
  });

  test('the deadline of a roll-out that never ends', async () => {
    await s.restartOperator({ settings: { rollDeadlineMs: 2_000 } });
    await s.deliver('stuck', 'metadata');
    await s.pauseFlux();
    await s.fleet.setReference('stuck', 'request');
    await s.waitForHash('stuck', '61d03756');
    await s.fleet.setReference('stuck', 'metadata');
    await s.waitFor('stuck', 'False', 'RollInProgress');
    await s.waitFor('stuck', 'True', 'Succeeded', 'da099788');
    s.resumeFlux();
    await s.restartOperator({ settings: {} });
  });

  test('a suspended HelmRelease is not written; resumed, it is', async () => {
    await s.fleet.createRelease('asleep', {}, { suspend: true });
    const before = await s.fleet.release('asleep');
    await s.fleet.createDeployment('asleep', { auditPolicy: 'metadata' });
    await s.waitFor('asleep', 'False', 'HelmReleaseSuspended');
    expect((await s.fleet.release('asleep')).metadata.generation).toBe(before.metadata.generation);
    await s.api.mergePatch(helmReleases(s.namespace, 'asleep'), { spec: { suspend: null } });
    await s.waitFor('asleep', 'True', 'Succeeded');
  });

  test.each([
    ['ClusterDeployment', () => annotateDeployment('paused', { 'auditpolicy.dev/paused': 'true' })],
    [
      'ClusterAuditPolicy',
      () =>
        s.api.mergePatch(auditPolicies(s.namespace, 'pausable'), {
          metadata: { annotations: { 'auditpolicy.dev/paused': 'true' } },
        }),
    ],
  ])('the pause annotation on the %s stops every write but the condition', async (kind, pause) => {
    if (kind === 'ClusterDeployment') {
      await s.fleet.createPolicy('pausable', METADATA_RULES);
      await s.deliver('paused', 'pausable');
    } else await annotateDeployment('paused', { 'auditpolicy.dev/paused': null });
    await s.fleet.editPolicy('pausable', METADATA_RULES);
    await s.waitFor('paused', 'True', 'Succeeded');
    await s.waitUntilSettled('paused');
    await pause();
    await s.waitFor('paused', 'True', 'Paused', kind);
    const from = await s.settledWrites();
    await s.fleet.editPolicy('pausable', REQUEST_RULES);
    await s.waitFor('paused', 'False', 'Paused', 'hash da099788 is in place, hash 61d03756 is wanted');
    await s.settledWrites();
    const written = s.writesSince(from).filter((write) => !write.includes('ClusterAuditPolicy'));
    expect(written).toEqual(['apply ClusterDeployment/paused status']);
  });

  test('spec.dryRun: nothing is written for it', async () => {
    await s.fleet.createRelease('trial');
    await s.fleet.createDeployment('trial', { auditPolicy: 'metadata', dryRun: true });
    await s.waitFor('trial', 'False', 'DryRun');
    expect(await s.configMap('trial')).toBeUndefined();
  });

  test.each([
    ['kubeconfig', { kubeConfig: { secretRef: { name: 'k' } } }],
    ['namespace', { targetNamespace: 'elsewhere' }],
  ])('a remote target (%s) is not supported, and nothing is written', async (what, spec) => {
    await s.fleet.createRelease(`remote-${what}`, {}, spec);
    await s.fleet.createDeployment(`remote-${what}`, { auditPolicy: 'metadata' });
    await s.waitFor(`remote-${what}`, 'False', 'RemoteTargetUnsupported');
    expect(await s.configMap(`remote-${what}`)).toBeUndefined();
  });
});

describe('control planes whose roll can cost etcd its quorum', () => {
  test.each([
    [1, '1 node:'],
    [2, '2 nodes'],
  ])('%d node(s): a Warning event and a sentence', async (nodes, says) => {
    await s.deliver(`size-${String(nodes)}`, 'metadata', { controlPlaneNumber: nodes });
    const message = await s.waitFor(`size-${String(nodes)}`, 'True', 'Succeeded', says);
    expect(message).toContain('docs/single-control-plane.md');
    await s.waitForEvents(`size-${String(nodes)}`, ['Warning SingleControlPlane']);
  });

  test('3 nodes: neither', async () => {
    await s.deliver('size-3', 'metadata', { controlPlaneNumber: 3 });
    expect(await s.waitFor('size-3', 'True', 'Succeeded')).not.toContain('quorum');
    await s.waitForEvents('size-3', ['Normal AuditPolicyConfigMapCreated']);
  });
});
