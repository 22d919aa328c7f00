import { prefixOf } from '../../requests/paths.ts';
import { COMPLETE } from '../profiles.ts';
import type { LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP036',
  severity: 'warning',
  profiles: COMPLETE,
  docs: {
    title: 'a rule for health checks that hides more',
    why: 'With `*`, `/*` or `/api*` at level None the log does not show who looks around: discovery, metrics, logs and everything that is no resource.',
    fix: 'Name the URLs that are noise: `/healthz*`, `/livez*`, `/readyz*`, `/version`.',
    bad: `rules:
- level: None
  nonResourceURLs: ["/api*"]
- level: Metadata`,
    good: `rules:
- level: None
  nonResourceURLs: ["/healthz*", "/livez*", "/readyz*", /version]
- level: Metadata`,
  },
  check: ({ rules }) =>
    rules.flatMap(({ level, nonResourceURLs = [] }, index) =>
      nonResourceURLs.flatMap((spec, i) =>
        level === 'None' && isBroad(spec)
          ? [
              {
                at: ['rules', index, 'nonResourceURLs', i],
                message: `${JSON.stringify(spec)} at level None hides discovery and probing, not only health checks`,
                hint: 'name the URLs that are noise: /healthz*, /livez*, /readyz*, /version',
              },
            ]
          : [],
      ),
    ),
};

/** Prefixes that take in the API's own discovery. */
function isBroad(spec: string): boolean {
  if (!spec.endsWith('*')) return false;
  const prefix = prefixOf(spec);
  return ['/api/', '/apis/'].some((path) => path.startsWith(prefix));
}
