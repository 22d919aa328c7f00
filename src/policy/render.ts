import { YamlEmitter } from './render-emitter.ts';
import { throughJson } from './render-json.ts';
import type { AuditPolicy } from './types.ts';

export type Rendered = { ok: true; yaml: string } | { ok: false; error: string };

/** What the YAML of a policy consists of. A record's keys are written in the order given. */
type Node = string | boolean | null | Node[] | { [key: string]: Node };

/**
 * The policy as a file for kube-apiserver, byte for byte as KCM writes it with sigs.k8s.io/yaml v1.6.0 (on
 * go.yaml.in/yaml/v2 v2.4.4). `error` when that code cannot write it either: a string with raw control characters.
 *
 * Omitted: empty lists, an empty `group`, the policy's `omitManagedFields: false`. Kept: a rule's
 * `omitManagedFields: false`, every `level`, and `rules`, which is `null` when absent.
 */
export function renderPolicy(policy: AuditPolicy): Rendered {
  const refused: string[] = [];
  const strings = (path: string, list: string[] | undefined): string[] | undefined =>
    list === undefined || list.length === 0
      ? undefined
      : list.map((text, i) => string(`${path}[${i}]`, text));
  const string = (path: string, text: string): string => {
    const through = throughJson(text);
    if (through.ok) return through.text;
    refused.push(`${path}: ${through.error}`);
    return '';
  };

  const rules = policy.rules?.map((rule, i) => {
    const path = `rules[${i}]`;
    return present({
      level: string(`${path}.level`, rule.level),
      namespaces: strings(`${path}.namespaces`, rule.namespaces),
      nonResourceURLs: strings(`${path}.nonResourceURLs`, rule.nonResourceURLs),
      omitManagedFields: rule.omitManagedFields,
      omitStages: strings(`${path}.omitStages`, rule.omitStages),
      resources: optionalList(rule.resources)?.map((group, j) => {
        const groupPath = `${path}.resources[${j}]`;
        return present({
          group:
            group.group === undefined || group.group === ''
              ? undefined
              : string(`${groupPath}.group`, group.group),
          resourceNames: strings(`${groupPath}.resourceNames`, group.resourceNames),
          resources: strings(`${groupPath}.resources`, group.resources),
        });
      }),
      userGroups: strings(`${path}.userGroups`, rule.userGroups),
      users: strings(`${path}.users`, rule.users),
      verbs: strings(`${path}.verbs`, rule.verbs),
    });
  });
  const document = present({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    metadata: {},
    omitManagedFields: policy.omitManagedFields === true ? true : undefined,
    omitStages: strings('omitStages', policy.omitStages),
    rules: rules ?? null,
  });
  if (refused.length > 0) return { ok: false, error: refused.join('; ') };

  const emitter = new YamlEmitter();
  writeMapping(emitter, document, 0);
  return { ok: true, yaml: emitter.finish() };
}

function present(fields: Record<string, Node | undefined>): Record<string, Node> {
  const record: Record<string, Node> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) record[key] = value;
  return record;
}

function optionalList<T>(list: T[] | undefined): T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}

function writeMapping(emitter: YamlEmitter, record: Record<string, Node>, indent: number): void {
  for (const [key, value] of Object.entries(record)) {
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
  } else if (Object.keys(value).length === 0) {
    emitter.word('{}');
  } else {
    writeMapping(emitter, value, indent + 2);
  }
}
