import { join } from 'node:path';
import { KUBERNETES_APIS } from '../../../src/policy/presets/known-apis.ts';
import { PRESETS } from '../../../src/policy/presets/all.ts';
import { policyOf } from '../../../src/policy/presets/preset.ts';
import type { AuditPolicy } from '../../../src/policy/types.ts';
import { decodePolicyManifestSpec } from '../../../src/policy/decode.ts';
import { REPO_ROOT } from '../../control-plane/paths.ts';
import { readDocuments } from '../read-documents.ts';
import { NAMESPACE } from './world.ts';

/** Writes all that there is to write. */
export const EVERYTHING: AuditPolicy = { rules: [{ level: 'RequestResponse' }] };

/**
 * A recording as most are: who did what, once it is done; of watches, when they are over. Only of the leases, and only of one of the two
 * users who work with them, there are bodies.
 */
export const USUAL_RECORDING: AuditPolicy = {
  omitStages: ['RequestReceived'],
  rules: [
    {
      level: 'RequestResponse',
      users: ['alice'],
      resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }],
    },
    { level: 'Metadata', users: ['alice', 'bob'], verbs: ['watch'], omitStages: ['ResponseStarted'] },
    { level: 'Metadata' },
  ],
};

/** Writes bodies of leases, which can be judged by the like of them, and without their managed fields; and those of pods, which cannot. */
export const BODIES: AuditPolicy = {
  rules: [
    { level: 'RequestResponse', verbs: ['patch'], resources: [{ group: 'coordination.k8s.io' }] },
    { level: 'Request', users: ['alice'], resources: [{ group: 'coordination.k8s.io' }] },
    { level: 'RequestResponse', resources: [{ group: 'coordination.k8s.io' }], omitManagedFields: true },
    { level: 'Request', resources: [{ group: '', resources: ['pods'] }] },
    { level: 'Metadata' },
  ],
};

/** Of each request one event, when it is over. */
export const ENDS: AuditPolicy = {
  omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [{ level: 'Metadata' }],
};

/** Of the fields that say who manages which: with rules of their own about them, and of each level. */
export const MANAGED_FIELDS: AuditPolicy = {
  omitManagedFields: true,
  rules: [
    { level: 'RequestResponse', resources: [{ group: 'apps' }], omitManagedFields: false },
    { level: 'Request', resources: [{ group: '', resources: ['pods', 'pods/*'] }] },
    { level: 'Metadata', resources: [{ group: '', resources: ['secrets'] }], omitManagedFields: true },
    { level: 'RequestResponse' },
  ],
};

/** Every stage is left out somewhere. */
export const STAGES_LEFT_OUT: AuditPolicy = {
  omitStages: ['Panic'],
  rules: [
    { level: 'Metadata', verbs: ['watch'], omitStages: ['RequestReceived', 'ResponseComplete'] },
    {
      level: 'RequestResponse',
      resources: [{ group: '', resources: ['pods/exec', 'pods/attach', 'pods/portforward'] }],
      omitStages: ['ResponseStarted'],
    },
    { level: 'Request', verbs: ['create', 'patch'], omitStages: ['RequestReceived'] },
    { level: 'Request', verbs: ['delete'], omitStages: ['ResponseComplete'] },
    { level: 'RequestResponse', nonResourceURLs: ['*'], omitStages: ['RequestReceived', 'ResponseStarted'] },
    { level: 'Metadata', omitStages: ['ResponseStarted', 'RequestReceived'] },
  ],
};

/** What rules can look at, and what they cannot see: names in bodies, who is impersonated, who has no name. */
export const SELECTORS: AuditPolicy = {
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', users: ['bob'], verbs: ['list'] },
    { level: 'None', users: ['dave'] },
    {
      level: 'RequestResponse',
      verbs: ['create', 'list', 'watch', 'patch'],
      resources: [{ group: '', resources: ['configmaps'], resourceNames: ['named'] }],
    },
    {
      level: 'Request',
      verbs: ['create', 'list'],
      resources: [{ group: '', resources: ['configmaps'], resourceNames: [''] }],
    },
    { level: 'Metadata', namespaces: ['other', 'nowhere'] },
    { level: 'Request', namespaces: [''], verbs: ['create', 'delete', 'patch'] },
    { level: 'Request', userGroups: ['auditors'] },
    { level: 'RequestResponse', userGroups: ['system:serviceaccounts'] },
    { level: 'Metadata', resources: [{ group: '', resources: ['pods/log'] }] },
    { level: 'RequestResponse', resources: [{ group: '', resources: ['pods/*', '*/proxy'] }] },
    { level: 'Metadata', resources: [{ group: 'apps', resources: ['*/scale'] }] },
    { level: 'Request', namespaces: [NAMESPACE], resources: [{ group: 'example.com' }] },
    { level: 'None', nonResourceURLs: ['/healthz*', '/openapi/*'] },
    { level: 'RequestResponse', nonResourceURLs: ['/metrics', '/ver*'] },
    { level: 'Metadata', users: ['system:anonymous'] },
    { level: 'Metadata', verbs: [''] },
    { level: 'None', users: ['alice'], verbs: ['get'] },
    { level: 'Request' },
  ],
};

/** The policies over which the simulator is held against a real API server. */
export async function comparedPolicies(): Promise<[string, AuditPolicy][]> {
  return [
    ['what GKE starts with', await example('gke-configure-helper.yaml')],
    ['what the CIS benchmark asks for', await example('cis-benchmark-style.yaml')],
    ['the preset baseline', preset('baseline')],
    ['managed fields left out', MANAGED_FIELDS],
    ['stages left out', STAGES_LEFT_OUT],
    ['rules that look at everything', SELECTORS],
  ];
}

async function example(file: string): Promise<AuditPolicy> {
  const [manifest] = await readDocuments(join(REPO_ROOT, 'examples/policies', file));
  const { policy } = decodePolicyManifestSpec(manifest?.spec);
  if (policy === undefined) throw new Error(`examples/policies/${file} cannot be decoded`);
  return policy;
}

function preset(name: string): AuditPolicy {
  const found = PRESETS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no preset ${name}`);
  return policyOf(found.build({ knownApis: KUBERNETES_APIS, groups: ['system:masters'] }));
}
