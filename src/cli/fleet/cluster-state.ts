import { configMapName } from '../../api/names.ts';
import type { Reason } from '../../api/reasons.ts';
import { judgeReport } from '../../plan/audit-report-verdict.ts';
import { isObserver, planCluster } from '../../plan/cluster.ts';
import { acceptedPolicy, isDelivered, ownership, policyRefInPlace } from '../../plan/in-place.ts';
import type { Observed, Plan, PlanSettings } from '../../plan/types.ts';
import { targetVersion } from '../../plan/version.ts';
import { formatVersion } from '../../policy/kubernetes-version.ts';
import { actionsInWords } from './action-words.ts';

/** Who may write to a cluster: the operator, KCM alone, or nobody, since its reference is dropped. */
export type Mode = 'writer' | 'observer' | 'impossible';

/** How far Flux is with what the values say. */
export type RollOut = 'done' | 'underWay' | 'failed' | 'suspended';

/** One cluster's way from the policy to its HelmRelease; the shape of `-o json`. */
export interface ClusterState {
  namespace: string;
  name: string;
  mode: Mode;
  /** Nothing is the matter: the policy is in place and rolled out as far as Flux tells, or none is named. */
  ok: boolean;
  /**
   * `InPlace`, `RollingOut`, `RollOutFailed`, `Pending`, `Clearing`, `Cleared`, `Deleting`, `Impossible`, `NoPolicy`, or a reason of
   * the condition or of the report.
   */
  state: string;
  /** Why it stops there; empty when all is well. */
  message: string;
  /** The Kubernetes version that the policy is checked for. */
  kubernetesVersion: string;
  /** Null when the cluster names none; its hash is null while it is missing or refused. */
  policy: { name: string; hash: string | null } | null;
  configMap: { name: string; hash: string | null } | null;
  /** `rollOut` is null where nothing of a policy is in the values, nor was. */
  helmRelease: { name: string; hash: string | null; rollOut: RollOut | null } | null;
}

interface Judgement {
  ok: boolean;
  state: string;
  message: string;
}

const NO_POLICY: Judgement = { ok: true, state: 'NoPolicy', message: '' };

/** Reasons that a plan alone cannot find: what other clusters do, and what the API server answered. */
const ONLY_THE_OPERATOR_KNOWS: ReadonlySet<string> = new Set<Reason>([
  'ChangeQueued',
  'FieldConflict',
  'Forbidden',
  'NameConflict',
  'Reverted',
  'WriteRefused',
]);

/** The state of a cluster. Pure. */
export function clusterState(
  observed: Observed,
  settings: PlanSettings,
  referenceIsPruned: boolean,
): ClusterState {
  const { deployment, helmRelease, configMap } = observed;
  const judgement = judge(observed, settings, referenceIsPruned);
  const { auditPolicy, name, namespace } = deployment;
  const { version } = targetVersion(deployment, helmRelease, settings.assumedVersion);
  return {
    namespace,
    name,
    mode: modeOf(observed, referenceIsPruned),
    ...judgement,
    kubernetesVersion: formatVersion(version),
    policy:
      auditPolicy === undefined ? null : { name: auditPolicy, hash: acceptedPolicy(observed)?.hash ?? null },
    configMap:
      configMap === undefined ? null : { name: configMap.name, hash: configMap.sha256?.slice(0, 8) ?? null },
    helmRelease:
      helmRelease === undefined
        ? null
        : {
            name: helmRelease.name,
            hash: helmRelease.policyRef?.hash ?? null,
            rollOut: rollOutOf(observed),
          },
  };
}

export function modeOf(
  observed: Pick<Observed, 'kcmPresent' | 'helmRelease'>,
  referenceIsPruned: boolean,
): Mode {
  if (referenceIsPruned) return 'impossible';
  return isObserver(observed) ? 'observer' : 'writer';
}

