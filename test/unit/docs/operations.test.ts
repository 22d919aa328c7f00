import { readFileSync } from 'node:fs';
import { Metrics } from '../../../src/observability/metrics.ts';

const page = readFileSync('docs/operations.md', 'utf8');
const names = (pattern: RegExp, text: string) => [...text.matchAll(pattern)].map(([, name]) => name).sort();

test('the page on operations has every metric, of its type, and no other', async () => {
  const metrics = new Metrics('1.0.0');
  metrics.certificateExpires(new Date(0));
  const served = await metrics.render();
  expect(names(/^\| `(\w+)` +\| (?:counter|gauge|histogram) /gm, page)).toEqual(
    names(/^# TYPE (\w+) /gm, served),
  );
  for (const [, name = '', type = ''] of served.matchAll(/^# TYPE (\w+) (\w+)$/gm)) {
    expect(page).toMatch(new RegExp(`^\\| \`${name}\` +\\| ${type} `, 'm'));
  }
});

test('and every alert of the chart', () => {
  const alerts = readFileSync('charts/audit-policy-operator/files/alerts.yaml', 'utf8');
  expect(names(/^\| `(AuditPolicy\w+)` /gm, page)).toEqual(names(/^- alert: (\w+)$/gm, alerts));
});
