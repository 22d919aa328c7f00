import { CHART, NAMESPACE, RELEASE, set } from './chart.ts';
import { runHelm } from './run-helm.ts';

type Values = Record<string, string | number | boolean>;

/** The chart as one release on one API server, driven by the real Helm. Each call rejects with Helm's words. */
export interface HelmRelease {
  install(values?: Values): Promise<string>;
  upgrade(values?: Values): Promise<string>;
  rollback(revision: number): Promise<string>;
  uninstall(): Promise<string>;
}

/**
 * No Job runs on a bare API server, which has no kubelet, so that the check after an install is left out: Helm would wait for it
 * in vain. Nor does a Pod become ready, so that nothing waits for one.
 */
export function helmRelease(
  kubeconfig: string,
  chart = CHART,
  name = RELEASE,
  namespace = NAMESPACE,
): HelmRelease {
  const run = (command: string, args: readonly string[]): Promise<string> =>
    runHelm([command, name, ...args, '--no-hooks', '--namespace', namespace], kubeconfig);
  return {
    install: (values = {}) => run('install', [chart, '--create-namespace', ...set(values)]),
    // Without a value Helm would use those of the release before.
    upgrade: (values = {}) => run('upgrade', [chart, '--reset-values', ...set(values)]),
    rollback: (revision) => run('rollback', [String(revision)]),
    uninstall: () => run('uninstall', []),
  };
}
