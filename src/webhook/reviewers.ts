import { K0RDENT_GROUP } from '../api/names.ts';
import type { Cache } from '../controllers/cache.ts';
import { CLUSTER_AUDIT_POLICIES, CLUSTER_DEPLOYMENTS } from '../controllers/kinds.ts';
import type { KubeClient } from '../kube/client.ts';
import { isKubeError } from '../kube/errors.ts';
import { readClusterDeployment } from '../plan/observed/cluster-deployment.ts';
import type { KubernetesVersion } from '../policy/kubernetes-version.ts';
import { isGoing } from './change.ts';
import { isInUse, judgeDeletion } from './deletion.ts';
import { judgeDeployment } from './deployment.ts';
import { NAMESPACES } from './kinds.ts';
import type { AdmissionLint } from './lint.ts';
import { judgePolicy } from './policy.ts';
import type { AdmissionRequest } from './review.ts';
import type { Verdict } from './verdict.ts';

/** What answers the calls of one path. */
export interface Reviewer {
  /** `group/Kind` of what it judges. */
  kind: string;
  review: (request: AdmissionRequest) => Verdict | Promise<Verdict>;
}

export interface ReviewerOptions {
  cache: Cache;
  client: KubeClient;
  assumedVersion: KubernetesVersion;
  /** Absent: policies are not linted. */
  lint?: AdmissionLint | undefined;
  /** Whether everything in a namespace has been read once. */
  isKnown: (namespace: string) => boolean;
}

/** The API server waits five seconds for the answer about a deletion. */
const NAMESPACE_TIMEOUT_MS = 3_000;

/** The three webhooks by their paths: each gathers the facts, and a pure function judges. */
export function reviewers(options: ReviewerOptions): ReadonlyMap<string, Reviewer> {
  const { cache, client, assumedVersion, lint, isKnown } = options;
  const policy = (request: AdmissionRequest): Verdict =>
    judgePolicy(request, { assumedVersion, lint, clusters: clustersOf(cache, keyOf(request)) });

  const deletion = async (request: AdmissionRequest): Promise<Verdict> => {
    const references = cache.deployments.byIndex('policy', keyOf(request));
    const facts = { isKnown: isKnown(request.namespace), references };
    if (!facts.isKnown || !isInUse(facts)) return judgeDeletion(request, facts);
    const isNamespaceGoing = await isNamespaceBeingDeleted(client, request.namespace);
    return judgeDeletion(request, {
      ...facts,
      ...(isNamespaceGoing === undefined ? {} : { isNamespaceGoing }),
    });
  };

  const deployment = (request: AdmissionRequest): Verdict => {
    const { key, namespace, auditPolicy } = readClusterDeployment(request.object);
    const named = auditPolicy === undefined ? undefined : cache.policies.get(`${namespace}/${auditPolicy}`);
    const helmRelease = cache.helmReleases.get(key);
    return judgeDeployment(request, {
      isKnown: isKnown(namespace),
      assumedVersion,
      ...(named ? { policy: named } : {}),
      ...(helmRelease ? { helmRelease } : {}),
    });
  };

  const policies = `${K0RDENT_GROUP}/${CLUSTER_AUDIT_POLICIES.kind}`;
  const deployments = `${K0RDENT_GROUP}/${CLUSTER_DEPLOYMENTS.kind}`;
  return new Map<string, Reviewer>([
    ['/validate-clusterauditpolicy', { kind: policies, review: policy }],
    ['/validate-clusterauditpolicy-deletion', { kind: policies, review: deletion }],
    ['/validate-clusterdeployment', { kind: deployments, review: deployment }],
  ]);
}

function keyOf({ namespace, name }: AdmissionRequest): string {
  return `${namespace}/${name}`;
}

function clustersOf(cache: Cache, policy: string) {
  return cache.deployments.byIndex('policy', policy).map((deployment) => {
    const helmRelease = cache.helmReleases.get(deployment.key);
    return { deployment, ...(helmRelease ? { helmRelease } : {}) };
  });
}

/** Undefined when it cannot be told. */
async function isNamespaceBeingDeleted(client: KubeClient, name: string): Promise<boolean | undefined> {
  try {
    const found = await client.get(NAMESPACES, { name }, { timeoutMs: NAMESPACE_TIMEOUT_MS });
    return typeof found === 'object' && found !== null && isGoing({ ...found });
  } catch (error) {
    return isKubeError(error, 'NotFound') ? true : undefined;
  }
}
