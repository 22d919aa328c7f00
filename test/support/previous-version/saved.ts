import type { Api, KubeObject } from '../api.ts';
import { renamed, type EndState } from '../end-state.ts';
import { asRecord, dig, isRecord } from '../json.ts';
import {
  auditPolicies,
  clusterDeployments,
  configMaps,
  controllerRevisions,
  helmReleases,
} from '../kinds.ts';
import { QUEUED, type History } from './history.ts';

/** The state of a namespace as an earlier version of the operator left it: the file test/fixtures/previous-version.json. */
export interface Saved {
  /** The commit whose program wrote it. */
  commit: string;
  /** To compare with. */
  end: EndState;
  /** To put it back: uids, the namespace and times replaced by what they stand for. */
  objects: SavedObject[];
}

type Json = Record<string, unknown>;

interface SavedObject extends Json {
  kind: string;
  metadata: Json & { name: string; generation?: number };
  spec?: Json;
  status?: Json;
}

const FIELD_MANAGER = 'audit-policy-operator';
const COLLECTIONS: Record<string, (namespace: string, name?: string) => string> = {
  HelmRelease: helmReleases,
  ClusterAuditPolicy: auditPolicies,
  ClusterDeployment: clusterDeployments,
  ControllerRevision: controllerRevisions,
  ConfigMap: configMaps,
};
const UID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** Everything in the namespace that an operator reads or has written. */
export async function save(api: Api, namespace: string, history: History): Promise<SavedObject[]> {
  const lists = await Promise.all(Object.values(COLLECTIONS).map((path) => api.list(path(namespace))));
  const all = lists.flat();
  const uids = new Map(all.map(({ kind, metadata }) => [metadata.uid, `<uid of ${kind}/${metadata.name}>`]));
  const text = JSON.stringify(all.map(withoutServerFields))
    .replaceAll(UID, (uid) => uids.get(uid) ?? uid)
    .replaceAll(namespace, '<namespace>')
    .replaceAll(TIME, '<time>')
    .replaceAll(history.rolls, QUEUED.rolls)
    .replaceAll(history.waits, QUEUED.waits);
  return JSON.parse(text) as SavedObject[];
}

function withoutServerFields(object: KubeObject): Json {
  const { name, generation, labels, annotations, ownerReferences } = object.metadata;
  return { ...object, metadata: { name, generation, labels, annotations, ownerReferences } };
}

/** Puts a saved state into a namespace: the same objects at the same generations, our keys owned by our field manager. */
export async function restore(api: Api, namespace: string, objects: readonly SavedObject[]): Promise<void> {
  const uids = new Map<string, string>();
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  for (const kind of Object.keys(COLLECTIONS)) {
    for (const saved of objects.filter((object) => object.kind === kind)) {
      const text = JSON.stringify(saved)
        .replaceAll(/<uid of [^>]+>/g, (placeholder) => uids.get(placeholder) ?? placeholder)
        .replaceAll('<namespace>', namespace)
        .replaceAll('<time>', now);
      const uid = await restoreObject(api, namespace, JSON.parse(text) as SavedObject);
      uids.set(`<uid of ${kind}/${saved.metadata.name}>`, uid);
    }
  }
}

async function restoreObject(api: Api, namespace: string, object: SavedObject): Promise<string> {
  const { generation = 1, ...metadata } = object.metadata;
  const collection = COLLECTIONS[object.kind];
  if (collection === undefined) throw new Error(`nobody knows ${object.kind}`);
  const path = collection(namespace, metadata.name);
  const { spec = {}, status } = object;
  const policyRef = dig(spec, 'values', 'audit', 'policyRef');
  const own = isRecord(policyRef) ? withoutAudit(spec) : spec;
  const steps = generation - (isRecord(policyRef) ? 1 : 0);
  const body = { ...object, metadata, ...(object.spec === undefined ? {} : { spec: own }) };
  const { uid } = (await api.create(collection(namespace), atStep(body, steps - 1))).metadata;
  for (let left = steps - 2; left >= 0; left -= 1) {
    const { resourceVersion } = (await api.get(path)).metadata;
    const next = atStep(body, left);
    await api.replace(path, { ...next, metadata: { ...metadata, resourceVersion } });
  }
  if (isRecord(policyRef)) {
    const ours = { apiVersion: object.apiVersion, kind: object.kind, metadata: { name: metadata.name, uid } };
    const values = { audit: { policyRef } };
    await api.apply(path, { ...ours, spec: { values } }, { fieldManager: FIELD_MANAGER });
  }
  if (status !== undefined) await api.patchStatus(path, status, { fieldManager: FIELD_MANAGER });
  return uid;
}

function withoutAudit(spec: Json): Json {
  const values = { ...asRecord(spec.values, 'values') };
  delete values.audit;
  return { ...spec, values };
}

/** The object as it may have been some generations before: 0 is the last. */
function atStep(body: Json, left: number): Json {
  if (left <= 0 || !isRecord(body.spec)) return body;
  const spec = isRecord(body.spec.policy)
    ? { ...body.spec, policy: { rules: [{ level: 'None', users: [`before-${String(left)}`] }] } }
    : { ...body.spec, [body.kind === 'HelmRelease' ? 'maxHistory' : 'before']: left };
  return { ...body, spec };
}

/** The parts of an end state in which a version must leave what the other one would have left, to the byte. */
export function withoutWords(end: EndState, history: History): unknown {
  const { configMaps: maps, helmReleases: releases, revisions, deployments, policies } = end;
  const reasons = (named: Json): Json =>
    Object.fromEntries(
      Object.entries(named).map(([name, object]) => [
        name,
        [dig(object, 'conditions', 0, 'status'), dig(object, 'conditions', 0, 'reason')],
      ]),
    );
  const state = { maps, releases, revisions, deployments: reasons(deployments), policies: reasons(policies) };
  const named = renamed(state, history.rolls, QUEUED.rolls);
  return renamed(named, history.waits, QUEUED.waits);
}
