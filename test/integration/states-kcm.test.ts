import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { describeStage } from '../states/describe.ts';
import { Stage } from '../states/stage.ts';
import { apiFromKubeconfig } from '../support/api.ts';
import { installCrds } from '../support/install-crds.ts';

/** A management cluster with KCM's CRDs, which cannot be on one server with the project's own. */
let controlPlane: ControlPlane;

describeStage(
  'kcm',
  'one by one',
  async () => {
    controlPlane = await startControlPlane();
    const api = await apiFromKubeconfig(controlPlane.kubeconfig);
    await installCrds(api, 'kcm');
    const { kubeconfig } = controlPlane;
    return await Stage.start('kcm', { api, operator: { kubeconfig }, isWithoutPolicyStatus: true });
  },
  () => controlPlane.stop(),
);
