import { forecast, type Outlook } from '../../plan/forecast.ts';
import { planCluster } from '../../plan/cluster.ts';
import { policyRefInPlace } from '../../plan/in-place.ts';
import type { Observed, PlanSettings } from '../../plan/types.ts';
import { actionsInWords } from './action-words.ts';

/** What would become of one cluster; the shape of `-o json`. */
export interface Prospect {
  namespace: string;
  name: string;
  outlook: Outlook | 'impossible';
  /** The control plane would roll, now or once what it waits for has passed. */
  willRoll: boolean;
  policy: string | null;
  /** Short hashes: in the values now, and of the named policy; null for none. */
  inPlace: string | null;
  wanted: string | null;
  /** The condition's reason where something stands in the way; else null. */
  reason: string | null;
  message: string;
}

/**
 * What the operator would do to a cluster if it saw it now; undefined for one that it would leave alone because it names no
 * policy. Pure.
 */
export function prospect(
  observed: Observed,
  settings: PlanSettings,
  referenceIsPruned: boolean,
): Prospect | undefined {
  const { deployment, policy } = observed;
  const plan = planCluster(observed, settings);
  const isNamed = deployment.auditPolicy !== undefined;
  if (!isNamed && (referenceIsPruned || plan.actions.length === 0)) return undefined;
  const facts = {
    namespace: deployment.namespace,
    name: deployment.name,
    policy: deployment.auditPolicy ?? null,
    inPlace: policyRefInPlace(observed)?.hash ?? null,
    wanted: policy?.content.accepted?.hash ?? null,
  };
  if (referenceIsPruned) {
    const message = 'The ClusterDeployment CRD drops spec.auditPolicy (KCM before 1.10): upgrade KCM first.';
    return { ...facts, outlook: 'impossible', willRoll: false, reason: null, message };
  }
  const { outlook, willRoll, reason = null, message, warning } = forecast(observed, plan);
  const words = message ?? DEFAULTS[outlook] ?? `Would ${actionsInWords(plan.actions)}.`;
  return {
    ...facts,
    outlook,
    willRoll,
    reason,
    message: warning === undefined || words.includes(warning) ? words : `${words} ${warning}`,
  };
}

const DEFAULTS: Partial<Record<Outlook, string>> = {
  nothing: 'Everything is as it should be.',
  condition: 'What is in place is right; only the condition is written.',
  observer: 'KCM manages it and writes audit policies by itself; the operator would only report.',
};
