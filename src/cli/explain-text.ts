import type { Explanation } from '../policy/explain/explain.ts';
import { describeRequest } from '../policy/requests/describe.ts';
import type { AskedRequest } from './asked-requests.ts';
import type { CheckedPolicy } from './checked-policy.ts';
import { ruleLine } from './policies.ts';
import { Table } from './table.ts';
import { printableLine } from './terminal.ts';

/** A request, and why a policy decides about it as it does. */
export interface Explained {
  policy: CheckedPolicy;
  asked: AskedRequest;
  explanation: Explanation;
}

/** For people: the request, the verdict, and what each rule says to it. */
export function explainedText({ policy, asked, explanation }: Explained): string {
  const { rules, decision } = explanation;
  const when = asked.when === undefined ? '' : ` (${asked.when})`;
  const rows = rules.map(({ rule, level, verdict, mismatch }) => [
    String(rule + 1),
    level,
    verdict,
    mismatch === undefined
      ? verdict === 'late'
        ? `matches, but rule ${decision.rule + 1} comes first`
        : ''
      : `${mismatch.field}: ${mismatch.reason}`,
  ]);
  return [
    `${printableLine(describeRequest(asked.request))}${when}\n`,
    `→ ${verdictText(policy, explanation)}\n`,
    new Table(['rule', 'level', 'matches', 'why']).indented(rows),
    '\n',
  ].join('');
}

/** `Metadata by rule 3 (policy.yaml:12), written at ResponseComplete and Panic` */
export function verdictText(policy: CheckedPolicy, { decision, stages }: Explanation): string {
  const { level, rule, omitManagedFields } = decision;
  if (rule < 0) return `None: no rule of ${policy.source.name} matches, so nothing is recorded`;
  const by = `${level} by rule ${rule + 1} (${placeOfRule(policy, rule)})`;
  if (level === 'None') return `${by}: nothing is recorded`;
  if (stages.length === 0) return `${by}, but nothing is recorded: every stage is omitted`;
  const fields = omitManagedFields && level !== 'Metadata' ? ', without managed fields' : '';
  return `${by}, recorded at ${stagesText(stages)}${fields}`;
}

/** A request that panics ends with Panic and not with ResponseComplete. */
function stagesText(stages: readonly string[]): string {
  return stages.join(', ').replace('ResponseComplete, Panic', 'ResponseComplete (or Panic)');
}

/** Where a rule stands: `policy.yaml:12`. */
export function placeOfRule(policy: CheckedPolicy, rule: number): string {
  const line = ruleLine(policy, rule);
  return line === undefined ? policy.source.name : `${policy.source.name}:${line}`;
}

/** For programs. Rules count from 1, as everywhere; `rule` is null when none matches. */
export function explainedJson({ policy, asked, explanation }: Explained): object {
  const { decision, stages, rules } = explanation;
  return {
    file: policy.source.name,
    ...(policy.name === undefined ? {} : { name: policy.name }),
    ...(policy.namespace === undefined ? {} : { namespace: policy.namespace }),
    request: asked.request,
    ...(asked.when === undefined ? {} : { when: asked.when }),
    isMain: asked.isMain,
    level: decision.level,
    rule: decision.rule < 0 ? null : decision.rule + 1,
    line: decision.rule < 0 ? null : (ruleLine(policy, decision.rule) ?? null),
    stages,
    omitStages: decision.omitStages,
    omitManagedFields: decision.omitManagedFields,
    rules: rules.map(({ rule, level, verdict, mismatch }) => ({
      rule: rule + 1,
      line: ruleLine(policy, rule) ?? null,
      level,
      verdict,
      ...(mismatch === undefined ? {} : { mismatch }),
    })),
  };
}
