import { deciderOf, placeOf, wrongDecisions } from '../decisions.ts';
import { SPARING } from '../profiles.ts';
import type { LintRule } from '../rule.ts';
import { bodiesOf, CREDENTIAL_KINDS } from '../sensitive.ts';

const LEVELS = ['Request', 'RequestResponse'];

export const rule: LintRule = {
  id: 'AP022',
  severity: 'warning',
  profiles: [...SPARING, 'allow-list'],
  patterns: LEVELS.map((level) => bodiesOf(CREDENTIAL_KINDS, level)),
  docs: {
    title: 'other credentials with their bodies',
    why: 'Secrets, token reviews, certificate requests, OAuth tokens, and the objects of secret operators hold credentials, or the way to them. Recorded with bodies they stand in the audit log. `--credential-kind` adds those of your own fleet. Under the profile `allow-list` only RequestResponse counts.',
    fix: 'Give them a rule at Metadata before the rule that is named.',
    bad: `rules:
- level: Request`,
    good: `rules:
- level: Metadata
  resources:
  - resources: [secrets, configmaps, serviceaccounts/token]
  - {group: authentication.k8s.io, resources: [tokenreviews]}
  - {group: certificates.k8s.io}
  - {group: oauth.openshift.io}
  - {group: external-secrets.io}
  - {group: bitnami.com}
- level: Request`,
  },
  check: (context) => {
    const isMild = !SPARING.some((profile) => context.profiles.has(profile));
    const kinds = [...CREDENTIAL_KINDS, ...context.credentials];
    return LEVELS.filter((level) => level === 'RequestResponse' || !isMild)
      .flatMap((level) => wrongDecisions(context, [bodiesOf(kinds, level)], (one) => one === level))
      .map((wrong) => ({
        at: placeOf(wrong),
        message: `${deciderOf(wrong)} for a kind that holds credentials: its content is recorded`,
        hint: 'give secrets, tokens and certificate requests a rule at Metadata before this one',
        witness: wrong.witness,
      }));
  },
};
