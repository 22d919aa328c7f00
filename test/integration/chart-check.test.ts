import { jest } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runProgram } from '../../src/cli/program.ts';
import { upstreamCrds } from '../control-plane/crds.ts';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { startControlPlane } from '../control-plane/start.ts';
import type { ControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig } from '../support/api.ts';
import type { Api } from '../support/api.ts';
import { CHART, NAMESPACE, RELEASE, idOf, manifests, only, pathOf, set, template } from '../support/chart.ts';
import { eventually } from '../support/eventually.ts';
import { helmRelease } from '../support/helm-release.ts';
import type { HelmRelease } from '../support/helm-release.ts';
import { installCrdFiles } from '../support/install-crds.ts';
import { asArray, asString, dig } from '../support/json.ts';
import { clusterRoles, namespaces, serviceAccounts } from '../support/kinds.ts';
import { serviceAccountKubeconfig } from '../support/namespace.ts';
import { runHelm } from '../support/run-helm.ts';

// Each test is some calls of Helm, of a second each on an idle machine.
jest.setTimeout(120_000);

const SERVED = ['k0rdent.mirantis.com/v1beta1/ClusterDeployment', 'helm.toolkit.fluxcd.io/v2/HelmRelease'];

describe('whether the check is run after an install', () => {
  const jobs = async (served: string[], values = {}): Promise<number> => {
    const flags = served.flatMap((kind) => ['--api-versions', kind]);
    return (await template([...flags, ...set(values)])).filter(({ kind }) => kind === 'Job').length;
  };

  test.each([
    ['where ClusterDeployment and HelmRelease are served', SERVED, {}, 1],
    ['with a ClusterDeployment of its own', SERVED.slice(1), { 'crds.standaloneClusterDeployment': true }, 1],
    ['not before KCM, where nothing could be right yet', SERVED.slice(1), {}, 0],
    ['not before Flux', SERVED.slice(0, 1), {}, 0],
    ['not when it is off', SERVED, { 'check.enabled': false }, 0],
    ['not without the right to give it rights', SERVED, { 'rbac.create': false }, 0],
    ['A18: not at zero replicas, where nothing answers', SERVED, { replicaCount: 0 }, 0],
    ['not in a dry run, which trusts no webhook', SERVED, { 'manager.dryRun': true }, 0],
    ['not without a Lease', SERVED, { 'leaderElection.enabled': false, replicaCount: 1 }, 0],
  ])('%s', async (_, served, values, expected) => {
    expect(await jobs(served, values)).toBe(expected);
  });
});

