import { AUTHENTICATED, type RequestPattern } from '../requests/pattern.ts';
import type { GroupResources } from '../types.ts';

export const READS = ['get', 'list', 'watch'];
export const WRITES = ['create', 'update', 'patch', 'delete', 'deletecollection'];
export const RESOURCE_VERBS = [...READS, ...WRITES];

/** Levels that record bodies, and the requests whose bodies then stand in the log. */
const LEAKS: Readonly<Record<string, readonly string[]>> = {
  Request: ['create', 'update', 'patch'],
  RequestResponse: RESOURCE_VERBS,
};

export function recordsBodies(level: string): boolean {
  return level in LEAKS;
}

/** Requests of these resources whose bodies a level records. */
export function bodiesOf(resources: readonly GroupResources[], level: string): RequestPattern {
  return { isIdentified: true, verbs: [...(LEAKS[level] ?? [])], resources: [...resources] };
}

/** Requests of these resources with these verbs, by a user who is known. */
export function requestsFor(resources: readonly GroupResources[], verbs: readonly string[]): RequestPattern {
  return { isIdentified: true, verbs: [...verbs], resources: [...resources] };
}

export const CIS_SECRETS: readonly GroupResources[] = [
  { resources: ['secrets', 'configmaps'] },
  { group: 'authentication.k8s.io', resources: ['tokenreviews'] },
];

/** Kinds whose bodies are, or hold, credentials, whatever the fleet; `LintOptions.credentials` adds its own. */
export const CREDENTIAL_KINDS: readonly GroupResources[] = [
  { resources: ['secrets'] },
  { group: 'authentication.k8s.io', resources: ['tokenreviews'] },
  { group: 'certificates.k8s.io', resources: ['certificatesigningrequests'] },
  {
    group: 'oauth.openshift.io',
    resources: ['oauthaccesstokens', 'oauthauthorizetokens', 'oauthclients', 'useroauthaccesstokens'],
  },
  { group: 'external-secrets.io', resources: ['externalsecrets', 'secretstores', 'clustersecretstores'] },
  { group: 'bitnami.com', resources: ['sealedsecrets'] },
];

/** An ordinary user. */
export const JANE = { user: 'jane', groups: [AUTHENTICATED] };
