import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { chartCrds } from './generate/chart-crds.ts';
import { chartReadme } from './generate/chart-readme.ts';
import { cliPage } from './generate/cli.ts';
import { conditionsPage } from './generate/conditions.ts';
import { detectionsPage } from './generate/detections.ts';
import { errorsPage } from './generate/errors.ts';
import { eventsPage } from './generate/events.ts';
import { faultsPage } from './generate/faults.ts';
import { presetsPage } from './generate/presets.ts';
import { lintRulesPage } from './generate/lint-rules.ts';
import { reportAssets } from './generate/report-assets.ts';
import { reportsPage } from './generate/reports.ts';
import { statesPage } from './generate/states.ts';
import { typosPage } from './generate/typos.ts';

/**
 * `npm run generate` writes the files below; `npm run generate -- --check` only compares them, and names those that are
 * out of date. Exit status: 0 up to date or written, 1 out of date, 2 usage.
 */
const GENERATORS: Readonly<Record<string, () => string>> = {
  'docs/presets.md': presetsPage,
  'src/report/assets.ts': reportAssets,
  ...chartCrds,
  'charts/audit-policy-operator/README.md': chartReadme,
  'docs/reference/cli.md': cliPage,
  'docs/reference/conditions.md': conditionsPage,
  'docs/reference/detections.md': detectionsPage,
  'docs/reference/errors.md': errorsPage,
  'docs/reference/events.md': eventsPage,
  'docs/reference/faults.md': faultsPage,
  'docs/reference/lint-rules.md': lintRulesPage,
  'docs/reference/reports.md': reportsPage,
  'docs/reference/states.md': statesPage,
  'docs/reference/typos.md': typosPage,
};

const ROOT = join(import.meta.dirname, '..');

async function main(isCheck: boolean): Promise<number> {
  const stale: string[] = [];
  for (const [path, generate] of Object.entries(GENERATORS)) {
    const file = join(ROOT, path);
    const text = await format(generate(), { ...(await resolveConfig(file)), filepath: file });
    if (text === (await readFile(file, 'utf8').catch(() => undefined))) continue;
    stale.push(path);
    if (!isCheck) await writeFile(file, text);
  }
  const total = Object.keys(GENERATORS).length;
  if (stale.length === 0) console.log(`${total} generated files are up to date`);
  else if (isCheck) console.error(`out of date: ${stale.join(', ')}; run npm run generate`);
  else console.log(`written: ${stale.join(', ')}`);
  return isCheck && stale.length > 0 ? 1 : 0;
}

const args = process.argv.slice(2);
if (args.some((arg) => arg !== '--check')) {
  console.error('usage: npm run generate [-- --check]');
  process.exitCode = 2;
} else {
  process.exitCode = await main(args.includes('--check'));
}
