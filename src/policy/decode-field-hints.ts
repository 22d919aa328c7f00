import { GROUP_RESOURCES, POLICY_RULE, POLICY_SPEC, POLICY_V1, type StructShape } from './decode-schema.ts';
import { nearest, normalise } from './suggest.ts';

/** What was probably meant by a field that its place does not have. */
export interface FieldHint {
  /** How the message goes on after "unknown field": what to write, or where it belongs. */
  advice: string;
  /** The field of the same place that was meant; absent when the field belongs elsewhere. */
  field?: string;
}

/** Names that people write and that no edit distance leads to the right one, normalised. */
const RULE_SYNONYMS = new Map([
  ['lvl', 'level'],
  ['auditlevel', 'level'],
  ['username', 'users'],
  ['usernames', 'users'],
  ['subjects', 'users'],
  ['serviceaccounts', 'users'],
  ['groups', 'userGroups'],
  ['operations', 'verbs'],
  ['methods', 'verbs'],
  ['nonresourceurl', 'nonResourceURLs'],
  ['nonresources', 'nonResourceURLs'],
  ['urls', 'nonResourceURLs'],
  ['url', 'nonResourceURLs'],
  ['paths', 'nonResourceURLs'],
  ['path', 'nonResourceURLs'],
  ['stages', 'omitStages'],
  ['stage', 'omitStages'],
]);

const GROUP_SYNONYMS = new Map([
  ['apigroup', 'group'],
  ['apigroups', 'group'],
  ['name', 'resourceNames'],
  ['names', 'resourceNames'],
]);

const POLICY_SYNONYMS = new Map([
  ['stages', 'omitStages'],
  ['stage', 'omitStages'],
]);

const IN_RULE = 'belongs one level up, in the rule';
const IN_ENTRY = 'belongs one level down, in an entry of "resources"';
const SERVICE_ACCOUNTS = ', with entries like "system:serviceaccount:NAMESPACE:NAME"';

/** What was probably meant by `key` in a struct of that shape; undefined when nothing is near. */
export function hintFor(key: string, shape: StructShape): FieldHint | undefined {
  const word = normalise(key);
  const same = [...shape.fields.keys()].find((field) => normalise(field) === word);
  if (same !== undefined) return meant(same);
  const synonym = synonymsOf(shape).get(word);
  if (synonym !== undefined)
    return {
      ...meant(synonym),
      ...(word === 'serviceaccounts' && { advice: `write "users"${SERVICE_ACCOUNTS}` }),
    };
  const misplaced = misplacedIn(shape, word);
  if (misplaced !== undefined) return { advice: misplaced };
  const near = nearest(key, shape.fields.keys());
  return near === undefined ? undefined : meant(near);
}

function meant(field: string): FieldHint {
  return { advice: `did you mean "${field}"?`, field };
}

function synonymsOf(shape: StructShape): ReadonlyMap<string, string> {
  if (shape === POLICY_RULE) return RULE_SYNONYMS;
  if (shape === GROUP_RESOURCES) return GROUP_SYNONYMS;
  return shape === POLICY_SPEC || shape === POLICY_V1 ? POLICY_SYNONYMS : new Map();
}

/** A field that another level has. */
function misplacedIn(shape: StructShape, word: string): string | undefined {
  if (shape === GROUP_RESOURCES && has(POLICY_RULE, word))
    return `"${has(POLICY_RULE, word) ?? word}" ${IN_RULE}`;
  if (shape === POLICY_RULE) {
    if (word === 'group') return `"group" ${IN_ENTRY}; groups of users go into "userGroups"`;
    if (word === 'apigroup' || word === 'apigroups')
      return `write "group" one level down, in an entry of "resources"`;
    if (has(GROUP_RESOURCES, word)) return `"${has(GROUP_RESOURCES, word) ?? word}" ${IN_ENTRY}`;
    if (has(POLICY_V1, word)) return `"${has(POLICY_V1, word) ?? word}" belongs at the top of the policy`;
  }
  if (shape !== POLICY_SPEC && shape !== POLICY_V1) return undefined;
  const inRule = has(POLICY_RULE, word) ?? RULE_SYNONYMS.get(word);
  if (inRule !== undefined) return `"${inRule}" belongs in a rule: an entry of "rules"`;
  const inEntry = has(GROUP_RESOURCES, word);
  return inEntry === undefined ? undefined : `"${inEntry}" belongs in an entry of a rule's "resources"`;
}

function has(shape: StructShape, word: string): string | undefined {
  return [...shape.fields.keys()].find((field) => normalise(field) === word);
}
