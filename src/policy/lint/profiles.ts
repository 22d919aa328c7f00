/** What a policy is held to, with what each means; docs/reference/lint-rules.md is generated from this table. */
export const PROFILES = {
  baseline: 'What every policy that is meant to record a cluster should keep to. The default.',
  cis: 'The CIS Kubernetes Benchmark, section 3.2, and the baseline.',
  stig: 'The Kubernetes STIG (V-242403), and what of the baseline does not contradict it: it wants every body recorded.',
  pci: 'PCI DSS 10.2.1, and the baseline: access to secrets and what administrators do is never left out.',
  nsa: 'The NSA/CISA Kubernetes Hardening Guide. What it asks of a policy is in the baseline: the same rules.',
  'allow-list':
    'For policies that record chosen things on purpose, and nothing else. What is not recorded is then no finding.',
} as const;
export type Profile = keyof typeof PROFILES;

/** For what is wrong whatever the policy is for. */
export const EVERY: readonly Profile[] = ['baseline', 'cis', 'stig', 'pci', 'nsa', 'allow-list'];
/** For what a policy misses that is meant to record a whole cluster. */
export const COMPLETE: readonly Profile[] = ['baseline', 'cis', 'stig', 'pci', 'nsa'];
/** For what is recorded too much, which the STIG wants so. */
export const SPARING: readonly Profile[] = ['baseline', 'cis', 'pci', 'nsa'];
