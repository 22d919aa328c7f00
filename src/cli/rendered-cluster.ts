import { FIELD_MANAGER, configMapName } from '../api/names.ts';
import type { Reason } from '../api/reasons.ts';
import { planCluster } from '../plan/cluster.ts';
import { quorumWarning } from '../plan/control-plane-size.ts';
import { acceptedPolicy, wantedOwner } from '../plan/in-place.ts';
import { configMapBody, policyRefApply } from '../plan/manifests.ts';
import type { ClusterDeployment } from '../plan/observed/cluster-deployment.ts';
import { readHelmRelease, type HelmRelease } from '../plan/observed/helm-release.ts';
import type { Observed, Plan } from '../plan/types.ts';
import { targetVersion } from '../plan/version.ts';
import type { KubernetesVersion } from '../policy/kubernetes-version.ts';
import type { Problem } from '../policy/problem.ts';
import type { Manifests, SourcedPolicy } from './manifests.ts';

/** What would be written for one cluster, or why nothing would be. */
export interface RenderedCluster {
  deployment: ClusterDeployment;
  /** The ConfigMap and the server-side apply of the HelmRelease values; empty when nothing is to be put in place. */
  documents: object[];
  /** For people: what is the matter, what would be removed, what to beware of. */
  notes: string[];
  /** The policy is missing or refused, or the cluster cannot be served. */
  isRefused: boolean;
  /** The policy that is to blame, with what is wrong with it for this cluster. */
  blamed?: { policy: SourcedPolicy; problems: readonly Problem[] };
}

/** Asks the operator's plan about one cluster of the files. A HelmRelease that is not among them is taken to exist. */
export function renderCluster(
  deployment: ClusterDeployment,
  manifests: Manifests,
  assumedVersion: KubernetesVersion,
): RenderedCluster {
  const { key, namespace, auditPolicy } = deployment;
  const policy =
    auditPolicy === undefined ? undefined : manifests.policies.get(`${namespace}/${auditPolicy}`);
  const helmRelease = asFromFile(deployment, manifests.helmReleases.get(key));
  const observed: Observed = {
    now: 0,
    kcmPresent: false,
    deployment,
    ...(policy === undefined ? {} : { policy }),
    helmRelease,
    keptRevisions: [],
    changesElsewhere: 0,
  };
  const plan = planCluster(observed, {
    assumedVersion,
    rollDeadlineMs: 0,
    configMapRetentionMs: 0,
    lookAgainMs: 0,
    maxConcurrentChanges: 1,
  });
  const { condition } = plan;
  const reason = typeof condition === 'string' ? undefined : condition.reason;
  const isRefused = reason !== undefined && !FINE.has(reason);
  const problems =
    policy && blame(policy, reason, targetVersion(deployment, helmRelease, assumedVersion).version);
  return {
    deployment,
    documents: reason === 'Succeeded' ? wholeState(observed, helmRelease) : [],
    notes: [...conditionNote(plan), ...removalNote(plan, helmRelease), ...rollNote(plan, observed)],
    isRefused,
    ...(policy && problems?.length ? { blamed: { policy, problems } } : {}),
  };
}

/** What is no fault of the files. */
const FINE: ReadonlySet<string> = new Set<Reason>([
  'Succeeded',
  'Paused',
  'DryRun',
  'HelmReleaseSuspended',
  'HelmReleaseDeleting',
  'RollInProgress',
  'ChangeHeld',
]);

/**
 * Files do not tell who owns a field, nor how much time has passed: a reference to our ConfigMap is taken for the
 * operator's, from long ago.
 */
function asFromFile(
  { name, namespace }: ClusterDeployment,
  found: HelmRelease = readHelmRelease({ metadata: { name, namespace } }),
): HelmRelease {
  const { policyRef } = found;
  if (policyRef?.name !== configMapName(name)) return { ...found, policyRefOwners: [] };
  const owner = { manager: FIELD_MANAGER, applies: true, keys: Object.keys(policyRef.raw), timeMs: 0 };
  return { ...found, policyRefOwners: [owner] };
}

/** Both documents, also when the files say that one of them is in place. */
function wholeState(observed: Observed, helmRelease: HelmRelease): object[] {
  const wanted = acceptedPolicy(observed);
  if (wanted === undefined) return [];
  const { policy } = observed;
  const owner = wantedOwner(observed, helmRelease);
  const { yaml, sha256, hash } = wanted;
  return [
    configMapBody(observed.deployment, {
      yaml,
      sha256,
      owner,
      ...(policy === undefined ? {} : { policy: policy.name }),
    }),
    policyRefApply(helmRelease, hash),
  ];
}

function blame(
  { content }: SourcedPolicy,
  reason: string | undefined,
  version: KubernetesVersion,
): readonly Problem[] {
  if (reason === 'PolicyRefused') return content.problems;
  return reason === 'PolicyUnfit' ? (content.accepted?.problemsFor(version) ?? []) : [];
}

function conditionNote({ condition }: Plan): string[] {
  if (typeof condition === 'string' || condition.status === 'True') return [];
  return [`${condition.reason}: ${condition.message}`];
}

function removalNote({ actions }: Plan, { name, policyRef }: HelmRelease): string[] {
  return actions.some(({ type }) => type === 'ReleasePolicyRef')
    ? [
        `would remove spec.values.audit.policyRef (hash ${policyRef?.hash ?? '(none)'}) from HelmRelease "${name}", and later ConfigMap "${configMapName(name)}"`,
      ]
    : [];
}

function rollNote({ actions }: Plan, observed: Observed): string[] {
  const warning = actions.some(({ type }) => type === 'SetPolicyRef') ? quorumWarning(observed) : undefined;
  return warning === undefined ? [] : [`warning: ${warning}`];
}
