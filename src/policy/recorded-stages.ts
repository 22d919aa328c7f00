import type { Decision, RequestAttributes } from './evaluate.ts';
import type { RequestPattern } from './requests/pattern.ts';
import { STAGES, type Stage } from './types.ts';

/**
 * What tells at which stages there are events of a request:
 * - `plain`: when it arrives and when it ends
 * - `long`: it streams or waits, so that it has ResponseStarted as well
 * - `nobody`: its authentication failed (401), so that it has no user and ResponseStarted alone
 */
export const REQUEST_KINDS = ['plain', 'long', 'nobody'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** The one stage of a request that has no user. */
export const STAGE_OF_NOBODY = 'ResponseStarted' satisfies Stage;

const STREAMED_SUBRESOURCES: readonly string[] = ['attach', 'exec', 'log', 'portforward', 'proxy'];
const STREAMED_VERBS: readonly string[] = ['watch', 'proxy'];
const PROFILES = '/debug/pprof/';

export function kindOfRequest(request: RequestAttributes): RequestKind {
  if (request.user === null) return 'nobody';
  return isLongRunning(request) ? 'long' : 'plain';
}

/** kube-apiserver's `BasicLongRunningRequestCheck`. */
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
export function stagesOf({ level, omitStages }: Decision, kind: RequestKind): string[] {
  if (level === 'None') return [];
  return STAGES.filter((stage) => !omitStages.includes(stage) && has(kind, stage));
}

function has(kind: RequestKind, stage: string): boolean {
  if (kind === 'nobody') return stage === STAGE_OF_NOBODY;
  return kind === 'long' || stage !== 'ResponseStarted';
}
