import { goJson, goQuote } from './go-quote.ts';
import { compareVersions, type KubernetesVersion } from './kubernetes-version.ts';
import { LEVELS, STAGES, type AuditPolicy, type GroupResources, type PolicyRule } from './types.ts';
import { dnsSubdomainProblems } from './validate-dns.ts';

export { loadRefusal } from './validate-load.ts';
export { toProblems } from './validate-problems.ts';

export type ValidationErrorType = 'FieldValueRequired' | 'FieldValueNotSupported' | 'FieldValueInvalid';

/** One error of upstream's validator: a `field.Error` in its parts, and where it stands. */
export interface ValidationError {
  /** As upstream writes it. Paths of `resources` carry no index there: `rules[0].resources.group`. */
  field: string;
  type: ValidationErrorType;
  /** What was found; "" when nothing was. */
  value: string | readonly string[];
  /** May be empty. */
  detail: string;
  /** `field.Error.Error()`, letter for letter. */
  message: string;
  /** Exactly where: `['rules', 0, 'resources', 2, 'group']`. */
  path: readonly (string | number)[];
}

type Path = readonly (string | number)[];

/** `group: "*"` is valid from here on; before, the validator takes it for a malformed name. */
const WILDCARD_GROUP_SINCE: KubernetesVersion = { major: 1, minor: 36 };

/**
 * The errors of upstream's validator, letter for letter and in its order (pkg/apis/audit/validation of k8s.io/apiserver
 * v0.34 to v0.36; they differ in `group: "*"` alone). Empty when the policy is valid for that version. It does not
 * refuse a policy without rules; only the loader does: see `loadRefusal`.
 */
export function validatePolicy(policy: AuditPolicy, version: KubernetesVersion): ValidationError[] {
  return [
    ...validateStages(policy.omitStages, ['omitStages']),
    ...(policy.rules ?? []).flatMap((rule, i) => validateRule(rule, ['rules', i], version)),
  ];
}

/** `ErrorList.ToAggregate().Error()`: equal messages once, in brackets when there are several; '' for none. */
export function aggregate(errors: readonly ValidationError[]): string {
  const messages = [...new Set(errors.map(({ message }) => message))];
  return messages.length > 1 ? `[${messages.join(', ')}]` : (messages[0] ?? '');
}

function validateRule(rule: PolicyRule, path: Path, version: KubernetesVersion): ValidationError[] {
  const urls = rule.nonResourceURLs ?? [];
  const isMixed =
    urls.length > 0 && [rule.resources, rule.namespaces].some((list) => (list ?? []).length > 0);
  return [
    ...validateLevel(rule.level, [...path, 'level']),
    ...urls.flatMap((url, i) => validateUrl(url, [...path, 'nonResourceURLs', i])),
    ...(rule.resources ?? []).flatMap((entry, i) =>
      validateResources(entry, [...path, 'resources', i], version),
    ),
    ...validateStages(rule.omitStages, [...path, 'omitStages']),
    ...(isMixed
      ? [
          invalid(
            [...path, 'nonResourceURLs'],
            urls,
            'rules cannot apply to both regular resources and non-resource URLs',
          ),
        ]
      : []),
  ];
}

function validateLevel(level: string, path: Path): ValidationError[] {
  if (LEVELS.some((allowed) => allowed === level)) return [];
  const field = fieldOf(path);
  if (level === '') {
    const message = `${field}: Required value`;
    return [{ field, type: 'FieldValueRequired', value: '', detail: '', message, path }];
  }
  const detail = `supported values: ${LEVELS.map(goQuote).join(', ')}`;
  // Upstream's type is not Go's plain string here, so it prints as JSON.
  const message = `${field}: Unsupported value: ${goJson(level)}: ${detail}`;
  return [{ field, type: 'FieldValueNotSupported', value: level, detail, message, path }];
}

function validateUrl(url: string, path: Path): ValidationError[] {
  if (url === '*') return [];
  return [
    ...(url.startsWith('/')
      ? []
      : [invalid(path, url, "non-resource URL rules must begin with a '/' character")]),
    ...(url.slice(0, -1).includes('*')
      ? [invalid(path, url, "non-resource URL wildcards '*' must be the final character of the rule")]
      : []),
  ];
}

function validateResources(entry: GroupResources, path: Path, version: KubernetesVersion): ValidationError[] {
  const group = entry.group ?? '';
  const isAllowedWildcard = group === '*' && compareVersions(version, WILDCARD_GROUP_SINCE) >= 0;
  const problems = group === '' || isAllowedWildcard ? [] : dnsSubdomainProblems(group);
  const names = entry.resourceNames ?? [];
  const namesWithoutResources = names.length > 0 && (entry.resources ?? []).length === 0;
  return [
    ...(problems.length > 0 ? [invalid([...path, 'group'], group, problems.join(','))] : []),
    ...(namesWithoutResources
      ? [invalid([...path, 'resourceNames'], names, 'using resourceNames requires at least one resource')]
      : []),
  ];
}

function validateStages(stages: string[] | undefined, path: Path): ValidationError[] {
  return (stages ?? []).flatMap((stage, i) =>
    STAGES.some((allowed) => allowed === stage)
      ? []
      : [invalid([...path, i], stage, `allowed stages are ${STAGES.join(',')}`)],
  );
}

function invalid(path: Path, value: string | readonly string[], detail: string): ValidationError {
  const field = fieldOf(path);
  const printed = typeof value === 'string' ? goQuote(value) : goJson(value);
  const message = `${field}: Invalid value: ${printed}: ${detail}`;
  return { field, type: 'FieldValueInvalid', value, detail, message, path };
}

/** Upstream names an entry of `resources` without its index. */
function fieldOf(path: Path): string {
  return path
    .filter((segment, i) => !(typeof segment === 'number' && path[i - 1] === 'resources'))
    .map((segment, i) => (typeof segment === 'number' ? `[${segment}]` : i === 0 ? segment : `.${segment}`))
    .join('');
}
