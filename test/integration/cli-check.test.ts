import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig, type Api } from '../support/api.ts';
import { createAuthority } from '../support/certificates.ts';
import { parsed, runOn } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { sendJson, startServer, type TestServer } from '../support/http-server.ts';
import { installCrds } from '../support/install-crds.ts';
import { installRbac, operatorKubeconfig } from '../support/install-rbac.ts';
import { dig } from '../support/json.ts';
import { clusterRoles, crds, leases } from '../support/kinds.ts';
import { readKubeconfig, writeKubeconfig } from '../support/kubeconfig.ts';
import { createServiceAccount, serviceAccountKubeconfig } from '../support/namespace.ts';
import type { Ended, RunOptions } from '../unit/cli/run.ts';

/** A server of its own, from nothing installed at all to everything, in this order. */
let controlPlane: ControlPlane;
let api: Api;
let folder: string;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  api = await apiFromKubeconfig(controlPlane.kubeconfig);
  folder = await mkdtemp(join(tmpdir(), 'audit-policy-check-'));
}, 120_000);

afterAll(async () => {
  api.close();
  await controlPlane.stop();
  await rm(folder, { recursive: true, force: true });
});

function kubectl(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return runOn(controlPlane.kubeconfig, args, options);
}

/** The lines of a check that begin with a mark and hold a text. */
function lines({ out }: Ended, part: string): string[] {
  return out.split('\n').filter((line) => /^[✔✗►] /.test(line) && line.includes(part));
}

