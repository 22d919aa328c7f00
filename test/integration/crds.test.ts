import { jest } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { upstreamCrds } from '../control-plane/crds.ts';
import { startControlPlane } from '../control-plane/start.ts';
import type { ControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig, sharedApi } from '../support/api.ts';
import type { Api } from '../support/api.ts';
import { installCrds } from '../support/install-crds.ts';
import type { CrdSet } from '../support/install-crds.ts';
import { dig } from '../support/json.ts';
import { auditPolicies, clusterDeployments, crds, managements } from '../support/kinds.ts';
import { createNamespace } from '../support/namespace.ts';

// Starting an API server takes three seconds on an idle machine.
jest.setTimeout(60_000);

const K0RDENT = 'k0rdent.mirantis.com/v1beta1';

/** Every kind of mistake that a schema could refuse or drop. */
const WRITTEN = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  metadata: { name: 'pasted' },
  Rules: [{ level: 'None' }],
  omitStages: 'RequestReceived',
  omitManagedFields: 'yes',
  rules: [
    {
      level: 5,
      user: ['system:kube-proxy'],
      users: 'x',
      resources: [{ group: ['apps'], Resources: ['pods'] }, 'pods'],
    },
    'None',
    {},
  ],
};

const CONDITION = {
  type: 'ClusterAuditPolicyReady',
  status: 'True',
  reason: 'Succeeded',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};

const K0RDENT_CRDS = Object.fromEntries(
  ['clusterauditpolicies', 'clusterdeployments', 'managements'].map((plural) => [
    `${plural}.k0rdent.mirantis.com`,
    { NamesAccepted: 'True', Established: 'True' },
  ]),
);

/** The conditions of k0rdent's CRDs. A schema that is not structural would add NonStructuralSchema. */
async function established(api: Api): Promise<unknown> {
  const names = Object.keys(K0RDENT_CRDS);
  return Object.fromEntries(
    await Promise.all(
      names.map(async (name): Promise<[string, unknown]> => [name, await conditionsOf(api, name)]),
    ),
  );
}

/** A control plane for the tests of one describe block: these CRDs cannot be on one server with the shared one's. */
function ownControlPlane(set: CrdSet): { api: () => Api } {
  let controlPlane: ControlPlane | undefined;
  let api: Api | undefined;
  beforeAll(async () => {
    controlPlane = await startControlPlane();
    api = await apiFromKubeconfig(controlPlane.kubeconfig);
    await installCrds(api, set);
  });
  afterAll(async () => {
    api?.close();
    await controlPlane?.stop();
  });
  return {
    api: () => {
      if (api === undefined) throw new Error('not started');
      return api;
    },
  };
}

async function conditionsOf(api: Api, name: string): Promise<unknown> {
  const conditions = dig(await api.get(crds(name)), 'status', 'conditions');
  return Array.isArray(conditions)
    ? Object.fromEntries(conditions.map((c): [string, unknown] => [String(dig(c, 'type')), dig(c, 'status')]))
    : conditions;
}

function policy(name: string, content: unknown): object {
  return { apiVersion: K0RDENT, kind: 'ClusterAuditPolicy', metadata: { name }, spec: { policy: content } };
}

function deployment(name: string, spec: object): object {
  return {
    apiVersion: K0RDENT,
    kind: 'ClusterDeployment',
    metadata: { name },
    spec: { template: 't', ...spec },
  };
}

