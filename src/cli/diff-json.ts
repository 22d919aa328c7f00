import type { Side } from '../policy/diff/changes.ts';
import { describeRule } from '../policy/diff/fields.ts';
import type { RuleEdit } from '../policy/diff/rules.ts';
import { describeRequest } from '../policy/requests/describe.ts';
import type { Compared, PolicySide } from './compared.ts';

/** For programs. Rules count from 1; a rule is null where there is none. */
export function comparedJson({ before, after, sameness, diff }: Compared): object {
  const { changes, undecided } = diff.requests;
  return {
    sameness,
    before: sideJson(before),
    after: sideJson(after),
    policy: diff.fields,
    rules: diff.rules.map((edit) => editJson(edit, before, after)),
    requests: changes.map((change) => ({
      kind: change.kind,
      before: outcomeJson(change.before, before),
      after: outcomeJson(change.after, after),
      witness: { text: describeRequest(change.request), request: change.request },
    })),
    undecided: undecided.map((pair) => ({
      before: numberOf(pair.before),
      ...(pair.after === undefined ? {} : { after: numberOf(pair.after) }),
    })),
  };
}

function sideJson({ title, file, accepted }: PolicySide): object {
  const { hash, sha256, rules } = accepted;
  return { title, file: file ?? null, hash, sha256, fingerprint: accepted.fingerprint(), rules };
}

function editJson(edit: RuleEdit, before: PolicySide, after: PolicySide): object {
  const old = 'before' in edit ? edit.before : undefined;
  const now = 'after' in edit ? edit.after : undefined;
  return {
    kind: edit.kind,
    before: old === undefined ? null : ruleJson(old, before),
    after: now === undefined ? null : ruleJson(now, after),
    ...(edit.kind === 'changed' ? { moved: edit.isMoved ?? false, fields: edit.fields } : {}),
  };
}

function ruleJson(rule: number, { accepted, lineOf }: PolicySide): object {
  const text = describeRule(accepted.policy.rules?.[rule] ?? { level: '' });
  return { rule: rule + 1, line: lineOf(rule) ?? null, text };
}

function outcomeJson(
  { rule, level, ruleLevel, stages, omitsManagedFields }: Side,
  { lineOf }: PolicySide,
): object {
  const line = rule < 0 ? null : (lineOf(rule) ?? null);
  const recorded = level === 'None' ? level : ruleLevel;
  return { rule: numberOf(rule), line, level: recorded, stages, omitManagedFields: omitsManagedFields };
}

function numberOf(rule: number): number | null {
  return rule < 0 ? null : rule + 1;
}
