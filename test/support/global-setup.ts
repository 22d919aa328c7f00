import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig } from './api.ts';
import { installCrds } from './install-crds.ts';
import { installAdmissionPolicy, installRbac, operatorKubeconfig } from './install-rbac.ts';
import { shared } from './shared.ts';

/**
 * Starts one control plane for all integration test files and installs the project's CRDs, RBAC and admission policy.
 * When AUDIT_POLICY_TEST_KUBECONFIG is set already, that server is used and only gets the CRDs; it is left running.
 */
export default async function globalSetup(): Promise<void> {
  let kubeconfig = process.env.AUDIT_POLICY_TEST_KUBECONFIG;
  if (kubeconfig === undefined || kubeconfig === '') {
    shared.controlPlane = await startControlPlane();
    ({ kubeconfig } = shared.controlPlane);
    process.env.AUDIT_POLICY_TEST_KUBECONFIG = kubeconfig;
  }
  try {
    const api = await apiFromKubeconfig(kubeconfig);
    await installCrds(api);
    await installRbac(api);
    await installAdmissionPolicy(api);
    shared.folder = await mkdtemp(join(tmpdir(), 'audit-policy-test-'));
    process.env.AUDIT_POLICY_TEST_OPERATOR_KUBECONFIG = await operatorKubeconfig(
      api,
      join(shared.folder, 'operator'),
    );
    api.close();
  } catch (error) {
    await shared.controlPlane?.stop();
    throw error;
  }
}
