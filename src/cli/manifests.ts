import { at } from '../api/json.ts';
import { readClusterAuditPolicy, type ClusterAuditPolicy } from '../plan/observed/audit-policy.ts';
import { readClusterDeployment, type ClusterDeployment } from '../plan/observed/cluster-deployment.ts';
import { readHelmRelease, type HelmRelease } from '../plan/observed/helm-release.ts';
import { isBarePolicy } from './checked-policy.ts';
import type { Input } from './inputs.ts';
import { UsageError } from './io.ts';
import {
  identify,
  knownKind,
  placeOf,
  readObjects,
  textErrors,
  unreadable,
  type TextObject,
} from './objects.ts';
import { readPolicyManifest } from './policy-manifest.ts';

/** A policy, and where its text is. */
export type SourcedPolicy = ClusterAuditPolicy & { source: Input };

/** The objects of a set of files, by `namespace/name`. */
export interface Manifests {
  policies: ReadonlyMap<string, SourcedPolicy>;
  deployments: ReadonlyMap<string, ClusterDeployment>;
  helmReleases: ReadonlyMap<string, HelmRelease>;
  /** Where there are audit policies in no ClusterAuditPolicy, which no cluster can name: `file:line`. */
  barePolicies: readonly string[];
}

/**
 * Reads the kinds that a plan looks at; others are passed over. An object without a namespace gets `namespace`. What is
 * wrong with a policy is kept in its content.
 * @throws UsageError naming file and line: not YAML, no name, or the same object twice
 */
export function readManifests(inputs: readonly Input[], namespace: string): Manifests {
  const policies = new Collected<SourcedPolicy>('ClusterAuditPolicy');
  const deployments = new Collected<ClusterDeployment>('ClusterDeployment');
  const helmReleases = new Collected<HelmRelease>('HelmRelease');
  const barePolicies: string[] = [];
  for (const source of inputs) {
    for (const object of readObjects(source.text)) {
      const kind = knownKind(object);
      const isBroken = textErrors(object).length > 0;
      if (object.value === undefined || (isBroken && kind !== undefined && kind !== 'ClusterAuditPolicy'))
        throw unreadable(source, object);
      const place = placeOf(source, object);
      if (kind === undefined) {
        if (isBarePolicy(object)) barePolicies.push(place);
        continue;
      }
      const raw = identify(source, object, kind, namespace);
      switch (kind) {
        case 'ClusterAuditPolicy':
          policies.add(place, {
            ...readClusterAuditPolicy(raw),
            content: readPolicyManifest(object),
            source,
          });
          break;
        case 'ClusterDeployment':
          requireReadableReference(source, object);
          deployments.add(place, readClusterDeployment(raw));
          break;
        case 'HelmRelease':
          helmReleases.add(place, readHelmRelease(raw));
          break;
      }
    }
  }
  return {
    policies: policies.byKey,
    deployments: deployments.byKey,
    helmReleases: helmReleases.byKey,
    barePolicies,
  };
}

/** The API server would refuse it; here it would pass for a cluster without a policy. */
function requireReadableReference(source: Input, object: TextObject): void {
  const reference = at(object.value, 'spec', 'auditPolicy') ?? '';
  if (typeof reference !== 'string') {
    throw new UsageError(
      `${placeOf(source, object)}: spec.auditPolicy of this ClusterDeployment is no string; write the name of a ClusterAuditPolicy.`,
    );
  }
}

class Collected<T extends { key: string }> {
  readonly byKey = new Map<string, T>();
  readonly #places = new Map<string, string>();
  readonly #kind: string;

  constructor(kind: string) {
    this.#kind = kind;
  }

  add(place: string, item: T): void {
    const first = this.#places.get(item.key);
    if (first !== undefined)
      throw new UsageError(`${place}: ${this.#kind} ${item.key} is given twice, first in ${first}.`);
    this.#places.set(item.key, place);
    this.byKey.set(item.key, item);
  }
}
