import { eventually } from '../support/eventually.ts';
import { METADATA_RULES } from '../support/fleet.ts';
import { dig } from '../support/json.ts';
import { auditPolicies } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';

let s: Scenario;
beforeAll(async () => {
  s = await Scenario.start('policy-status');
});
afterAll(() => s.stop());

const status = async (name: string) => (await s.api.get(auditPolicies(s.namespace, name))).status;

describe('status of a ClusterAuditPolicy, as kstatus reads it', () => {
  test('accepted: hash, rules, Ready; written once', async () => {
    await s.fleet.createPolicy('good', METADATA_RULES);
    await eventually(async () => {
      expect(await status('good')).toMatchObject({
        observedGeneration: 1,
        hash: 'da099788',
        rules: 1,
        conditions: [{ type: 'Ready', status: 'True', reason: 'Accepted', observedGeneration: 1 }],
      });
    });
    await s.settledWrites();
    expect(s.writesSince(0)).toEqual(['apply ClusterAuditPolicy/good status']);
  });

  test('refused: Ready=False, Stalled=True, no hash; an Event; and back', async () => {
    await s.fleet.editPolicy('good', [{ level: 'Metdt' }]);
    await eventually(async () => {
      const found = await status('good');
      expect(found).toMatchObject({
        observedGeneration: 2,
        conditions: [
          {
            type: 'Ready',
            status: 'False',
            reason: 'Refused',
            message: expect.stringContaining('Metadata') as string,
          },
          { type: 'Stalled', status: 'True' },
        ],
      });
      expect(found).not.toHaveProperty('hash');
    });
    await s.waitForEvents('good', ['Warning PolicyRefused']);
    await s.fleet.editPolicy('good', METADATA_RULES);
    await eventually(async () => {
      const found = await status('good');
      expect(found).toMatchObject({ observedGeneration: 3, hash: 'da099788' });
      expect(dig(found, 'conditions')).toEqual([expect.objectContaining({ type: 'Ready', status: 'True' })]);
    });
  });

  test('type meta pasted along is accepted with a warning', async () => {
    await s.api.create(auditPolicies(s.namespace), {
      apiVersion: 'k0rdent.mirantis.com/v1beta1',
      kind: 'ClusterAuditPolicy',
      metadata: { name: 'pasted' },
      spec: { policy: { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: METADATA_RULES } },
    });
    await eventually(async () => {
      const message = dig(await status('pasted'), 'conditions', 0, 'message');
      expect(message).toContain('apiVersion');
      expect(dig(await status('pasted'), 'hash')).toBe('da099788');
    });
  });
});

describe('the clusters of a policy', () => {
  const counts = async (name: string) => {
    const found = await status(name);
    return { clusters: found?.clusters, inPlace: found?.clustersInPlace };
  };

  test('are counted; nothing is written more often than every so often, and nothing twice', async () => {
    const own = await Scenario.start('counts', { countIntervalMs: 3_000 });
    try {
      const policy = async () => (await own.api.get(auditPolicies(own.namespace, 'p'))).status;
      await own.fleet.createPolicy('p', METADATA_RULES);
      for (let index = 0; index < 6; index += 1) await own.deliver(`c-${String(index)}`, 'p');
      await own.fleet.createDeployment('without-release', { auditPolicy: 'p' });
      await eventually(
        async () => expect(await policy()).toMatchObject({ clusters: 7, clustersInPlace: 6 }),
        {
          timeoutMs: 15_000,
        },
      );
      await own.fleet.setReference('c-0', null);
      await eventually(
        async () => expect(await policy()).toMatchObject({ clusters: 6, clustersInPlace: 5 }),
        {
          timeoutMs: 15_000,
        },
      );
      await own.settledWrites(3_500);
      const sent = own.operator.exchanges.filter(
        ({ method, path }) => method === 'PATCH' && path.endsWith('/clusterauditpolicies/p/status'),
      );
      expect(sent.length).toBeLessThanOrEqual(4);
    } finally {
      await own.stop();
    }
  }, 60_000);

  test('a policy that nobody names has none', async () => {
    await eventually(async () => expect(await counts('pasted')).toEqual({ clusters: 0, inPlace: 0 }));
  });
});
