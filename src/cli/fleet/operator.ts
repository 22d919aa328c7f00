import { Option, type Command } from 'commander';
import { at, listAt, numberAt, stringAt } from '../../api/json.ts';
import { FIELD_MANAGER } from '../../api/names.ts';
import { isKubeError } from '../../kube/errors.ts';
import { listAll } from '../../kube/list-all.ts';
import type { Resource } from '../../kube/resources.ts';
import { parseNamespace } from '../options.ts';
import type { Session } from '../session.ts';

/** How the operator's own objects are called. */
export interface OperatorOptions {
  operatorName: string;
  operatorNamespace?: string;
}

/** Where the operator is looked for. */
export interface OperatorPlace {
  namespace: string;
  name: string;
}

/** Where it is recommended to be installed. */
const USUAL_NAMESPACE = 'audit-policy-system';

/** @param ownNamespace that of the ServiceAccount that this runs as */
export function placeOf(
  { operatorName, operatorNamespace }: OperatorOptions,
  ownNamespace?: string,
): OperatorPlace {
  return { name: operatorName, namespace: operatorNamespace ?? ownNamespace ?? USUAL_NAMESPACE };
}

export function addOperatorOptions(command: Command): Command {
  return command
    .option('--operator-name <name>', "the operator's Deployment, Lease and ServiceAccount", FIELD_MANAGER)
    .addOption(
      new Option('--operator-namespace <name>', `where it runs (default: ${USUAL_NAMESPACE})`).argParser(
        parseNamespace,
      ),
    );
}

/** The Lease of the replica that leads. */
export interface SeenLease {
  namespace: string;
  /** Empty when it was given back. */
  holder: string;
  /** Renewed in time, as of the look. */
  isHeld: boolean;
  /** Since it was renewed; undefined when it never was. */
  ageSeconds: number | undefined;
}

/** The Deployment that the operator runs by. */
export interface SeenDeployment {
  namespace: string;
  name: string;
  replicas: number;
  available: number;
  image: string;
  serviceAccount: string;
}

/** What can be seen of operators of one name, in all namespaces or, without the right to look there, in one. */
export interface SeenOperator {
  leases: readonly SeenLease[];
  deployments: readonly SeenDeployment[];
  /** Why one of them could not be read, in the server's words. */
  unreadable: readonly string[];
}

const LEASES: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};

const DEPLOYMENTS: Resource = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
};

/** Looks for operators. @throws KubeError for anything but a missing right */
export async function findOperator(session: Session, place: OperatorPlace): Promise<SeenOperator> {
  const now = session.clock.now();
  const unreadable: string[] = [];
  const read = async <T>(kind: Resource, project: (raw: unknown) => T): Promise<T[]> => {
    try {
      return await findByName(session, kind, place, project);
    } catch (error) {
      if (!isKubeError(error, 'Forbidden')) throw error;
      unreadable.push(error.message);
      return [];
    }
  };
  const [leases, deployments] = await Promise.all([
    read(LEASES, (raw) => readLease(raw, now)),
    read(DEPLOYMENTS, readDeployment),
  ]);
  return { leases, deployments, unreadable };
}

/** The labels of the chart's Deployment and of the one in config/, whatever the release is called. */
const LABELS = `app.kubernetes.io/name=${FIELD_MANAGER},app.kubernetes.io/component=manager`;

/** Operators of any name, where the right is there to look for them. @throws KubeError for anything but a missing right */
export async function findLabelled({ client }: Session): Promise<SeenDeployment[]> {
  try {
    return await listAll(client, DEPLOYMENTS, { labelSelector: LABELS }, readDeployment);
  } catch (error) {
    if (!isKubeError(error, 'Forbidden')) throw error;
    return [];
  }
}

async function findByName<T>(
  { client }: Session,
  kind: Resource,
  place: OperatorPlace,
  project: (raw: unknown) => T,
): Promise<T[]> {
  try {
    return await listAll(client, kind, { fieldSelector: `metadata.name=${place.name}` }, project);
  } catch (error) {
    if (!isKubeError(error, 'Forbidden')) throw error;
    const found = await client.find(kind, place);
    return found === undefined ? [] : [project(found)];
  }
}

function readLease(raw: unknown, nowMs: number): SeenLease {
  const holder = stringAt(raw, 'spec', 'holderIdentity') ?? '';
  const renewed = Date.parse(stringAt(raw, 'spec', 'renewTime') ?? '');
  const seconds = numberAt(raw, 'spec', 'leaseDurationSeconds') ?? 0;
  return {
    namespace: stringAt(raw, 'metadata', 'namespace') ?? '',
    holder,
    isHeld: holder !== '' && renewed + seconds * 1000 > nowMs,
    ageSeconds: Number.isNaN(renewed) ? undefined : Math.max(0, Math.round((nowMs - renewed) / 1000)),
  };
}

function readDeployment(raw: unknown): SeenDeployment {
  const pod = at(raw, 'spec', 'template', 'spec');
  return {
    namespace: stringAt(raw, 'metadata', 'namespace') ?? '',
    name: stringAt(raw, 'metadata', 'name') ?? '',
    replicas: numberAt(raw, 'spec', 'replicas') ?? 1,
    available: numberAt(raw, 'status', 'availableReplicas') ?? 0,
    image: stringAt(listAt(pod, 'containers')[0], 'image') ?? '',
    serviceAccount: stringAt(pod, 'serviceAccountName') ?? 'default',
  };
}