describe('before anything is installed', () => {
  test('check: every missing definition, with what brings it; exit 1', async () => {
    const ended = await kubectl(['check']);
    expect(ended.code).toBe(1);
    expect(lines(ended, 'is not installed')).toEqual([
      '✗ CRD clusterauditpolicies.k0rdent.mirantis.com is not installed: install the chart, or kubectl apply -k config/crd',
      '✗ CRD clusterdeployments.k0rdent.mirantis.com is not installed: KCM brings it; without KCM: config/crd-standalone',
      "✗ CRD helmreleases.helm.toolkit.fluxcd.io is not installed: install Flux's helm-controller",
      '► CRD clusterauditreports.auditpolicy.dev is not installed: there are no reports on what KCM writes',
      '► no Deployment or Lease named "audit-policy-operator": the operator is not installed, or by another name (--operator-name)',
    ]);
    expect(lines(ended, 'has none of the rights that the operator needs; is it installed?')).toHaveLength(1);
    expect(ended.out).toContain('Something is wrong');
  });

  test('adopt --check works with policies and clusters from files', async () => {
    const stdin = `apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterAuditPolicy
metadata: {name: p}
spec: {policy: {rules: [{level: Metadata}]}}
---
apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterDeployment
metadata: {name: c}
spec: {auditPolicy: p}
`;
    const { code, out } = await kubectl(['adopt', '--check', '-n', 'default', '-f', '-'], { stdin });
    expect(code).toBe(0);
    expect(out).toContain('HelmRelease "c" does not exist yet');
    expect(out).toContain('1 cluster: 1 waits; no control plane would roll');
  });

  test.each([
    [
      'status',
      ['status', '-A'],
      'ClusterDeployment',
      'take the context of a management cluster, or install KCM 1.10',
    ],
    ['status -w', ['status', '-A', '-w'], 'ClusterDeployment', 'kubectl apply -f config/crd-standalone.\n'],
    ['get clusters', ['get', 'clusters'], 'ClusterDeployment', 'kubectl apply -f config/crd-standalone.\n'],
    ['get policies', ['get'], 'ClusterAuditPolicy', 'install the chart, or kubectl apply -k config/crd.\n'],
    ['adopt --check', ['adopt', '--check', '-A'], 'ClusterDeployment', 'or give ClusterDeployments by -f.\n'],
    [
      'release',
      ['release', '--all', '--yes'],
      'ClusterDeployment',
      'kubectl apply -f config/crd-standalone.\n',
    ],
  ])('%s: that is not nothing, the kind is not served; exit 2', async (_, args, kind, hint) => {
    const { code, out, err } = await kubectl(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(
      new RegExp(
        `^error: the API server at https://\\S+ does not serve ${kind} of k0rdent.mirantis.com/v1beta1 \\(CRD cluster\\w+\\.k0rdent\\.mirantis\\.com\\), so there is nothing to look at: `,
      ),
    );
    expect(err).toContain(hint);
  });

  test('check --wait: is told what it waits for, and ends well as soon as all is there', async () => {
    let told = '';
    const waiting = kubectl(['check', '--wait', '5m', '--interval', '200ms'], {
      onErr: (text) => (told += text),
    });
    await eventually(() => expect(told).toContain('► waiting: CRD clusterauditpolicies'), {
      timeoutMs: 60_000,
    });
    await installCrds(api);
    await installRbac(api);
    const { code, out } = await waiting;
    expect(code).toBe(0);
    expect(out).toContain('Nothing is wrong.\n');
  }, 120_000);
});

describe('definitions', () => {
  const CRD = 'clusterauditpolicies.k0rdent.mirantis.com';

  test('whose they are: this project’s or KCM’s by their form, and who keeps them by what they leave', async () => {
    const ended = await kubectl(['check']);
    expect(lines(ended, CRD)).toEqual([`✔ CRD ${CRD}: served; this project's, written by "install-crds"`]);
    expect(lines(ended, 'clusterdeployments.k0rdent.mirantis.com:')).toEqual([
      `✔ CRD clusterdeployments.k0rdent.mirantis.com: served; this project's for fleets without KCM, written by "install-crds"`,
    ]);
    expect(lines(ended, 'keeps spec.auditPolicy')).toHaveLength(1);
  });

  test.each([
    [
      'a Helm release',
      { annotations: { 'meta.helm.sh/release-name': 'r', 'meta.helm.sh/release-namespace': 'ns' } },
      'Helm release ns/r',
    ],
    [
      'Flux',
      { labels: { 'kustomize.toolkit.fluxcd.io/name': 'k', 'kustomize.toolkit.fluxcd.io/namespace': 'f' } },
      'Flux Kustomization f/k',
    ],
    ['Argo CD', { labels: { 'argocd.argoproj.io/instance': 'app' } }, 'Argo CD application app'],
  ])('kept by %s', async (_, metadata, words) => {
    await api.mergePatch(crds(CRD), { metadata });
    const ended = await kubectl(['check']);
    expect(lines(ended, CRD)).toEqual([`✔ CRD ${CRD}: served; this project's, ${words}`]);
    const nulls = Object.fromEntries(
      Object.entries(metadata).map(([field, value]) => [
        field,
        Object.fromEntries(Object.keys(value as object).map((key) => [key, null])),
      ]),
    );
    await api.mergePatch(crds(CRD), { metadata: nulls });
  });

  test('names that are taken: not served, with the API server’s words', async () => {
    const taken = (await api.get(crds('clusterauditreports.auditpolicy.dev'))) as unknown as Record<
      string,
      unknown
    >;
    await api.delete(crds('clusterauditreports.auditpolicy.dev'));
    await eventually(async () =>
      expect(await api.find(crds('clusterauditreports.auditpolicy.dev'))).toBeUndefined(),
    );
    const spec = taken.spec as Record<string, unknown>;
    const other = {
      ...spec,
      names: { ...(spec.names as object), plural: 'thieves', singular: 'clusterauditreport' },
    };
    await api.create(crds(), {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'thieves.auditpolicy.dev' },
      spec: other,
    });
    await eventually(async () => {
      const { status } = await api.get(crds('thieves.auditpolicy.dev'));
      expect(status?.conditions).toContainEqual(
        expect.objectContaining({ type: 'Established', status: 'True' }),
      );
    });
    await api.create(crds(), {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'clusterauditreports.auditpolicy.dev' },
      spec,
    });
    await eventually(async () => {
      const ended = await kubectl(['check']);
      expect(lines(ended, 'clusterauditreports.auditpolicy.dev: its names are not accepted: ')).toHaveLength(
        1,
      );
      expect(ended.code).toBe(1);
    });
    await api.delete(crds('thieves.auditpolicy.dev'));
    await eventually(async () => expect((await kubectl(['check'])).code).toBe(0), { timeoutMs: 30_000 });
  }, 60_000);
});

