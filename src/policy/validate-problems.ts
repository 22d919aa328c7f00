import type { Position, Problem } from './problem.ts';
import { LEVELS, type AuditPolicy } from './types.ts';
import { suggestLevel, suggestStage } from './suggest.ts';
import type { ValidationError } from './validate.ts';
import { NO_RULES } from './validate-load.ts';

/** Where the value at a path of the policy stands in the text that it came from. */
export type PositionOf = (path: (string | number)[], part: 'key' | 'value') => Position | undefined;

/**
 * The validator's errors, and the loader's refusal of a policy without rules, for whoever wrote the policy: upstream's
 * message whole, what would be right where upstream does not say, and what was probably meant.
 */
export function toProblems(
  errors: readonly ValidationError[],
  policy: AuditPolicy,
  positionOf: PositionOf = () => undefined,
): Problem[] {
  const problems = errors.map((error) => invalidValue(error, positionOf));
  return (policy.rules ?? []).length > 0 ? problems : [...problems, noRules(positionOf)];
}

function invalidValue(error: ValidationError, positionOf: PositionOf): Problem {
  const position = positionOf([...error.path], 'value');
  const suggestion = suggestionFor(error);
  return {
    code: 'InvalidValue',
    severity: 'error',
    path: formatPath(error.path),
    message: error.message + adviceFor(error),
    ...(suggestion === undefined ? {} : { suggestion }),
    ...(position === undefined ? {} : { position }),
  };
}

function noRules(positionOf: PositionOf): Problem {
  const position = positionOf(['rules'], 'key');
  return {
    code: 'NoRules',
    severity: 'error',
    path: 'rules',
    message: `${NO_RULES}: kube-apiserver does not start with it. Add at least one rule; "- level: None" logs nothing.`,
    ...(position === undefined ? {} : { position }),
  };
}

function suggestionFor({ path, value }: ValidationError): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (path.at(-1) === 'level') return suggestLevel(value);
  return path.at(-2) === 'omitStages' ? suggestStage(value) : undefined;
}

function adviceFor({ path, type, value }: ValidationError): string {
  const field = path.at(-1);
  if (field === 'group' && value === '*') {
    return '. Kubernetes takes "*" for every group from 1.36 on; for older versions name each group.';
  }
  if (field === 'level' && type === 'FieldValueRequired')
    return `: every rule needs one of ${LEVELS.join(', ')}`;
  return '';
}

function formatPath(path: readonly (string | number)[]): string {
  return path
    .map((segment, i) => (typeof segment === 'number' ? `[${segment}]` : i === 0 ? segment : `.${segment}`))
    .join('');
}
