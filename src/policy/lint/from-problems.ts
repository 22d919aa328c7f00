import { messageWithoutField, type Problem } from '../problem.ts';
import type { Find, LintContext } from './rule.ts';

/** For rules about what validation says: their findings are its problems, in its words. */
export function fromProblems(isMine: (problem: Problem) => boolean): (context: LintContext) => Find[] {
  return ({ problems }) =>
    problems.filter(isMine).map((problem) => ({
      at: [],
      message: said(problem),
      hint: hintOf(problem),
      severity: problem.severity,
      problem,
    }));
}

/** Without the name of the field before it, unless the sentence needs that. */
function said(problem: Problem): string {
  const message = messageWithoutField(problem);
  return (message.startsWith(' ') ? problem.message : message).replace(/\.$/, '');
}

/** Empty where only the page of the rule says what to do. */
function hintOf({ suggestion }: Problem): string {
  return suggestion === undefined ? '' : `write ${suggestion}`;
}

/** The upstream validator's word about a field: the last name of its path. */
export function isInvalid({ code, path }: Problem, ...fields: string[]): boolean {
  const [, field = ''] = /(?:^|\.)([^.[\]]+)(?:\[\d+\])*$/.exec(path) ?? [];
  return code === 'InvalidValue' && fields.includes(field);
}