describe('rights', () => {
  let operator: string;
  beforeAll(async () => {
    operator = await operatorKubeconfig(api, join(folder, 'operator'));
  });

  test('as the operator’s own ServiceAccount: it asks for itself, and config/rbac has all', async () => {
    const ended = await runOn(operator, ['check']);
    expect(ended.code).toBe(0);
    const all = /^✔ ServiceAccount audit-policy-system\/audit-policy-operator has all \d+ rights/;
    expect(lines(ended, 'has all')).toEqual([expect.stringMatching(all)]);
    expect(lines(ended, '► webhook not tested, for want of a right')).toHaveLength(1);
    expect(ended.out).toMatch(
      /\nNothing is wrong\. Not looked at for want of rights: webhook, operator\.\n$/,
    );
  });

  test('a verb that is missing is named, by its owner and by an administrator', async () => {
    const role = await api.get(clusterRoles('audit-policy-operator'));
    const rules = (role as unknown as { rules: { resources: string[]; verbs: string[] }[] }).rules;
    await api.mergePatch(clusterRoles('audit-policy-operator'), {
      rules: rules.map((rule) =>
        rule.resources.includes('helmreleases')
          ? { ...rule, verbs: rule.verbs.filter((verb) => verb !== 'patch') }
          : rule,
      ),
    });
    const wrong = '✗ ServiceAccount audit-policy-system/audit-policy-operator lacks: patch helmreleases';
    await eventually(async () => {
      const ended = await runOn(operator, ['check']);
      expect({ code: ended.code, lines: lines(ended, 'lacks') }).toEqual({ code: 1, lines: [wrong] });
    });
    expect(lines(await kubectl(['check']), 'lacks')).toEqual([wrong]);
    await installRbac(api);
    await eventually(async () => expect((await kubectl(['check'])).code).toBe(0));
  });

  test('-n: the rights are needed there only', async () => {
    await createServiceAccount(api, 'audit-policy-system', 'small');
    const args = ['check', '--service-account', 'audit-policy-system/small'];
    expect(lines(await kubectl(args), 'has none of the rights')).toHaveLength(1);
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings';
    await api.create(rbac, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'small' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'audit-policy-operator' },
      subjects: [{ kind: 'ServiceAccount', name: 'small', namespace: 'audit-policy-system' }],
    });
    await eventually(async () => {
      const [line = ''] = lines(await kubectl([...args, '-n', 'default']), 'lacks');
      expect(line).not.toContain('in namespace "default"');
      expect(line).toContain('list customresourcedefinitions "clusterauditpolicies.k0rdent.mirantis.com"');
    });
    const [line = ''] = lines(await kubectl([...args, '-n', 'default', '-n', 'kube-system']), 'lacks');
    expect(line).toContain('patch helmreleases in namespace "kube-system"');
  });

  test('not allowed to look at what matters: said, and not called fine; exit 1, without waiting for it', async () => {
    await createServiceAccount(api, 'default', 'nobody');
    const ended = await runOn(await serviceAccountKubeconfig(api, 'default', 'nobody'), [
      'check',
      '--operator-namespace',
      'audit-policy-system',
      '--wait',
      '10m',
    ]);
    expect(ended.code).toBe(1);
    expect(ended.out).not.toContain('✗');
    expect(ended.out).toMatch(
      /\nNothing wrong was found, but too much could not be looked at for want of rights: crd\/clusterdeployments\.k0rdent\.mirantis\.com, webhook, rbac, modes, operator\. Ask somebody who has them\.\n$/,
    );
    expect(
      lines(
        ended,
        'rights of ServiceAccount audit-policy-system/audit-policy-operator not checked, for want of a right',
      ),
    ).toHaveLength(1);
    expect(lines(ended, 'served (it may not be read, so whose it is is not known)')).toHaveLength(4);
    expect(lines(ended, 'modes not known, for want of a right')).toHaveLength(1);
    expect(lines(ended, 'not visible, for want of a right')).toHaveLength(2);
  });
});

