import type { Logger } from '../observability/logger.ts';
import type { Cache } from './cache.ts';

const MODES = {
  writer: 'no KCM: the operator writes for every cluster',
  observer: 'KCM runs here: the operator only observes the clusters whose HelmReleases KCM manages',
  impossible:
    'the ClusterDeployment CRD drops spec.auditPolicy (KCM before 1.10), so no cluster can name a policy: upgrade KCM to 1.10 or newer',
} as const;

/** Says what the CRDs allow, now and whenever that changes: KCM may come, go or be upgraded. */
export function announceMode(cache: Cache, logger: Logger): void {
  let said = '';
  const announce = () => {
    const mode = modeOf(cache);
    if (mode === said) return;
    said = mode;
    logger.info({ mode }, MODES[mode]);
  };
  cache.crds.subscribe(announce);
  announce();
}

function modeOf(cache: Cache): keyof typeof MODES {
  if (cache.referenceIsPruned) return 'impossible';
  return cache.kcmPresent ? 'observer' : 'writer';
}
