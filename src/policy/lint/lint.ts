import type { PolicyContent } from '../content.ts';
import { compilePolicy } from '../evaluate.ts';
import { formatPath } from '../decode-path.ts';
import { OLDEST_TESTED, type KubernetesVersion } from '../kubernetes-version.ts';
import type { Position } from '../problem.ts';
import { RequestSpace, type SpaceOptions, type Witness } from '../requests/space.ts';
import type { GroupResources } from '../types.ts';
import type { Profile } from './profiles.ts';
import { LINT_RULES } from './registry.ts';
import type { Find, LintContext, LintRule, Severity } from './rule.ts';

/** One thing that is wrong, or worth knowing. */
export interface Finding {
  /** Of the rule of the linter: `AP011`. */
  id: string;
  severity: Severity;
  /** Of the rule of the policy, from 0. */
  ruleIndex?: number;
  /** As upstream writes it: `rules[3].level`. */
  path: string;
  message: string;
  hint: string;
  /** A request for which it is so. */
  witness?: Witness;
  /** Only when the source was text. */
  position?: Position;
  /** Where a comment may silence it; none for what validation refuses. */
  ignoreLines: readonly number[];
}

export interface LintResult {
  /** In the order of the text, then of the ids. */
  findings: Finding[];
  /** Rules of the linter that could not be decided within the bound on their work: no finding, and not its absence. */
  undecided: string[];
  /** The rules that would have found what is there: of a refused policy none but that about comments. */
  checked: ReadonlySet<string>;
}

export interface LintOptions {
  /** Default: baseline. */
  profiles?: readonly Profile[];
  /** The oldest version that the policy is for; default: the oldest tested. */
  version?: KubernetesVersion;
  /** Further kinds that hold credentials, for AP022. */
  credentials?: readonly GroupResources[];
  /** The bound on the work, see `RequestSpace`. */
  space?: Pick<SpaceOptions, 'maxPerQuestion' | 'maxTotal'>;
}

/**
 * Lints a policy that was read. What validation refuses makes the findings of the AP00x rules, and then no others: about what cannot be
 * read nothing more can be said. Never throws, and its work is bounded.
 */
export function lintPolicy(content: PolicyContent, options: LintOptions = {}): LintResult {
  const profiles = new Set<Profile>(options.profiles ?? ['baseline']);
  const rules = LINT_RULES.filter((rule) => rule.profiles.some((profile) => profiles.has(profile)));
  const undecided = new Set<string>();
  let current = '';
  const context = contextOf(content, rules, profiles, options, () => undecided.add(current));
  const isRefused = content.problems.some(({ severity }) => severity === 'error');
  const findings = rules.flatMap((rule) => {
    current = rule.id;
    return rule
      .check(context)
      .filter(({ problem }) => !isRefused || problem !== undefined || rule.id === 'AP006w')
      .map((find) => toFinding(rule, find, content));
  });
  return {
    findings: findings.sort(byPlace),
    undecided: [...undecided],
    checked: new Set(isRefused ? ['AP048'] : rules.map(({ id }) => id).filter((id) => !undecided.has(id))),
  };
}

function contextOf(
  content: PolicyContent,
  rules: readonly LintRule[],
  profiles: ReadonlySet<Profile>,
  { version = OLDEST_TESTED, credentials = [], space }: LintOptions,
  undecided: () => void,
): LintContext {
  const policy = content.accepted?.policy ?? content.draft ?? {};
  const decide = compilePolicy(policy);
  const patterns = [...rules.flatMap((rule) => rule.patterns ?? []), { resources: [...credentials] }];
  return {
    policy,
    rules: policy.rules ?? [],
    problems: content.problems,
    profiles,
    version,
    credentials,
    renderedBytes: Buffer.byteLength(content.accepted?.yaml ?? ''),
    space: new RequestSpace(policy, { ...space, patterns }),
    ask(request) {
      const { rule, level } = decide(request);
      return { request, rule, level };
    },
    undecided,
  };
}

function toFinding(rule: LintRule, find: Find, { locate }: PolicyContent): Finding {
  const {
    at,
    part = at.length === 1 ? 'key' : 'value',
    message,
    hint,
    severity = rule.severity,
    witness,
    problem,
  } = find;
  const position = problem ? problem.position : locate?.([...at], part);
  const path = problem?.path ?? formatPath('', at);
  const ruleIndex = ruleIndexOf(path);
  const owner = ruleIndex === undefined ? undefined : locate?.(['rules', ruleIndex], 'value');
  const lines = [position?.line, owner?.line].filter((line) => line !== undefined);
  return {
    id: rule.id,
    severity,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    path,
    message,
    hint: hint === '' ? firstSentence(rule.docs.fix) : hint,
    ...(witness === undefined ? {} : { witness }),
    ...(position === undefined ? {} : { position }),
    ignoreLines: problem?.severity === 'error' ? [] : [...new Set(lines)],
  };
}

/** Of a page, for a terminal. */
function firstSentence(markdown: string): string {
  const [sentence = ''] = markdown.split(/[.;](?: |$)/);
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`.replaceAll('`', '');
}

function ruleIndexOf(path: string): number | undefined {
  const [, index] = /(?:^|\.)rules\[(\d{1,9})\]/.exec(path) ?? [];
  return index === undefined ? undefined : Number(index);
}

const NOWHERE: Position = { line: 0, column: 0 };

function byPlace(a: Finding, b: Finding): number {
  const [one, other] = [a.position ?? NOWHERE, b.position ?? NOWHERE];
  const place = one.line - other.line || one.column - other.column;
  return place || (a.ruleIndex ?? -1) - (b.ruleIndex ?? -1) || (a.id < b.id ? -1 : Number(a.id > b.id));
}
