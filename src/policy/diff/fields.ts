import { isDeepStrictEqual } from 'node:util';
import { quote } from '../decode-describe.ts';
import { normalizePolicy, normalizeRule } from '../normalize.ts';
import type { AuditPolicy, GroupResources, PolicyRule } from '../types.ts';

/** One field that is not the same, as texts: what went and what came. A field with one value has at most one of each. */
export interface FieldChange {
  field: string;
  removed: readonly string[];
  added: readonly string[];
}

/** What decides whether a rule matches. */
export const CRITERIA = [
  'users',
  'userGroups',
  'verbs',
  'resources',
  'namespaces',
  'nonResourceURLs',
] as const satisfies (keyof PolicyRule)[];

const FIELDS = [
  'level',
  ...CRITERIA,
  'omitStages',
  'omitManagedFields',
] as const satisfies (keyof PolicyRule)[];
type Field = (typeof FIELDS)[number];
type Value = PolicyRule[Field];

/** Where two rules say other things; nothing for two spellings of one. */
export function ruleChanges(before: PolicyRule, after: PolicyRule): FieldChange[] {
  const [a, b] = [normalizeRule(before), normalizeRule(after)];
  return FIELDS.flatMap((field) => change(field, a[field], b[field]));
}

/** Where two policies say other things beside their rules. */
export function policyChanges(before: AuditPolicy, after: AuditPolicy): FieldChange[] {
  const [a, b] = [normalizePolicy(before), normalizePolicy(after)];
  return [
    ...change('omitStages', a.omitStages, b.omitStages),
    ...change('omitManagedFields', a.omitManagedFields, b.omitManagedFields),
  ];
}

/** More of them fill the line and help nobody. */
export const MAX_LISTED = 6;

/** `Metadata verbs=get,list resources=secrets,deployments.apps`: a rule on one line. */
export function describeRule(rule: PolicyRule): string {
  const normal = normalizeRule(rule);
  return FIELDS.flatMap((field) => {
    const values = valuesOf(normal[field]);
    if (values.length === 0) return [];
    const text = values.slice(0, MAX_LISTED).join(',');
    const more = values.length > MAX_LISTED ? `,… (${values.length})` : '';
    return [`${field === 'level' ? '' : `${field}=`}${text}${more}`];
  }).join(' ');
}

/** The values of a field as texts, each once; none when it is absent. */
export function valuesOf(value: Value): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return [plain(String(value))];
  return [...new Set(value.flatMap((item) => (typeof item === 'string' ? plain(item) : partsOf(item))))];
}

function change(field: string, before: Value, after: Value): FieldChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  const [a, b] = [valuesOf(before), valuesOf(after)];
  const removed = a.filter((value) => !b.includes(value));
  const added = b.filter((value) => !a.includes(value));
  // The same resources, put together otherwise: then the entries tell.
  return removed.length + added.length > 0
    ? [{ field, removed, added }]
    : [{ field, removed: wholeOf(before), added: wholeOf(after) }];
}

function wholeOf(value: Value): string[] {
  return Array.isArray(value) ? value.map((item) => JSON.stringify(item)) : [];
}

/** An entry as one text a resource: `secrets`, `deployments.apps/scale`, `secrets[db]`; `all of apps` for a whole group. */
function partsOf({ group = '', resources = [], resourceNames = [] }: GroupResources): string[] {
  const names = resourceNames.length === 0 ? '' : `[${resourceNames.map(plain).join(',')}]`;
  if (resources.length === 0) return [`all of ${group === '' ? 'core' : plain(group)}${names}`];
  return resources.map((text) => {
    const [resource = '', ...rest] = text.split('/');
    const ofGroup = group === '' ? resource : `${resource}.${group}`;
    return `${plain([ofGroup, ...rest].join('/'))}${names}`;
  });
}

/** In quotes only when it must be. */
function plain(text: string): string {
  return /^[\w:./@*-]+$/.test(text) && text.length <= 80 ? text : quote(text);
}
