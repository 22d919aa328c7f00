import { eventually } from '../support/eventually.ts';
import { METADATA_RULES } from '../support/fleet.ts';
import { configMaps } from '../support/kinds.ts';
import { Scenario } from '../support/scenario.ts';

test('F12: a label that was stripped just before the reference was cleared: the ConfigMap still goes', async () => {
  const s = await Scenario.start('unlabelled', { settings: { configMapRetentionMs: 3000 } });
  try {
    const configMap = configMaps(s.namespace, 'c-audit-policy');
    await s.fleet.createPolicy('metadata', METADATA_RULES);
    await s.deliver('c', 'metadata');
    await s.operator.stop();
    await s.api.mergePatch(configMap, { metadata: { labels: null } });
    await s.fleet.setReference('c', null);
    await s.restartOperator();
    await eventually(async () => expect(await s.hash('c')).toBeUndefined());
    // The watch selects by the label: a new process would never see the ConfigMap again.
    await s.restartOperator();
    await eventually(async () => expect(await s.api.find(configMap)).toBeUndefined());
  } finally {
    await s.stop();
  }
});
