/** One long check: a script of this folder whose exit status tells. */
export interface Check {
  name: string;
  /** Under test/long. */
  script: string;
  what: string;
  /** Whether it takes `--seed N`. */
  isSeeded: boolean;
  /** How long it takes on two cores, binaries built; for `--help`. */
  minutes: string;
}

export const CHECKS: readonly Check[] = [
  {
    name: 'differential',
    script: 'differential.ts',
    what: "src/policy against upstream's own Go code, on generated cases",
    isSeeded: true,
    minutes: '3 min',
  },
  {
    name: 'policy-files',
    script: 'policy-files.ts',
    what: 'what a real kube-apiserver does with policy files, against what this program says of them',
    isSeeded: false,
    minutes: '4 min',
  },
  {
    name: 'versions',
    script: 'versions.ts',
    what: 'delivery, hold and repair on the API servers of other Kubernetes versions',
    isSeeded: false,
    minutes: '3 min',
  },
  {
    name: 'true-durations',
    script: 'true-durations.ts',
    what: 'five idle minutes, and streams that fall silent, by the real clock',
    isSeeded: false,
    minutes: '8 min',
  },
  {
    name: 'crash-sweep',
    script: 'crash-sweep.ts',
    what: 'SIGKILL after every single write of every change on six clusters, and twice in a row',
    isSeeded: true,
    minutes: '15 min',
  },
  {
    name: 'bounded-change',
    script: 'bounded-change.ts',
    what: 'one edit, 1,000 clusters: never more change at a time than may, in any state of the API server',
    isSeeded: false,
    minutes: '7 min',
  },
  {
    name: 'fail-over',
    script: 'fail-over.ts',
    what: 'how long nobody leads when the leader is stopped or killed, with the lease times of every day',
    isSeeded: false,
    minutes: '2 min',
  },
  {
    name: 'random-scripts',
    script: 'random-scripts.ts',
    what: 'random scripts of users, vandals and fail-overs end as if nothing had happened',
    isSeeded: true,
    minutes: '4 min',
  },
  {
    name: 'mutation',
    script: 'mutation.ts',
    what: 'mutation testing of src/api, src/policy and src/plan with their unit tests',
    isSeeded: true,
    minutes: '10+ min',
  },
];
