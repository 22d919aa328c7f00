import { join } from 'node:path';
import type { PlanSettings } from '../../src/plan/types.ts';
import { upstreamCrds } from '../control-plane/crds.ts';
import { REPO_ROOT } from '../control-plane/paths.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { apiFromKubeconfig, type Api } from './api.ts';
import { eventually } from './eventually.ts';
import { serveChart, type ChartServer } from './flux-charts.ts';
import { startHelmController } from './flux-controller.ts';
import { installCrdFiles, installCrds } from './install-crds.ts';
import { installAdmissionPolicy, installRbac, operatorKubeconfig } from './install-rbac.ts';
import { Scenario } from './scenario.ts';

/** A management cluster of its own on which the real helm-controller rolls out test/charts/cluster-template. */
export interface FluxWorld {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly api: Api;
  /** Serves test/charts/cluster-template. */
  readonly charts: ChartServer;
  /** An operator with the rights of config/ in a namespace of its own, where HelmReleases find their chart. */
  scenario(prefix: string, settings?: Partial<PlanSettings>): Promise<Scenario>;
  stop(): Promise<void>;
}

/** The name of the HelmChart that the HelmReleases of `fleet` refer to. */
const CHART = 'template-1';

export async function startFluxWorld(): Promise<FluxWorld> {
  const charts = await serveChart('cluster-template');
  try {
    return await startAround(charts, await startControlPlane());
  } catch (error) {
    await charts.close();
    throw error;
  }
}

async function startAround(charts: ChartServer, controlPlane: ControlPlane): Promise<FluxWorld> {
  const api = await apiFromKubeconfig(controlPlane.kubeconfig);
  const sources = await upstreamCrds(join(REPO_ROOT, 'test/crds-flux.lock'));
  await Promise.all([installCrds(api), installRbac(api), installCrdFiles(api, sources)]);
  await installAdmissionPolicy(api);
  const [kubeconfig, controller] = await Promise.all([
    operatorKubeconfig(api, join(controlPlane.dir, 'operator')),
    startHelmController(controlPlane),
  ]);
  return {
    kubeconfig: controlPlane.kubeconfig,
    api,
    charts,
    async scenario(prefix, settings = {}) {
      const own = await apiFromKubeconfig(controlPlane.kubeconfig);
      const scenario = await Scenario.startWithoutFlux(prefix, { kubeconfig, settings }, own);
      await charts.publish(own, scenario.namespace, CHART);
      return scenario;
    },
    async stop() {
      api.close();
      await controller.stop();
      await Promise.all([controlPlane.stop(), charts.close()]);
    },
  };
}

/** Waits, since Helm takes its time on a busy machine. */
export function eventuallyRolled<T>(fn: () => Promise<T> | T): Promise<T> {
  return eventually(fn, { timeoutMs: 60_000, intervalMs: 100 });
}