describe('the webhook', () => {
  const WEBHOOK = 'policies.auditpolicy.dev';
  const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  const authority = createAuthority('webhook');
  let server: TestServer;

  /** Refuses as the project's does, and decides by a glance only. */
  beforeAll(async () => {
    server = await startServer(
      ({ body }, response) => {
        const review = JSON.parse(body) as { request: { uid: string } };
        const rules = dig(review, 'request', 'object', 'spec', 'policy', 'rules');
        const isBad = !Array.isArray(rules) || rules.length === 0;
        sendJson(response, 200, {
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: {
            uid: review.request.uid,
            allowed: !isBad,
            ...(isBad
              ? { status: { code: 403, message: 'the ClusterAuditPolicy is invalid: rules: none' } }
              : {}),
          },
        });
      },
      authority.issue('webhook', ['127.0.0.1']),
    );
  });
  afterAll(() => server.close());

  async function configure(name = WEBHOOK, extra: object = {}): Promise<void> {
    await api.delete(`${CONFIGURATIONS}/check`);
    await api.create(CONFIGURATIONS, {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'check' },
      webhooks: [
        {
          name,
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          failurePolicy: 'Fail',
          clientConfig: {
            url: new URL('/validate-clusterauditpolicy', server.url).href,
            caBundle: Buffer.from(authority.ca).toString('base64'),
          },
          rules: [
            {
              apiGroups: ['k0rdent.mirantis.com'],
              apiVersions: ['v1beta1'],
              resources: ['clusterauditpolicies'],
              operations: ['CREATE', 'UPDATE'],
            },
          ],
          ...extra,
        },
      ],
    });
  }
  /** The API server reads webhook configurations on its own time. */
  async function untilSaid(part: string, args: readonly string[] = []): Promise<Ended> {
    return await eventually(
      async () => {
        const ended = await kubectl(['check', ...args]);
        expect(lines(ended, part)).toHaveLength(1);
        return ended;
      },
      { timeoutMs: 30_000, intervalMs: 200 },
    );
  }

  test('not installed: said, and no fault, unless it is required', async () => {
    expect((await untilSaid(`► no webhook ${WEBHOOK}`)).code).toBe(0);
    expect((await untilSaid(`✗ no webhook ${WEBHOOK}`, ['--require-webhook'])).code).toBe(1);
  });

  test('installed: it refuses a bad policy and lets a good one pass; nothing is created', async () => {
    await configure();
    const ended = await untilSaid(`✔ webhook ${WEBHOOK} refuses a bad policy and lets a good one pass`, [
      '--require-webhook',
    ]);
    expect(ended.code).toBe(0);
    expect(await api.list('/apis/k0rdent.mirantis.com/v1beta1/clusterauditpolicies')).toEqual([]);
  });

  test('installed, but not for the namespace of the dry run', async () => {
    await configure(WEBHOOK, { namespaceSelector: { matchLabels: { nobody: 'has-it' } } });
    const ended = await untilSaid(
      'is installed (ValidatingWebhookConfiguration "check"), but a bad policy passed in namespace "default"',
    );
    expect(ended.code).toBe(1);
  });

  test('another’s refusal is told as such', async () => {
    await configure('somebody.else.example');
    const ended = await untilSaid(
      `► a bad policy was refused, but not by ${WEBHOOK}: admission webhook "somebody.else.example"`,
    );
    expect(ended.code).toBe(0);
  });

  test('it refuses everything: a good policy too', async () => {
    await configure();
    await untilSaid('✔ webhook');
    const refuseAll = await startServer(
      ({ body }, response) => {
        const { request } = JSON.parse(body) as { request: { uid: string } };
        const status = { code: 403, message: 'no' };
        sendJson(response, 200, {
          apiVersion: 'admission.k8s.io/v1',
          kind: 'AdmissionReview',
          response: { uid: request.uid, allowed: false, status },
        });
      },
      authority.issue('webhook', ['127.0.0.1']),
    );
    try {
      await configure(WEBHOOK, {
        clientConfig: { url: refuseAll.url.href, caBundle: Buffer.from(authority.ca).toString('base64') },
      });
      expect((await untilSaid('✗ a good policy is refused: ')).code).toBe(1);
    } finally {
      await refuseAll.close();
    }
  });

  test('it cannot be called: with the API server’s reason', async () => {
    await configure(WEBHOOK, {
      clientConfig: {
        url: server.url.href,
        caBundle: Buffer.from(createAuthority('other').ca).toString('base64'),
      },
    });
    const ended = await untilSaid(`✗ webhook ${WEBHOOK} cannot be called: `);
    expect(ended.code).toBe(1);
    expect(lines(ended, 'certificate signed by unknown authority')).toHaveLength(1);
    await api.delete(`${CONFIGURATIONS}/check`);
    await untilSaid('► no webhook');
  });
});

