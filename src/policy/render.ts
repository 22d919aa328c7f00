import { mapStrings } from './map-strings.ts';
import { YamlEmitter } from './render-emitter.ts';
import { throughJson } from './render-json.ts';
import type { AuditPolicy, GroupResources, PolicyRule } from './types.ts';

export type Rendered = { ok: true; yaml: string } | { ok: false; error: string };

/** What the YAML of a policy consists of. An object's keys are written in the order given; undefined ones are not. */
type Node = string | boolean | null | Node[] | { [key: string]: Node | undefined };

/**
 * The policy as a file for kube-apiserver, byte for byte as KCM writes it with sigs.k8s.io/yaml v1.6.0 (on
 * go.yaml.in/yaml/v2 v2.4.4). `error` when that code cannot write it either: a string with raw control characters.
 *
 * Omitted: empty lists, an empty `group`, the policy's `omitManagedFields: false`. Kept: a rule's
 * `omitManagedFields: false`, every `level`, and `rules`, which is `null` when absent.
 */
export function renderPolicy(policy: AuditPolicy): Rendered {
  const read = asRead(policy);
  if (!read.ok) return read;
  const emitter = new YamlEmitter();
  writeMapping(emitter, documentOf(read.policy), 0);
  return { ok: true, yaml: emitter.finish() };
}

/**
 * The policy as kube-apiserver reads it from the rendered file. It differs from what was written only where a string holds
 * U+0085, which turns into spaces and newlines on the way, or a lone surrogate.
 */
export function asRead(
  policy: AuditPolicy,
): { ok: true; policy: AuditPolicy } | { ok: false; error: string } {
  const refused: string[] = [];
  const read = mapStrings(policy, (text, path) => {
    const through = throughJson(text);
    if (through.ok) return through.text;
    refused.push(`${path}: ${through.error}`);
    return text;
  });
  return refused.length > 0 ? { ok: false, error: refused.join('; ') } : { ok: true, policy: read };
}

function documentOf(policy: AuditPolicy): Record<string, Node | undefined> {
  return {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    metadata: {},
    omitManagedFields: policy.omitManagedFields === true ? true : undefined,
    omitStages: filled(policy.omitStages),
    rules: policy.rules?.map(ruleOf) ?? null,
  };
}

function ruleOf(rule: PolicyRule): Node {
  return {
    level: rule.level,
    namespaces: filled(rule.namespaces),
    nonResourceURLs: filled(rule.nonResourceURLs),
    omitManagedFields: rule.omitManagedFields,
    omitStages: filled(rule.omitStages),
    resources: filled(rule.resources)?.map(entryOf),
    userGroups: filled(rule.userGroups),
    users: filled(rule.users),
    verbs: filled(rule.verbs),
  };
}

function entryOf({ group, resourceNames, resources }: GroupResources): Node {
  return {
    group: group === '' ? undefined : group,
    resourceNames: filled(resourceNames),
    resources: filled(resources),
  };
}

function filled<T>(list: T[] | undefined): T[] | undefined {
  return list?.length === 0 ? undefined : list;
}

function writeMapping(emitter: YamlEmitter, object: Record<string, Node | undefined>, indent: number): void {
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    emitter.key(key, indent);
    writeValue(emitter, value, indent);
  }
}

/** Sequences stand at the column of the key that holds them; all else that needs a line of its own is two further in. */
function writeValue(emitter: YamlEmitter, value: Node, indent: number): void {
  if (typeof value === 'string') {
    emitter.string(value, indent + 2);
  } else if (value === null || typeof value === 'boolean') {
    emitter.word(String(value));
  } else if (Array.isArray(value)) {
    if (value.length === 0) emitter.word('[]');
    for (const item of value) {
      emitter.item(indent);
      writeValue(emitter, item, indent);
    }
  } else if (Object.values(value).every((field) => field === undefined)) {
    emitter.word('{}');
  } else {
    writeMapping(emitter, value, indent + 2);
  }
}
