import type { KubernetesVersion } from '../kubernetes-version.ts';
import type { Problem } from '../problem.ts';
import type { RequestPattern } from '../requests/pattern.ts';
import type { RequestSpace, Witness } from '../requests/space.ts';
import type { AuditPolicy, GroupResources, PolicyRule } from '../types.ts';
import type { Profile } from './profiles.ts';

/** Worst first. */
export const SEVERITIES = ['error', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One thing that a lint rule looks for; a file each in `rules/`. */
export interface LintRule {
  /** `AP011`, for good: people write it into their files. */
  id: string;
  severity: Severity;
  /** The profiles that it belongs to. */
  profiles: readonly Profile[];
  /** Requests that its check asks `context.space` about. */
  patterns?: readonly RequestPattern[];
  docs: RuleDocs;
  /** Pure and total. A policy that validation refuses has `policy` as far as it could be read. */
  check: (context: LintContext) => Find[];
}

/** The page of a rule. Markdown, short sentences. */
export interface RuleDocs {
  /** What is found, in a few words. */
  title: string;
  why: string;
  fix: string;
  /** A policy that has the finding, and one that has not: without apiVersion and kind unless they are the point. */
  bad: string;
  good: string;
  /** Of `bad` and `good`, when another version than the newest is needed. */
  version?: KubernetesVersion;
}

/** What a check may look at. */
export interface LintContext {
  policy: AuditPolicy;
  rules: readonly PolicyRule[];
  /** What validation says; when there is an error among it, only rules about that have a say. */
  problems: readonly Problem[];
  profiles: ReadonlySet<Profile>;
  /** The oldest version that the policy is for. */
  version: KubernetesVersion;
  /** Further kinds that hold credentials in this fleet. */
  credentials: readonly GroupResources[];
  /** Bytes of the policy as it is delivered; 0 for a refused one. */
  renderedBytes: number;
  space: RequestSpace;
  /** The policy's decision about one request. */
  ask: (request: Witness['request']) => Witness;
  /** Says that the space could not decide something within its bound. */
  undecided: () => void;
}

/** What a check finds. */
export interface Find {
  /** Below the policy: `['rules', 2, 'level']`. */
  at: readonly (string | number)[];
  /** Default: the value, but of a field of the policy itself the key. */
  part?: 'key' | 'value';
  /** What is so, a sentence without its full stop. */
  message: string;
  /** What to do about it, likewise; empty for the first sentence of the page's `fix`. */
  hint: string;
  witness?: Witness;
  /** When it is not the rule's. */
  severity?: Severity;
  /** When it was a problem before: its own path and position. */
  problem?: Problem;
}
