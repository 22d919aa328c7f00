import type { Api, KubeObject } from './api.ts';
import { dig, isRecord } from './json.ts';
import {
  auditPolicies,
  capiClusters,
  clusterDeployments,
  configMaps,
  controllerRevisions,
  helmReleases,
} from './kinds.ts';

/**
 * What a run has left in a namespace, by kind and name, without what two equal runs may differ in: resourceVersions,
 * times, and which uid an object got. Every uid is replaced by the kind and name of its object, wherever it stands, so that an
 * owner or an annotation that names a wrong or vanished object is still a difference. Events are no state and are left out.
 */
export interface EndState {
  policies: Named;
  deployments: Named;
  helmReleases: Named;
  configMaps: Named;
  revisions: Named;
}

type Named = Record<string, unknown>;
type Json = Record<string, unknown>;

const FIELD_MANAGER = 'audit-policy-operator';
const RELEASED_AT = 'auditpolicy.dev/released-at';
const REVERTED = 'auditpolicy.dev/reverted';

/** Reads the end state of a namespace. `only` leaves out what it answers false for, by the object's name. */
export async function endState(
  api: Api,
  namespace: string,
  only: (name: string) => boolean = () => true,
): Promise<EndState> {
  const read = (kind: (namespace: string) => string) => api.list(kind(namespace));
  const [policies, deployments, releases, maps, revisions, clusters] = await Promise.all(
    [auditPolicies, clusterDeployments, helmReleases, configMaps, controllerRevisions, capiClusters].map(
      read,
    ),
  );
  const all = [policies, deployments, releases, maps, revisions, clusters].map((list) => list ?? []);
  const names = new Map(
    all.flat().map(({ kind, metadata }) => [metadata.uid, `<uid of ${kind}/${metadata.name}>`]),
  );
  const named = (objects: KubeObject[] | undefined, view: (object: KubeObject) => Json): Named =>
    Object.fromEntries(
      (objects ?? [])
        .filter(({ metadata }) => only(metadata.name))
        .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
        .map((object) => [object.metadata.name, withoutIdentity(view(object), names, namespace)]),
    );
  return {
    policies: named(policies, policyView),
    deployments: named(deployments, deploymentView),
    helmReleases: named(releases, releaseView),
    configMaps: named(maps, configMapView),
    revisions: named(revisions, revisionView),
  };
}

function policyView(policy: KubeObject): Json {
  const { hash, sha256, rules } = policy.status ?? {};
  return { spec: policy.spec, hash, sha256, rules, ...conditionsView(policy) };
}

function deploymentView(deployment: KubeObject): Json {
  return { spec: deployment.spec, ...conditionsView(deployment) };
}

/** `generation` counts the writes that changed the release: each of them rolls a control plane. */
function releaseView(release: KubeObject): Json {
  const { generation, labels, annotations, managedFields = [] } = release.metadata;
  const ours = managedFields
    .filter(({ manager }) => manager === FIELD_MANAGER)
    .map(({ operation, subresource, fieldsV1 }) => ({ operation, subresource, fieldsV1 }));
  const isSettled = dig(release, 'status', 'observedGeneration') === generation;
  return { generation, labels, annotations, spec: release.spec, ours, isSettled };
}

function configMapView({ metadata, data, binaryData, immutable }: KubeObject): Json {
  const { labels, ownerReferences } = metadata;
  const annotations = { ...metadata.annotations };
  if (RELEASED_AT in annotations) annotations[RELEASED_AT] = '<time>';
  return { labels, annotations, ownerReferences, data, binaryData, immutable };
}

function revisionView({ metadata, data, revision }: KubeObject): Json {
  const { labels, annotations, ownerReferences } = metadata;
  return { labels, annotations, ownerReferences, data, revision };
}

function conditionsView(object: KubeObject): Json {
  const list = dig(object, 'status', 'conditions');
  const conditions = (Array.isArray(list) ? list : []).filter(isRecord).map((condition) => ({
    type: condition.type,
    status: condition.status,
    reason: condition.reason,
    message: condition.message,
    isCurrent: condition.observedGeneration === object.metadata.generation,
  }));
  return { conditions };
}

const UID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** What JSON keeps of a value, with uids and the namespace replaced by what they stand for. */
function withoutIdentity(value: Json, names: ReadonlyMap<string, string>, namespace: string): unknown {
  const text = JSON.stringify(value)
    .replaceAll(UID, (uid) => names.get(uid) ?? '<uid of nothing that is here>')
    .replaceAll(namespace, '<namespace>');
  return JSON.parse(text);
}

/** Replaces a name that runs differ in, wherever it stands: `renamed(state, 'order-7', '<name>')`. */
export function renamed(state: unknown, from: string, to: string): unknown {
  return JSON.parse(JSON.stringify(state).replaceAll(from, to));
}

/** The count of reverts on the ConfigMaps of a state, by ConfigMap; a run that met no rival should leave none. */
export function revertMarks({ configMaps: maps }: EndState): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(maps).flatMap(([name, map]) => {
      const mark = dig(map, 'annotations', REVERTED);
      return mark === undefined ? [] : [[name, mark]];
    }),
  );
}
