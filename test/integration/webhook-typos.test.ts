import { jest } from '@jest/globals';
import { join } from 'node:path';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { readClusterAuditPolicy } from '../../src/plan/observed/audit-policy.ts';
import { problemText } from '../../src/policy/problem.ts';
import { eventually } from '../support/eventually.ts';
import { policyManifest, METADATA_RULES } from '../support/fleet.ts';
import { asRecord, dig } from '../support/json.ts';
import { auditPolicies, crds } from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';
import { readDocuments } from '../support/read-documents.ts';
import { untilTrusted, WebhookStage, type Replica } from '../support/webhook.ts';
import {
  SETTINGS,
  TYPOS,
  WRITERS,
  type Caught,
  type Setting,
  type TypoRow,
  type Writer,
} from '../typos/rows.ts';

// Starting an API server takes three seconds on an idle machine.
jest.setTimeout(60_000);

const CRDS: Record<Setting['crd'], string> = {
  ours: 'config/crd/k0rdent.mirantis.com_clusterauditpolicies.yaml',
  strict: 'charts/audit-policy-operator/files/crds/clusterauditpolicies.k0rdent.mirantis.com.strict.yaml',
  kcm: 'test/crds/kcm/clusterauditpolicies.yaml',
};

let stage: WebhookStage;
let namespace: string;
let replica: Replica | undefined;

beforeAll(async () => {
  stage = await WebhookStage.start();
  namespace = await createNamespace(stage.api, 'typos');
});

afterAll(async () => {
  await replica?.stop();
  await stage.stop();
});

/** A policy is only rehearsed, so that nothing is left for the next cell. The text goes as it is: a repeated field must arrive. */
function submit(id: string, spec: string, fieldValidation: 'Strict' | 'Warn', root = '') {
  const { apiVersion, kind } = policyManifest(id, []);
  const identity = JSON.stringify({ apiVersion, kind, metadata: { name: id } }).slice(1, -1);
  return stage.api.raw('POST', auditPolicies(namespace), {
    body: `{${identity},${root}"spec":${spec}}`,
    query: { dryRun: 'All', fieldValidation },
  });
}

/** Puts a CRD in place of the one before. A field of its own tells when the API server has taken it over. */
async function installCrd(setting: Setting): Promise<void> {
  const [crd] = await readDocuments(join(REPO_ROOT, CRDS[setting.crd]));
  const mark = `is-${setting.crd}`;
  const properties = asRecord(
    dig(crd, 'spec', 'versions', 0, 'schema', 'openAPIV3Schema', 'properties'),
    'properties',
  );
  properties[mark] = { type: 'boolean' };
  await stage.api.apply(crds('clusterauditpolicies.k0rdent.mirantis.com'), crd ?? {}, {
    fieldManager: 'install-crds',
    force: true,
    fieldValidation: 'Strict',
  });
  const good = JSON.stringify({ policy: { rules: METADATA_RULES } });
  await eventually(
    async () => {
      const { text } = await submit('probe', good, 'Strict', `"${mark}":true,`);
      expect(text).not.toContain('unknown field');
    },
    { timeoutMs: 30_000 },
  );
}

async function arrange(setting: Setting): Promise<void> {
  await replica?.stop();
  replica = undefined;
  await stage.removeWebhooks();
  await installCrd(setting);
  const bad = '{"policy":{"rules":[{"level":"None","nonResourceURLs":["x"]}]}}';
  const untilStatus = (status: number) =>
    eventually(async () => expect((await submit('probe', bad, 'Warn')).status).toBe(status), {
      timeoutMs: 30_000,
    });
  if (setting.webhook === 'off') return untilStatus(201);
  await stage.installWebhooks();
  if (setting.webhook === 'down') return untilStatus(500);
  replica = stage.startReplica();
  await untilTrusted(stage, replica);
  return untilStatus(422);
}

/** What became of a mistake. @throws Error when it was not named, though it was caught */
async function outcome({ id, spec, names }: TypoRow, writer: Writer): Promise<Caught> {
  const { status, text, body, headers } = await submit(id, spec, WRITERS[writer]);
  const message = String(dig(body, 'message'));
  if (text.includes('failed calling webhook')) return 'nobody asked';
  if (status >= 400) {
    expect(message).toMatch(names);
    return text.includes('denied the request') ? 'webhook' : 'API server';
  }
  // As the controllers read what was taken; docs/reference/states.md has what becomes of one that is refused.
  const { accepted, problems } = readClusterAuditPolicy(body).content;
  if (accepted === undefined) {
    expect(problems.map(problemText).join()).toMatch(names);
    return 'operator';
  }
  expect(headers.warning).toMatch(names);
  return 'dropped';
}

describe.each(SETTINGS)('CRD $id', (setting) => {
  beforeAll(() => arrange(setting));

  const cells = TYPOS.flatMap((row) =>
    (Object.keys(WRITERS) as Writer[]).map((writer) => ({
      row,
      writer,
      id: row.id,
      caught: row.caught[setting.id][writer],
    })),
  );

  test.each(cells)('$id by $writer: $caught', async ({ row, writer, caught }) => {
    expect(await outcome(row, writer)).toBe(caught);
  });
});