describe('the operator itself', () => {
  const NAMESPACE = 'audit-policy-system';
  const NAME = 'audit-policy-operator';
  const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`;
  const lease = (renewTime: string, holderIdentity = 'pod-1') => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: NAME },
    spec: { holderIdentity, leaseDurationSeconds: 15, renewTime },
  });
  const micro = (ms: number) => `${new Date(ms).toISOString().slice(0, -1)}000Z`;

  test('its Deployment: unavailable, then available', async () => {
    await api.create(DEPLOYMENT, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: NAME },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: NAME } },
        template: {
          metadata: { labels: { app: NAME } },
          spec: { containers: [{ name: 'm', image: 'example.org/operator:1' }] },
        },
      },
    });
    const down = await kubectl(['check']);
    expect(down.code).toBe(1);
    expect(lines(down, 'Deployment')).toEqual([
      `✗ Deployment in namespace "${NAMESPACE}" (example.org/operator:1): 0 of 2 replicas available`,
    ]);
    await api.patchStatus(`${DEPLOYMENT}/${NAME}`, { replicas: 2, readyReplicas: 2, availableReplicas: 2 });
    expect((await kubectl(['check'])).code).toBe(0);
  });

  test('its Lease: out of date, given back, held', async () => {
    await api.create(leases(NAMESPACE), lease(micro(Date.now() - 3_600_000)));
    const stale = await kubectl(['check']);
    expect(stale.code).toBe(1);
    expect(
      lines(stale, `✗ nobody leads: the Lease in namespace "${NAMESPACE}" is out of date (renewed 36`),
    ).toHaveLength(1);
    await api.mergePatch(leases(NAMESPACE, NAME), { spec: { holderIdentity: '' } });
    expect(lines(await kubectl(['check']), 'is not held')).toHaveLength(1);
    await api.mergePatch(leases(NAMESPACE, NAME), lease(micro(Date.now() + 600_000)));
    const held = await kubectl(['check']);
    expect(held.code).toBe(0);
    expect(lines(held, '✔ "pod-1" leads')).toHaveLength(1);
  });
});

describe('output', () => {
  test('-o json: ok, findings and modes', async () => {
    const json = parsed(await kubectl(['check', '-o', 'json']));
    expect(json).toMatchObject({
      ok: true,
      complete: true,
      modes: { writer: [], observer: [], impossible: [] },
    });
    expect(json.findings).toContainEqual({
      check: 'kcm',
      status: 'info',
      message: 'no KCM here: the operator is the only writer',
    });
    const checks = (json.findings as { check: string }[]).map(({ check }) => check);
    expect(new Set(checks)).toEqual(
      new Set([
        'server',
        'crd/clusterauditpolicies.k0rdent.mirantis.com',
        'crd/clusterdeployments.k0rdent.mirantis.com',
        'crd/helmreleases.helm.toolkit.fluxcd.io',
        'crd/clusterauditreports.auditpolicy.dev',
        'reference',
        'webhook',
        'rbac',
        'kcm',
        'modes',
        'operator',
        'leader',
      ]),
    );
  });

  test('the time to wait is over: exit 1 with what is wrong', async () => {
    const { code, out } = await kubectl([
      'check',
      '--wait',
      '300ms',
      '--interval',
      '100ms',
      '--require-webhook',
    ]);
    expect(code).toBe(1);
    expect(out).toContain('✗ no webhook');
  });

  test('an API server that does not answer is wrong, not a usage error', async () => {
    const { token } = await readKubeconfig(controlPlane.kubeconfig);
    const nowhere = await startServer(() => undefined);
    await nowhere.close();
    const path = await writeKubeconfig(join(folder, 'nowhere'), {
      server: nowhere.url.href,
      ca: api.ca,
      token,
    });
    const { code, out } = await runOn(path, ['check']);
    expect(code).toBe(1);
    expect(out).toMatch(/^✗ http:\/\/127\.0\.0\.1:\d+\/: /);
    expect((await runOn(path, ['get'])).err).toMatch(/^error: cannot reach the API server at http:/);
  }, 60_000);
});
