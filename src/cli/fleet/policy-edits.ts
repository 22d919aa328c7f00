import { readClusterAuditPolicy, type ClusterAuditPolicy } from '../../plan/observed/audit-policy.ts';
import type { AcceptedPolicy } from '../../policy/content.ts';
import type { CheckedPolicy } from '../checked-policy.ts';
import { checkInput } from '../checked-policy.ts';
import type { Input } from '../inputs.ts';
import { UsageError } from '../io.ts';
import { readManifests } from '../manifests.ts';
import { NEWEST_TESTED } from '../../policy/kubernetes-version.ts';
import type { Fleet } from './read-fleet.ts';

/** A policy of the management cluster as files would have it. */
export interface WantedPolicy {
  /** `namespace/name`. */
  key: string;
  namespace: string;
  name: string;
  /** The object as it would be; of a policy file only the content counts. */
  object: ClusterAuditPolicy;
  checked: CheckedPolicy;
}

/**
 * The policies of files: each ClusterAuditPolicy, or one policy file, which is then for the one policy of `names`.
 * @param namespace of what names none
 * @param names only these; all when empty
 * @throws UsageError for no policy, an unnamed one, or a name that is not among them
 */
export function wantedPolicies(
  inputs: readonly Input[],
  namespace: string,
  names: readonly string[],
): WantedPolicy[] {
  const objects = [...readManifests(inputs, namespace).policies.values()];
  const bare = inputs
    .flatMap((input) => checkInput(input, { version: NEWEST_TESTED, isChosen: false }))
    .filter(({ name }) => name === undefined);
  const files = inputs.map(({ name }) => name).join(', ');
  if (objects.length + bare.length === 0)
    throw new UsageError(`${files}: no audit policy found (kind ClusterAuditPolicy or Policy).`);
  const [only] = bare;
  if (only !== undefined) return [ofPolicyFile(only, bare.length + objects.length, namespace, names)];
  const missing = names.find((name) => !objects.some((object) => object.name === name));
  if (missing !== undefined) throw new UsageError(`${files}: no ClusterAuditPolicy "${missing}" among them.`);
  return objects
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ source, ...object }) => {
      const { key, content } = object;
      const title = `${source.name}: ClusterAuditPolicy ${object.name}`;
      const checked = { source, title, name: object.name, namespace: object.namespace, ...content };
      return { key, namespace: object.namespace, name: object.name, object, checked };
    });
}

function ofPolicyFile(
  checked: CheckedPolicy,
  found: number,
  namespace: string,
  names: readonly string[],
): WantedPolicy {
  const [name] = names;
  if (name === undefined || names.length > 1 || found > 1) {
    throw new UsageError(
      `${checked.source.name}: a policy file has no name: give it alone, and the one ClusterAuditPolicy that it is for, as in -f policy.yaml -n fleet baseline.`,
    );
  }
  const { accepted, problems, locate } = checked;
  const object = {
    ...readClusterAuditPolicy({ metadata: { name, namespace } }),
    content: { problems, ...(accepted ? { accepted } : {}), ...(locate ? { locate } : {}) },
  };
  return { key: object.key, namespace, name, object, checked };
}

/** What is there of a policy. */
export type Existing =
  | { state: 'missing' }
  | { state: 'refused'; policy: ClusterAuditPolicy }
  | { state: 'accepted'; accepted: AcceptedPolicy };

export function existing({ cache }: Fleet, key: string): Existing {
  const policy = cache.policies.get(key);
  if (policy === undefined) return { state: 'missing' };
  const { accepted } = policy.content;
  return accepted === undefined ? { state: 'refused', policy } : { state: 'accepted', accepted };
}

/** Puts a policy into a fleet as if it had been applied: annotations that the file does not have stay. */
export function putIn({ cache }: Fleet, { key, object }: WantedPolicy): void {
  const before = cache.policies.get(key);
  cache.policies.remove(key);
  if (before === undefined) {
    cache.policies.upsert(object);
    return;
  }
  const propagation = object.propagation ?? before.propagation;
  cache.policies.upsert({
    ...before,
    content: object.content,
    paused: before.paused || object.paused,
    ...(propagation === undefined ? {} : { propagation }),
  });
}