function judge(observed: Observed, settings: PlanSettings, referenceIsPruned: boolean): Judgement {
  if (observed.deployment.auditPolicy === undefined) return judgeCleared(observed, settings);
  if (referenceIsPruned) {
    const message = 'The ClusterDeployment CRD drops spec.auditPolicy (KCM before 1.10): upgrade KCM.';
    return { ok: false, state: 'Impossible', message };
  }
  if (observed.deployment.deleting) {
    const message = 'The ClusterDeployment is being deleted.';
    return { ok: isDelivered(observed), state: 'Deleting', message };
  }
  return isObserver(observed) ? judgeObserved(observed, settings) : judgeWritten(observed, settings);
}

function judgeObserved(observed: Observed, settings: PlanSettings): Judgement {
  const { assumedVersion } = settings;
  const checked = targetVersion(observed.deployment, undefined, assumedVersion);
  const { condition } = judgeReport({ observed, assumedVersion }, checked);
  if (condition.status === 'True') return judgeRollOut(observed);
  return { ok: false, state: condition.reason, message: condition.message };
}

function judgeWritten(observed: Observed, settings: PlanSettings): Judgement {
  const plan = planCluster(observed, settings);
  const { condition } = plan;
  if (typeof condition !== 'string' && condition.status !== 'True') {
    return { ok: false, state: condition.reason, message: condition.message };
  }
  if (isDelivered(observed)) return judgeRollOut(observed);
  const said = observed.deployment.condition;
  if (said?.status === 'False' && ONLY_THE_OPERATOR_KNOWS.has(said.reason)) {
    return { ok: false, state: said.reason, message: said.message };
  }
  return { ok: false, state: 'Pending', message: pending(plan) };
}

/** Delivered: the rest is Flux's. */
function judgeRollOut({ helmRelease }: Observed): Judgement {
  const { failure, name = '', policyRef } = helmRelease ?? {};
  const hash = policyRef?.hash ?? '';
  if (failure !== undefined) {
    const message = `Flux failed to roll hash ${hash} out on HelmRelease "${name}": ${failure}.`;
    return { ok: false, state: 'RollOutFailed', message };
  }
  if (helmRelease?.suspended) {
    const message = `Hash ${hash} is in the values, but HelmRelease "${name}" is suspended, so whether it is rolled out is not known.`;
    return { ok: false, state: 'HelmReleaseSuspended', message };
  }
  if (helmRelease?.settled !== true) {
    return {
      ok: false,
      state: 'RollingOut',
      message: `Flux has not finished rolling hash ${hash} out.`,
    };
  }
  return { ok: true, state: 'InPlace', message: '' };
}

/** No policy is named: what is still there goes, or is somebody else's. */
function judgeCleared(observed: Observed, settings: PlanSettings): Judgement {
  const { configMap, deployment } = observed;
  const inPlace = policyRefInPlace(observed);
  const isOurs = configMap !== undefined && ownership(configMap, observed) === 'ours';
  if (inPlace === undefined && !isOurs) return NO_POLICY;
  if (inPlace === undefined) {
    const message = `No policy is named; ConfigMap "${configMapName(deployment.name)}" is kept for a while.`;
    return { ok: true, state: 'Cleared', message };
  }
  const { condition, actions } = planCluster(observed, settings);
  if (typeof condition !== 'string') {
    return { ok: false, state: condition.reason, message: condition.message };
  }
  if (actions.length === 0) return NO_POLICY;
  const message = `No policy is named; hash ${inPlace.hash} is still in the values.`;
  return { ok: false, state: 'Clearing', message };
}

function pending({ actions }: Plan): string {
  return `The operator has not written it yet (${actionsInWords(actions)}); if this lasts, "check" tells whether it runs.`;
}

/** Of what the values say of a policy, or no longer say: a HelmRelease may be under way for anything else. */
function rollOutOf(observed: Observed): RollOut | null {
  const { deployment, helmRelease, configMap } = observed;
  if (helmRelease === undefined) return null;
  const wasTakenOut =
    deployment.auditPolicy === undefined &&
    configMap !== undefined &&
    ownership(configMap, observed) === 'ours';
  if (helmRelease.policyRef === undefined && !wasTakenOut) return null;
  if (helmRelease.settled) return 'done';
  if (helmRelease.failure !== undefined) return 'failed';
  return helmRelease.suspended ? 'suspended' : 'underWay';
}
