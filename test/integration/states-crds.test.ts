import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { describeStage } from '../states/describe.ts';
import { CLUSTERS, RELEASES, removeKinds } from '../states/rows/definitions.ts';
import { Stage } from '../states/stage.ts';
import { apiFromKubeconfig } from '../support/api.ts';
import { installCrds } from '../support/install-crds.ts';
import { scaledClock } from '../support/scaled-clock.ts';

/** A server whose definitions come and go. Kinds that are not served are asked for ever more rarely: time runs faster. */
let controlPlane: ControlPlane;

describeStage(
  'crds',
  'one by one',
  async () => {
    controlPlane = await startControlPlane();
    const api = await apiFromKubeconfig(controlPlane.kubeconfig);
    await installCrds(api);
    await removeKinds(api, RELEASES, CLUSTERS);
    const { kubeconfig } = controlPlane;
    return await Stage.start('crds', {
      api,
      operator: { kubeconfig, clock: scaledClock(20) },
      isWithoutFlux: true,
    });
  },
  () => controlPlane.stop(),
);
