import type { Decision, RequestAttributes } from './evaluate.ts';
import type { RequestPattern } from './requests/pattern.ts';
import { STAGES } from './types.ts';

const STREAMED_SUBRESOURCES: readonly string[] = ['attach', 'exec', 'log', 'portforward', 'proxy'];
const STREAMED_VERBS: readonly string[] = ['watch', 'proxy'];
const PROFILES = '/debug/pprof/';

/** kube-apiserver's `BasicLongRunningRequestCheck`: only such a request has a stage ResponseStarted. */
export function isLongRunning({ verb, subresource, isResourceRequest, path }: RequestAttributes): boolean {
  if (!isResourceRequest) return path.startsWith(PROFILES);
  return STREAMED_VERBS.includes(verb) || STREAMED_SUBRESOURCES.includes(subresource);
}

/** Exactly these requests, as patterns. */
export const LONG_RUNNING: readonly RequestPattern[] = [
  { verbs: [...STREAMED_VERBS], resources: [{ group: '*' }] },
  { resources: [{ group: '*', resources: STREAMED_SUBRESOURCES.map((name) => `*/${name}`) }] },
  { nonResourceURLs: [`${PROFILES}*`] },
];

/** The stages of an event of a request, those of one that panics among them; none at level None. */
export function stagesOf({ level, omitStages }: Decision, isLong: boolean): string[] {
  if (level === 'None') return [];
  return STAGES.filter((stage) => !omitStages.includes(stage) && (stage !== 'ResponseStarted' || isLong));
}
