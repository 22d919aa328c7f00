import { METADATA_RULES, REQUEST_RULES } from '../support/fleet.ts';
import { Scenario } from '../support/scenario.ts';

let s: Scenario;
beforeAll(async () => {
  s = await Scenario.start('hold');
  await s.fleet.createPolicy('metadata', METADATA_RULES);
  await s.fleet.createPolicy('request', REQUEST_RULES);
});
afterAll(() => s.stop());

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
});

describe('what waits', () => {
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
