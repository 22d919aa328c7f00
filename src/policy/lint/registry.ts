import { rule as ap000 } from './rules/ap000-unreadable.ts';
import { rule as ap001 } from './rules/ap001-api-version.ts';
import { rule as ap002 } from './rules/ap002-no-rules.ts';
import { rule as ap003 } from './rules/ap003-level-or-stage.ts';
import { rule as ap004 } from './rules/ap004-unknown-field.ts';
import { rule as ap005 } from './rules/ap005-url.ts';
import { rule as ap006 } from './rules/ap006-group.ts';
import { rule as ap006v } from './rules/ap006v-any-group.ts';
import { rule as ap006w } from './rules/ap006w-nothing-left.ts';
import { rule as ap007 } from './rules/ap007-names.ts';
import { rule as ap008 } from './rules/ap008-wildcard.ts';
import { rule as ap009 } from './rules/ap009-verb.ts';
import { rule as ap010 } from './rules/ap010-resource.ts';
import { rule as ap011 } from './rules/ap011-unreachable.ts';
import { rule as ap012 } from './rules/ap012-partly-shadowed.ts';
import { rule as ap013 } from './rules/ap013-no-catch-all.ts';
import { rule as ap014 } from './rules/ap014-records-nothing.ts';
import { rule as ap020 } from './rules/ap020-cis-bodies.ts';
import { rule as ap021 } from './rules/ap021-token-bodies.ts';
import { rule as ap022 } from './rules/ap022-credential-bodies.ts';
import { rule as ap023 } from './rules/ap023-secrets-unrecorded.ts';
import { rule as ap024 } from './rules/ap024-workloads-unrecorded.ts';
import { rule as ap025 } from './rules/ap025-exec-unrecorded.ts';
import { rule as ap026 } from './rules/ap026-attach-unrecorded.ts';
import { rule as ap027 } from './rules/ap027-rbac-bodies.ts';
import { rule as ap028 } from './rules/ap028-control-unrecorded.ts';
import { rule as ap029 } from './rules/ap029-admins-unrecorded.ts';
import { rule as ap030 } from './rules/ap030-anonymous-unrecorded.ts';
import { rule as ap031 } from './rules/ap031-outcome-lost.ts';
import { rule as ap032 } from './rules/ap032-two-events.ts';
import { rule as ap033 } from './rules/ap033-managed-fields.ts';
import { rule as ap034 } from './rules/ap034-read-bodies.ts';
import { rule as ap035 } from './rules/ap035-noise.ts';
import { rule as ap036 } from './rules/ap036-broad-health.ts';
import { rule as ap037 } from './rules/ap037-cluster-scope.ts';
import { rule as ap038 } from './rules/ap038-names-of-nameless.ts';
import { rule as ap039 } from './rules/ap039-subresource-forgotten.ts';
import { rule as ap040 } from './rules/ap040-stig-rule.ts';
import { rule as ap041 } from './rules/ap041-flags.ts';
import { rule as ap042 } from './rules/ap042-size.ts';
import { rule as ap044 } from './rules/ap044-version.ts';
import { rule as ap045 } from './rules/ap045-documents.ts';
import { rule as ap046 } from './rules/ap046-failed-logins.ts';
import { rule as ap047 } from './rules/ap047-no-body.ts';
import { rule as ap048 } from './rules/ap048-ignore.ts';
import type { LintRule } from './rule.ts';

/** Every rule, in the order of the ids; docs/reference/lint-rules.md is generated from them. */
export const LINT_RULES: readonly LintRule[] = [
  ap000,
  ap001,
  ap002,
  ap003,
  ap004,
  ap005,
  ap006,
  ap006v,
  ap006w,
  ap007,
  ap008,
  ap009,
  ap010,
  ap011,
  ap012,
  ap013,
  ap014,
  ap020,
  ap021,
  ap022,
  ap023,
  ap024,
  ap025,
  ap026,
  ap027,
  ap028,
  ap029,
  ap030,
  ap031,
  ap032,
  ap033,
  ap034,
  ap035,
  ap036,
  ap037,
  ap038,
  ap039,
  ap040,
  ap041,
  ap042,
  ap044,
  ap045,
  ap046,
  ap047,
  ap048,
];

const byId = new Map(LINT_RULES.map((rule) => [rule.id, rule]));

export function lintRule(id: string): LintRule | undefined {
  return byId.get(id);
}
