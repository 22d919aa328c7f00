import type { ClusterDeployment } from '../plan/observed/cluster-deployment.ts';
import { isGoing } from './change.ts';
import type { AdmissionRequest } from './review.ts';
import { allow, nameSome, refuseForbidden, type Verdict } from './verdict.ts';

/** What decides whether a policy may be deleted. */
export interface DeletionFacts {
  /** Everything has been read once, so that it is known who names the policy. */
  isKnown: boolean;
  /** The ClusterDeployments that name it. */
  references: readonly ClusterDeployment[];
  /** Its namespace goes, too; undefined when that could not be read. */
  isNamespaceGoing?: boolean;
}

/** Whether the answer depends on the namespace. */
export function isInUse({ references }: Pick<DeletionFacts, 'references'>): boolean {
  return references.some(({ deleting }) => !deleting);
}

/**
 * A policy that is deleted: refused while a cluster that stays names it. What is not known lets it pass: nothing is lost, since
 * clusters keep what they have, and a namespace must never be kept from going.
 */
export function judgeDeletion(
  { namespace, name, oldObject }: AdmissionRequest,
  facts: DeletionFacts,
): Verdict {
  if (isGoing(oldObject)) return allow();
  if (!facts.isKnown) return allow([unchecked(name, 'the operator does not know this namespace (yet)')]);
  if (!isInUse(facts) || facts.isNamespaceGoing === true) return allow();
  if (facts.isNamespaceGoing === undefined)
    return allow([unchecked(name, `namespace "${namespace}" could not be read`)]);
  const names = nameSome(facts.references.filter(({ deleting }) => !deleting).map((each) => each.name));
  return refuseForbidden(
    `cannot delete ClusterAuditPolicy ${namespace}/${name}: it is still referenced by one or more ClusterDeployments: ${names}`,
  );
}

function unchecked(name: string, why: string): string {
  return `whether clusters still name ClusterAuditPolicy "${name}" was not checked: ${why}. Those that do keep what they have.`;
}
