import { readClusterAuditPolicy } from '../plan/observed/audit-policy.ts';
import type { ClusterDeployment } from '../plan/observed/cluster-deployment.ts';
import type { HelmRelease } from '../plan/observed/helm-release.ts';
import { firstFew } from '../plan/report.ts';
import { targetVersion } from '../plan/version.ts';
import { upstreamRefusal, type AcceptedPolicy } from '../policy/content.ts';
import { formatVersion, type KubernetesVersion } from '../policy/kubernetes-version.ts';
import { problemText, type Problem } from '../policy/problem.ts';
import { isChange, isGoing } from './change.ts';
import { lintForAdmission, type AdmissionLint } from './lint.ts';
import type { AdmissionRequest } from './review.ts';
import { hasMoreValues } from './size.ts';
import { allow, nameSome, refuseInvalid, type Verdict } from './verdict.ts';

/** What decides about a policy besides itself. */
export interface PolicyFacts {
  /** The clusters that name it. */
  clusters: readonly { deployment: ClusterDeployment; helmRelease?: HelmRelease }[];
  assumedVersion: KubernetesVersion;
  /** Whether lint warns, and of what. */
  lint?: AdmissionLint | undefined;
}

/** Beyond this, to judge a policy would hold up everybody else for longer than 100 milliseconds. */
export const MOST_VALUES = 20_000;
/** Beyond this, every request to the API servers becomes measurably slower. */
export const MANY_RULES = 1_000;

const LONGEST_UPSTREAM = 2_500;

/**
 * A policy that is made or edited: refused when no supported kube-apiserver would take it as it is written; let through with a
 * warning when some cluster that names it would not, and with what lint has to say of it.
 */
export function judgePolicy(request: AdmissionRequest, facts: PolicyFacts): Verdict {
  const { object, name } = request;
  if (isGoing(object) || !isChange(request)) return allow();
  if (hasMoreValues(object.spec, MOST_VALUES)) return refuseInvalid(`${REFUSED}${TOO_MANY}`);
  const { accepted, problems } = readClusterAuditPolicy(object).content;
  if (accepted === undefined) return refuseInvalid(refusal(object.spec, problems));
  return allow([
    ...problems.map(problemText),
    ...manyRules(accepted),
    ...unfitClusters(name, accepted, facts),
    ...(facts.lint === undefined ? [] : lintForAdmission(accepted, facts.lint)),
  ]);
}

/** The beginning of k0rdent's message, letter for letter. */
const REFUSED = 'the ClusterAuditPolicy is invalid: invalid audit policy provided: ';
const TOO_MANY = `the policy has more than ${MOST_VALUES} fields and list entries, and every request to an API server would be compared with them: shorten it.`;

/** First what k0rdent says, which is what upstream's validator says; then what else is wrong, and what was probably meant. */
function refusal(spec: unknown, problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const upstream = upstreamRefusal(spec);
  const others = errors.filter(({ code }) => code !== 'InvalidValue').map(problemText);
  const meant = errors.flatMap(({ code, path, suggestion }) =>
    code === 'InvalidValue' && suggestion !== undefined ? `${path}: did you mean "${suggestion}"?` : [],
  );
  const known = upstream.length > LONGEST_UPSTREAM ? `${upstream.slice(0, LONGEST_UPSTREAM)}…` : upstream;
  const parts = [known, others.length > 0 ? firstFew(others) : '', meant.length > 0 ? firstFew(meant) : ''];
  return `${REFUSED}${parts.filter((part) => part !== '').join('; ')}`;
}

function manyRules({ rules }: AcceptedPolicy): string[] {
  if (rules <= MANY_RULES) return [];
  return [`the policy has ${rules} rules: every request to an API server is compared with them in turn.`];
}

function unfitClusters(name: string, policy: AcceptedPolicy, facts: PolicyFacts): string[] {
  const unfit = facts.clusters.flatMap(({ deployment, helmRelease }) => {
    const { version } = targetVersion(deployment, helmRelease, facts.assumedVersion);
    const [problem] = policy.problemsFor(version);
    return problem === undefined || deployment.deleting ? [] : [{ deployment, version, problem }];
  });
  const [first] = unfit;
  if (first === undefined) return [];
  const names = nameSome(unfit.map(({ deployment }) => deployment.name));
  return [
    `ClusterAuditPolicy "${name}" does not suit ${unfit.length} of the ${facts.clusters.length} clusters that name it, and is not delivered to ${names}: kube-apiserver ${formatVersion(first.version)} would refuse it: ${problemText(first.problem)}`,
  ];
}