describe('the check as its Job runs it', () => {
  let controlPlane: ControlPlane;
  let api: Api;
  let release: HelmRelease;

  beforeAll(async () => {
    controlPlane = await startControlPlane();
    api = await apiFromKubeconfig(controlPlane.kubeconfig);
    release = helmRelease(controlPlane.kubeconfig);
    await installCrdFiles(api, await upstreamCrds());
    await api.create(namespaces(), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'fleet' } });
  });
  afterAll(async () => {
    api.close();
    await controlPlane.stop();
  });

  test.each([
    ['all namespaces', {}],
    ['one namespace', { 'watchNamespaces[0]': 'fleet' }],
  ])('has the rights that it needs and asks for those of the operator, watching %s', async (_, values) => {
    await release.install({
      'crds.standaloneClusterDeployment': true,
      'webhook.timeoutSeconds': 1,
      ...values,
    });
    const hooks = manifests(
      await runHelm(['get', 'hooks', RELEASE, '-n', NAMESPACE], controlPlane.kubeconfig),
    );
    const job = only(hooks, 'Job');
    // No kubelet runs the Job, and no controller would finish its deletion.
    for (const each of hooks)
      await api.apply(pathOf(each), each, {
        fieldManager: 'helm',
        fieldValidation: 'Strict',
        dryRun: each === job,
      });
    expect(asString(dig(job, 'spec', 'template', 'spec', 'serviceAccountName'), 'account')).toBe(
      `${RELEASE}-check`,
    );

    const args = asArray(dig(job, 'spec', 'template', 'spec', 'containers', 0, 'args'), 'args').map(String);
    const found = await findings([...args, '--wait=0s']);
    const messages = found.map((finding) => String(dig(finding, 'message')));
    expect(messages.filter((message) => message.includes('want of a right'))).toEqual([]);
    expect(messages).toContainEqual(
      expect.stringMatching(/^ServiceAccount audit-policy-system\/audit-policy-operator has all \d+ rights/),
    );
    // No Pod runs here, and so it says; but nothing else is wrong.
    const wrong = found.filter((finding) => dig(finding, 'status') === 'failed');
    expect(wrong.map((finding) => [dig(finding, 'check'), dig(finding, 'message')])).toEqual([
      ['webhook', expect.stringMatching(/^webhook policies\.auditpolicy\.dev cannot be called/)],
      ['operator', expect.stringMatching(/0 of 2 replicas available$/)],
    ]);

    await release.uninstall();
    for (const each of hooks) await api.delete(pathOf(each));
    expect(hooks.map(idOf)).toContain(`ServiceAccount ${NAMESPACE}/${RELEASE}-check`);
  });

  test('Helm waits for it, and takes away its account and rights when it has succeeded', async () => {
    const account = serviceAccounts(NAMESPACE, `${RELEASE}-check`);
    const job = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/${RELEASE}-check`;
    const flags = ['--namespace', NAMESPACE, ...set({ 'crds.standaloneClusterDeployment': true })];
    const installed = runHelm(['install', RELEASE, CHART, ...flags], controlPlane.kubeconfig);
    await eventually(() => api.get(job), { timeoutMs: 60_000 });
    // When the Job runs its account is there.
    expect(await api.find(account)).toBeDefined();
    const now = new Date().toISOString();
    const condition = {
      status: 'True',
      lastTransitionTime: now,
      lastProbeTime: now,
      reason: 'CompletionsReached',
    };
    // As the Job controller would say it.
    await api.patchStatus(job, {
      startTime: now,
      completionTime: now,
      succeeded: 1,
      conditions: ['SuccessCriteriaMet', 'Complete'].map((type) => ({ type, ...condition })),
    });
    expect(await installed).toMatch(/^STATUS: deployed$/m);
    expect(await api.find(account)).toBeUndefined();
    expect(await api.find(clusterRoles(`${RELEASE}-check`))).toBeUndefined();
    await release.uninstall();
  });

  test('beside KCM before 1.10 it says that there is nothing to do, which is no fault; so do the notes', async () => {
    await installCrdFiles(api, [join(REPO_ROOT, 'test/crds/kcm-1.9/clusterdeployments.yaml')]);
    const notes = await release.install({ 'webhook.enabled': false, 'crds.k0rdent': 'never' });
    expect(notes).toContain('The ClusterDeployment CRD here drops spec.auditPolicy, as KCM before 1.10 does');
    const hooks = manifests(
      await runHelm(['get', 'hooks', RELEASE, '-n', NAMESPACE], controlPlane.kubeconfig),
    );
    const job = only(hooks, 'Job');
    for (const each of hooks.filter((hook) => hook !== job))
      await api.apply(pathOf(each), each, { fieldManager: 'helm' });
    const args = asArray(dig(job, 'spec', 'template', 'spec', 'containers', 0, 'args'), 'args').map(String);
    const found = await findings([...args, '--wait=0s']);
    expect(found).toContainEqual({
      check: 'reference',
      status: 'info',
      message: expect.stringMatching(
        /drops spec\.auditPolicy \(KCM before 1\.10\), so no cluster can name a policy and the operator has nothing to do/,
      ) as unknown,
    });
    const wrong = found.filter((finding) => dig(finding, 'status') === 'failed');
    expect(wrong.map((finding) => dig(finding, 'check'))).toEqual(['operator']);
    await release.uninstall();
    for (const each of hooks) await api.delete(pathOf(each));
  });

  async function findings(args: string[]): Promise<unknown[]> {
    const kubeconfig = await serviceAccountKubeconfig(api, NAMESPACE, `${RELEASE}-check`);
    let out = '';
    let err = '';
    await runProgram([...args, '-o', 'json'], {
      programName: RELEASE,
      stdin: new ReadableStream<Uint8Array>(),
      out: (text) => (out += text),
      err: (text) => (err += text),
      env: { KUBECONFIG: kubeconfig },
      stopSignal: () => new AbortController().signal,
    });
    await rm(dirname(kubeconfig), { recursive: true });
    expect(err).toBe('');
    return asArray(dig(JSON.parse(out), 'findings'), 'findings');
  }
});
