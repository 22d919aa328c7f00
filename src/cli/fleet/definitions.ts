import { listAt, stringAt } from '../../api/json.ts';
import { readCrd, type Crd } from '../../controllers/crd.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, crdName } from '../../controllers/kinds.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isKubeError } from '../../kube/errors.ts';
import { listAll } from '../../kube/list-all.ts';
import { apiVersionOf, type Resource } from '../../kube/resources.ts';

/**
 * The definition of a kind as it stands, raw; undefined when there is none. By a list of one, since that is what the
 * operator's own rights allow.
 * @throws KubeError Forbidden and the rest
 */
export async function findDefinition(client: KubeClient, kind: Resource): Promise<unknown> {
  const scope = { fieldSelector: `metadata.name=${crdName(kind)}` };
  const [found] = await listAll(client, CUSTOM_RESOURCE_DEFINITIONS, scope, (raw) => raw);
  return found;
}

/**
 * What the plans read of a definition. Who may not read definitions may still ask what is served; then the reference
 * counts as kept: where it is dropped no cluster can name a policy anyway.
 */
export async function readDefinition(client: KubeClient, kind: Resource): Promise<Crd | undefined> {
  try {
    const raw = await findDefinition(client, kind);
    return raw === undefined ? undefined : readCrd(raw, kind);
  } catch (error) {
    if (!isKubeError(error, 'Forbidden')) throw error;
    if (!(await isServed(client, kind))) return undefined;
    return {
      key: crdName(kind),
      resourceVersion: '1',
      served: true,
      hasStatus: true,
      conditionsAreMap: false,
      keepsAuditPolicy: true,
    };
  }
}

/** Whether the API server serves this version of a kind; everybody who is logged in may ask. */
export async function isServed(client: KubeClient, kind: Resource): Promise<boolean> {
  try {
    const { body } = await client.transport.request({ method: 'GET', path: `/apis/${apiVersionOf(kind)}` });
    return listAt(body, 'resources').some((entry) => stringAt(entry, 'name') === kind.plural);
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return false;
    throw error;
  }
}
