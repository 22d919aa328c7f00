import { crdName } from '../../controllers/kinds.ts';
import { apiVersionOf, type Resource } from '../../kube/resources.ts';
import { UsageError } from '../io.ts';
import type { Fleet } from './read-fleet.ts';

/**
 * Nothing was found because there is nothing, or because the API server does not know the kind: the second is for the user to mend.
 * @param hint what would be right, a clause
 * @throws UsageError naming server and definition
 */
export function requireServed({ notServed, session }: Fleet, kind: Resource, hint: string): void {
  if (!notServed.includes(kind.plural)) return;
  throw new UsageError(
    `the API server at ${session.address} does not serve ${kind.kind} of ${apiVersionOf(kind)} (CRD ${crdName(kind)}), so there is nothing to look at: ${hint}.`,
  );
}

/** For what works on clusters. */
export const WHERE_CLUSTERS_ARE =
  'take the context of a management cluster, or install KCM 1.10 or newer; without KCM: kubectl apply -f config/crd-standalone';
/** For what works on policies. */
export const WHERE_POLICIES_ARE = 'install the chart, or kubectl apply -k config/crd';
