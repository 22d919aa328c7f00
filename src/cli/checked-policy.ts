import { at, isObject, stringAt } from '../api/json.ts';
import { readPolicyFile, type AcceptedPolicy, type PolicyContent } from '../policy/content.ts';
import type { Locate } from '../policy/decode.ts';
import { POLICY_KIND } from '../policy/decode-policy.ts';
import { OLDEST_TESTED, formatVersion, type KubernetesVersion } from '../policy/kubernetes-version.ts';
import { messageWithoutField, type Problem } from '../policy/problem.ts';
import { normalise } from '../policy/suggest.ts';
import type { AuditPolicy } from '../policy/types.ts';
import type { Input } from './inputs.ts';
import { groupOf, identify, knownKind, readObjects, type TextObject } from './objects.ts';
import { readPolicyManifest } from './policy-manifest.ts';

/** One policy found in an input, and everything that is to be said of it. */
export interface CheckedPolicy {
  source: Input;
  /** How messages call it. */
  title: string;
  /** Of the manifest; a policy file has neither. */
  name?: string;
  namespace?: string;
  /** Absent for a refused one. */
  accepted?: AcceptedPolicy;
  problems: readonly Problem[];
  draft?: AuditPolicy;
  locate?: Locate;
}

/** The Kubernetes version to check for, and whether the user chose it. */
export interface CheckVersion {
  version: KubernetesVersion;
  isChosen: boolean;
}

const AUDIT_GROUP = 'audit.k8s.io';

/**
 * The policies of one input: a policy file is one; in a file of manifests every ClusterAuditPolicy is one. Other objects
 * are passed over. A file that the user named and that holds nothing of the kind is taken for a policy file, whose
 * problems then say what is missing; one from a folder only when it looks like one, or cannot be read.
 * @throws UsageError for a ClusterAuditPolicy without a name
 */
export function checkInput(source: Input, version: CheckVersion): CheckedPolicy[] {
  const objects = readObjects(source.text);
  const isWholeFile = !objects.some((object) => isOtherObject(object) || knownKind(object) !== undefined);
  if (isWholeFile && (source.isNamed || objects.some((object) => looksLikePolicy(object))))
    return [judge(source, source.name, readPolicyFile(source.text), version)];
  if (isWholeFile) return [];
  return objects.flatMap((object) => {
    if (knownKind(object) === 'ClusterAuditPolicy') return [checkManifest(source, object, version)];
    if (isOtherObject(object) || !looksLikePolicy(object)) return [];
    return [{ source, title: source.name, problems: [...object.problems, ...notAlone(object)] }];
  });
}

function checkManifest(source: Input, object: TextObject, version: CheckVersion): CheckedPolicy {
  identify(source, object, 'ClusterAuditPolicy', '');
  const name = stringAt(object.value, 'metadata', 'name') ?? '';
  const namespace = stringAt(object.value, 'metadata', 'namespace');
  const title = `${source.name}: ClusterAuditPolicy ${name}`;
  return {
    ...judge(source, title, readPolicyManifest(object), version),
    name,
    ...(namespace ? { namespace } : {}),
  };
}

/** A Kubernetes object that is no bare audit policy. Kyverno has a kind Policy, too: with a spec. */
function isOtherObject({ value }: TextObject): boolean {
  const kind = stringAt(value, 'kind') ?? '';
  const apiVersion = stringAt(value, 'apiVersion') ?? '';
  if (kind === '' || apiVersion === '' || groupOf(apiVersion) === AUDIT_GROUP) return false;
  return kind !== POLICY_KIND || at(value, 'spec') !== undefined;
}

/** An audit policy by itself, as kube-apiserver reads it, or what is meant to be one. */
export function isBarePolicy(object: TextObject): boolean {
  return object.value !== undefined && !isOtherObject(object) && looksLikePolicy(object);
}

/** Text that cannot be read might be anything, so also a policy. */
function looksLikePolicy({ value }: TextObject): boolean {
  if (value === undefined) return true;
  const isSaid =
    stringAt(value, 'kind') === POLICY_KIND || groupOf(stringAt(value, 'apiVersion') ?? '') === AUDIT_GROUP;
  return isSaid || (isObject(value) && Object.keys(value).some((key) => normalise(key) === 'rules'));
}

function notAlone({ value, startLine }: TextObject): Problem[] {
  if (value === undefined) return [];
  return [
    {
      code: 'MultipleDocuments',
      severity: 'error',
      path: '',
      message:
        'an audit policy among other objects: kube-apiserver reads a policy only from a file of its own, and a cluster only from a ClusterAuditPolicy',
      position: { line: startLine, column: 1 },
    },
  ];
}

function judge(
  source: Input,
  title: string,
  { accepted, problems, ...content }: PolicyContent,
  { version, isChosen }: CheckVersion,
): CheckedPolicy {
  const refusals = accepted?.problemsFor(version) ?? [];
  const isFit = accepted !== undefined && refusals.length === 0;
  const hints = isFit && !isChosen ? accepted.problemsFor(OLDEST_TESTED).map(asWarning) : [];
  return {
    source,
    title,
    ...content,
    ...(isFit ? { accepted } : accepted ? { draft: accepted.policy } : {}),
    problems: [...problems, ...refusals, ...hints],
  };
}

function asWarning(problem: Problem): Problem {
  const message = `Kubernetes ${formatVersion(OLDEST_TESTED)} refuses this: ${messageWithoutField(problem)}`;
  return { ...problem, severity: 'warning', message };
}
