import type { LintRule } from '../rule.ts';

export const rule: LintRule = {
  id: 'AP041',
  severity: 'info',
  profiles: ['cis', 'stig'],
  docs: {
    title: 'flags that no policy can show',
    why: 'The CIS benchmark and V-242402 ff. ask for flags of kube-apiserver: `--audit-log-path`, `--audit-log-maxage` of at least 30, `--audit-log-maxbackup` of at least 10, `--audit-log-maxsize` of at least 100. They do not stand in the policy, so every policy has this reminder.',
    fix: 'Check the flags in the template of the cluster. When they are right, say so: `# lint-ignore: AP041 flags are checked in ...` above `rules`.',
    bad: `rules:
- level: Metadata`,
    good: `# lint-ignore: AP041 the cluster template sets them
rules:
- level: Metadata`,
  },
  check: ({ rules }) =>
    rules.length === 0
      ? []
      : [
          {
            at: ['rules'],
            message: 'the benchmark also asks for flags of kube-apiserver, which a policy cannot show',
            hint: 'check --audit-log-path, --audit-log-maxage (30), --audit-log-maxbackup (10) and --audit-log-maxsize (100)',
          },
        ],
};