describe('the CRDs of a fleet without KCM', () => {
  let api: Api;
  let namespace: string;
  beforeAll(async () => {
    api = await sharedApi();
    namespace = await createNamespace(api, 'crds');
  });
  afterAll(() => {
    api.close();
  });

  test.each([
    'clusterauditpolicies.k0rdent.mirantis.com',
    'clusterdeployments.k0rdent.mirantis.com',
    'clusters.cluster.x-k8s.io',
    'helmreleases.helm.toolkit.fluxcd.io',
  ])('%s is established, with a structural schema', async (name) => {
    expect(await conditionsOf(api, name)).toEqual({ NamesAccepted: 'True', Established: 'True' });
  });

  test('a policy arrives as it was written, whatever is wrong with it', async () => {
    const created = await api.create(auditPolicies(namespace), policy('wrong', WRITTEN), {
      fieldValidation: 'Strict',
    });
    expect(dig(created, 'spec', 'policy')).toEqual(WRITTEN);
    expect(dig(await api.get(auditPolicies(namespace, 'wrong')), 'spec', 'policy')).toEqual(WRITTEN);
  });

  test.each([[[]], [{ level: 'None' }], ['x'], [5]])(
    'rules: %j is not the API server’s to refuse',
    async (rules) => {
      const body = policy('rules', { rules });
      const created = await api.create(auditPolicies(namespace), body, {
        fieldValidation: 'Strict',
        dryRun: true,
      });
      expect(dig(created, 'spec', 'policy')).toEqual({ rules });
      const applied = await api.apply(auditPolicies(namespace, 'rules'), body, {
        fieldManager: 'git',
        dryRun: true,
      });
      expect(dig(applied, 'spec', 'policy')).toEqual({ rules });
    },
  );

  test('spec.policy must be there', async () => {
    const body = { apiVersion: K0RDENT, kind: 'ClusterAuditPolicy', metadata: { name: 'none' }, spec: {} };
    await expect(api.create(auditPolicies(namespace), body)).rejects.toThrow(
      /422 .*spec\.policy: Required value/,
    );
  });

  test('a policy can be edited, its status cannot be set with it', async () => {
    await api.create(auditPolicies(namespace), policy('edited', { rules: [] }));
    const edited = await api.mergePatch(auditPolicies(namespace, 'edited'), {
      spec: { policy: { rules: [{ level: 'Metadata' }] } },
      status: { rules: 7 },
    });
    expect(edited.metadata.generation).toBe(2);
    expect(edited.status).toBeUndefined();
    const sha256 = 'da099788'.padEnd(64, '0');
    const status = { observedGeneration: 2, hash: 'da099788', sha256, rules: 1, conditions: [CONDITION] };
    expect((await api.patchStatus(auditPolicies(namespace, 'edited'), status)).status).toEqual(status);
    await expect(api.patchStatus(auditPolicies(namespace, 'edited'), { hash: 'DA099788' })).rejects.toThrow(
      /422/,
    );
  });

  test('kubectl shows Ready, Rules, Hash, Clusters, In Place, Age and Message', async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const columns = async (path: string): Promise<unknown> => {
      const { body } = await api.raw('GET', path, { headers: { accept } });
      const definitions = dig(body, 'columnDefinitions');
      return Array.isArray(definitions)
        ? definitions.map((column) => [dig(column, 'name'), dig(column, 'priority')])
        : definitions;
    };
    expect(await columns(auditPolicies(namespace))).toEqual([
      ['Name', 0],
      ['Ready', 0],
      ['Rules', 0],
      ['Hash', 0],
      ['Clusters', 0],
      ['In Place', 0],
      ['Age', 0],
      ['Message', 1],
    ]);
    expect(await columns(clusterDeployments(namespace))).toEqual([
      ['Name', 0],
      ['Policy', 0],
      ['Audit Ready', 0],
      ['Age', 0],
      ['Message', 1],
    ]);
  });

  test('a ClusterDeployment keeps what this project does not know', async () => {
    const spec = {
      auditPolicy: 'p',
      dryRun: true,
      config: { a: { b: [1] } },
      serviceSpec: { services: [{ name: 's' }] },
    };
    const created = await api.create(clusterDeployments(namespace), deployment('cd', spec), {
      fieldValidation: 'Strict',
    });
    expect(created.spec).toEqual({ template: 't', ...spec });
    const status = { k8sVersion: 'v1.34.1', services: [{ state: 'Deployed' }], conditions: [] };
    expect((await api.patchStatus(clusterDeployments(namespace, 'cd'), status)).status).toEqual(status);
  });

  test('conditions of a ClusterDeployment belong each to its own writer', async () => {
    await api.create(clusterDeployments(namespace), deployment('owners', {}));
    const path = `${clusterDeployments(namespace, 'owners')}/status`;
    const apply = (type: string, fieldManager: string): Promise<unknown> => {
      const status = { conditions: [{ ...CONDITION, type }] };
      const body = { apiVersion: K0RDENT, kind: 'ClusterDeployment', metadata: { name: 'owners' }, status };
      return api.apply(path, body, { fieldManager });
    };
    await apply('Ready', 'fleet');
    await apply('ClusterAuditPolicyReady', 'audit-policy-operator');
    const conditions = dig(await api.get(path), 'status', 'conditions');
    expect(conditions).toEqual([{ ...CONDITION, type: 'Ready' }, CONDITION]);
  });
});

describe('the stand-ins for the CRDs of KCM >= 1.10', () => {
  const server = ownControlPlane('kcm');

  test('are established, with structural schemas', async () => {
    expect(await established(server.api())).toEqual(K0RDENT_CRDS);
    expect(await server.api().list(managements())).toEqual([]);
  });

  test('ClusterDeployment knows spec.auditPolicy and prunes what it does not know', async () => {
    const spec = { auditPolicy: 'p', config: { a: 1 }, unknown: 1 };
    const created = await server.api().create(clusterDeployments('default'), deployment('cd', spec));
    expect(created.spec).toEqual({
      template: 't',
      auditPolicy: 'p',
      config: { a: 1 },
      propagateCredentials: true,
    });
  });

  test('whoever applies one condition of a ClusterDeployment owns the whole list', async () => {
    const path = clusterDeployments('default', 'owners');
    await server.api().create(clusterDeployments('default'), deployment('owners', {}));
    await server.api().patchStatus(path, { conditions: [{ ...CONDITION, type: 'Ready' }] });
    const body = { ...deployment('owners', {}), status: { conditions: [CONDITION] } };
    const applied = server.api().apply(`${path}/status`, body, { fieldManager: 'other' });
    await expect(applied).rejects.toThrow(/409 .*\.status\.conditions/);
  });

  test('ClusterAuditPolicy drops a misspelt field, wants rules, has no status and cannot be edited', async () => {
    const rules = [{ level: 'None', user: ['system:kube-proxy'] }];
    const created = await server.api().create(auditPolicies('default'), policy('p', { rules }));
    expect(dig(created, 'spec', 'policy')).toEqual({ rules: [{ level: 'None' }] });
    const empty = server.api().create(auditPolicies('default'), policy('q', {}));
    await expect(empty).rejects.toThrow(/rules: Required value/);
    const change = { spec: { policy: { rules: [{ level: 'Metadata' }] } } };
    const edit = server.api().mergePatch(auditPolicies('default', 'p'), change);
    await expect(edit).rejects.toThrow(/Spec is immutable/);
    await expect(server.api().patchStatus(auditPolicies('default', 'p'), { rules: 1 })).rejects.toThrow(
      /404/,
    );
  });
});

describe('the stand-ins for the CRDs of KCM < 1.10', () => {
  const server = ownControlPlane('kcm-1.9');

  test('are established, with structural schemas', async () => {
    expect(await established(server.api())).toEqual(K0RDENT_CRDS);
  });

  test('ClusterDeployment prunes spec.auditPolicy', async () => {
    const created = await server
      .api()
      .create(clusterDeployments('default'), deployment('cd', { auditPolicy: 'p' }));
    expect(created.spec).toEqual({ template: 't', propagateCredentials: true });
  });
});

test('upstream’s CRDs: fetches each locked file, and refuses one whose sum differs', async () => {
  const paths = await upstreamCrds();
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  expect(texts.map((text) => /^ {2}name: (.*)$/m.exec(text)?.[1]).sort()).toEqual([
    'clusters.cluster.x-k8s.io',
    'helmreleases.helm.toolkit.fluxcd.io',
  ]);

  const dir = await mkdtemp(join(tmpdir(), 'crds-lock-'));
  const path = 'config/crd/bases/helm.toolkit.fluxcd.io_helmreleases.yaml';
  const wrong = '0'.repeat(64);
  await writeFile(join(dir, 'lock'), `github.com/fluxcd/helm-controller@v1.6.3 ${path} ${wrong}\n`);
  await expect(upstreamCrds(join(dir, 'lock'))).rejects.toThrow(
    /has sha256 [1-9a-f][0-9a-f]{63}, but test\/crds\.lock asks for 0{64}$/,
  );
  await rm(dir, { recursive: true });
});
