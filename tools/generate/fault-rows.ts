/** A fault or an attack that the operator is claimed to survive. */
export interface FaultRow {
  id: string;
  /** What goes wrong, or what somebody tries. */
  what: string;
  /** What the operator does about it. */
  answer: string;
}

/** By these ids the tests are found: the title of each begins with one, or several. */
export const FAULTS: readonly FaultRow[] = [
  {
    id: 'F1',
    what: 'The process is killed right after any one of its writes.',
    answer: 'The next one ends in the same state, and no control plane rolls once more for it.',
  },
  {
    id: 'F2',
    what: 'The ConfigMap is written, and the values are refused, or the request is lost.',
    answer:
      'The ConfigMap goes back to what the values name; content and hash stay together until both can change.',
  },
  {
    id: 'F3',
    what: 'A watch loses updates and deletions.',
    answer: 'The next list of that kind finds them; what was tampered with meanwhile is repaired then.',
  },
  {
    id: 'F4',
    what: 'The API server answers with an older state: a stale list, or events over again.',
    answer: 'A store goes forward only; no older content and no older reference is written.',
  },
  {
    id: 'F5',
    what: 'The history that a watch would go on from has been compacted (410).',
    answer: 'The collection is read anew; nothing is written a second time.',
  },
  {
    id: 'F6',
    what: 'A watch falls silent, and its connection stays open.',
    answer: 'It is given up when not even a bookmark has come for some minutes, and begun anew.',
  },
  {
    id: 'F7',
    what: 'A storm of resets, 409, 429 or 500.',
    answer:
      'Back-off with jitter, for each cluster by itself; Retry-After is honoured; no kind is asked more than about once a second.',
  },
  {
    id: 'F8',
    what: 'The API server is away for ten minutes.',
    answer:
      'The operator catches up without a rush; no deadline and no retention ends by the downtime alone.',
  },
  {
    id: 'F9',
    what: 'Two replicas, a lost Lease, a leader that is frozen (SIGSTOP) and wakes up.',
    answer:
      'One works at a time. Before each write the leader makes sure, by a clock that runs on while it is frozen, that its lease is still its own.',
  },
  {
    id: 'F10',
    what: 'The clock of the machine is wrong, or a time stamp is odd.',
    answer:
      "Times are compared by the API server's clock; a stamp that is no time, or lies ahead, counts for nothing.",
  },
  {
    id: 'F12',
    what: 'Somebody strips label, owner or annotations off the ConfigMap.',
    answer: 'They are put back. The ConfigMap is known by the values that name it.',
  },
  {
    id: 'F13',
    what: 'The operator is upgraded or downgraded, also in the middle of an edit.',
    answer:
      'No HelmRelease and no ConfigMap is written; fields, labels and annotations that it does not know stay.',
  },
  {
    id: 'F14',
    what: 'Nothing happens, in a fleet that has clusters refused, held, paused, in conflict.',
    answer:
      'No write, and no request but watches; a foreign ConfigMap in the way is looked at once a minute.',
  },
  {
    id: 'F15',
    what: 'A policy that many clusters name is edited.',
    answer: 'Never more clusters change at a time than `--max-concurrent-changes`; all of them in the end.',
  },
  {
    id: 'F16',
    what: 'Another writer (KCM, GitOps) puts the values without our keys, or with its own.',
    answer:
      'Two rewrites at most, over any number of restarts; then the operator stops and names the writer.',
  },
  {
    id: 'F17',
    what: 'The user has keys of his own beside ours in `audit`, or owns the whole of it.',
    answer: 'They stay through delivery and clearing; a field that another owns is never forced.',
  },
  {
    id: 'F18',
    what: 'The HelmRelease is missing, suspended, in another namespace, or going away.',
    answer: 'The condition says which; nothing is created in its place, and the delivery follows by itself.',
  },
  {
    id: 'F19',
    what: 'The upgrade fails, and Flux puts the old values back into the release.',
    answer: 'The message tells of the failure; what mends it is not held up.',
  },
  {
    id: 'F20',
    what: 'A roll-out never ends.',
    answer: 'At the deadline it counts as failed and gives its place to the next cluster.',
  },
  {
    id: 'F22',
    what: 'The policy is edited again and again while a change is under way.',
    answer: 'Only the newest content follows.',
  },
  {
    id: 'F24',
    what: 'The policy is deleted while clusters name it.',
    answer: 'Values and ConfigMap stay, and are repaired from the kept copy; the condition says so.',
  },
  {
    id: 'F25',
    what: 'The ClusterDeployment is deleted during a change, and made again under its name.',
    answer: 'It is another cluster: nothing of the old one is taken for it but what the values prove.',
  },
  {
    id: 'F26',
    what: 'A fault comes back for an hour.',
    answer: 'Few Events, counted up; `lastTransitionTime` moves only with the status.',
  },
  {
    id: 'F27',
    what: 'A quota is used up, a namespace is going away, a right is missing in one namespace.',
    answer: "The condition has the server's words; all other clusters go on.",
  },
  {
    id: 'F28',
    what: 'The same end by another way: there and back again, or in another order.',
    answer: 'The same objects, byte for byte.',
  },
  {
    id: 'A1',
    what: 'A foreign ConfigMap has the name that ours must have.',
    answer:
      'It is never adopted, overwritten or deleted, also when the reference is cleared; `NameConflict`.',
  },
  {
    id: 'A2',
    what: 'A tenant edits our ConfigMap: content, keys, marks, owners, finalizers, `immutable`, or fills it up.',
    answer:
      'It is whole again within milliseconds, with a Warning when the content was touched; so also while the policy is refused, deleted or waiting. Nothing rolls.',
  },
  {
    id: 'A3',
    what: 'A tenant deletes our ConfigMap and makes another, also while no operator runs.',
    answer: 'It is repaired, with a Warning, at once or at the start.',
  },
  {
    id: 'A4',
    what: 'A tenant copies all our marks onto a ConfigMap: label, annotations, uid, owner.',
    answer:
      'Marks allow nothing to be done to bytes that the operator never put there. What they can do is told [below](#what-a-tenant-can-still-do).',
  },
  {
    id: 'A5',
    what: 'A reference that leads out of the namespace: `ns/name`, `../x`, encoded, absolute, very long.',
    answer: '`InvalidReference`; no request is made of it.',
  },
  {
    id: 'A6',
    what: 'A tenant writes a ClusterAuditReport, or an administrator fakes one.',
    answer:
      'The roles that ship for people let nobody write them; what is faked all the same is put right from what is seen.',
  },
  {
    id: 'A9',
    what: 'Names at the limits of length, and letters that only look Latin.',
    answer:
      'What the API server takes is taken; a ConfigMap name over 253 characters is refused with the number; look-alikes are shown as escapes.',
  },
  {
    id: 'A10',
    what: "Names that lead to another cluster's ConfigMap: `a` and `a-audit-policy`.",
    answer: 'Each cluster has its own; none touches that of its neighbour.',
  },
  {
    id: 'A11',
    what: 'A policy that fits into its own object, and not into a ConfigMap or its kept copy.',
    answer: 'Refused with the number of bytes; nothing is written.',
  },
  {
    id: 'A12',
    what: 'A policy of a hundred thousand rules, or of as many of anything.',
    answer:
      'The webhook counts before it judges, and refuses with the number; many rules that it can still judge are a warning. Lint has bounds of its own, and says what it left.',
  },
  {
    id: 'A13',
    what: 'Alias bombs, deep nesting, merge keys, `__proto__`, repeated keys, in files and objects.',
    answer: 'Refused with the line or the path, soon, in little memory.',
  },
  {
    id: 'A14',
    what: 'Texts that send a regular expression back and forth.',
    answer: 'Every expression takes time in proportion; none is made of a text from outside.',
  },
  {
    id: 'A15',
    what: 'Line feeds, escape sequences and marks of direction in names and values.',
    answer: 'Escaped in log, terminal, conditions and Events; a message is one bounded line.',
  },
  {
    id: 'A16',
    what: 'Audit logs that are huge or damaged: a line of a gigabyte, a bomb of gzip, lists without an end, names of a megabyte.',
    answer:
      'Read as a stream in bounded memory; what cannot be read is counted and located, all else counts, and the exit code is 1.',
  },
  {
    id: 'A17',
    what: 'The webhook is down, silent, has expired, or is somebody else.',
    answer:
      'Policies cannot be written; labels, finalizers, status, deletions, ClusterDeployments and namespaces go on. The controllers validate again, so nothing bad is delivered. Certificates are renewed long before, without a restart.',
  },
  {
    id: 'A18',
    what: 'The webhook is down, and what would mend it needs the webhook.',
    answer:
      "Its own namespace is not asked for, nor are deletions, nor an update that leaves the policy's spec; upgrade and uninstall succeed without a Pod.",
  },
  {
    id: 'A19',
    what: 'Somebody else than the API server calls the webhook: wrong paths, broken or huge bodies, old TLS, requests without an end.',
    answer:
      'A 4xx, at most 3 MiB each and 64 MiB in all, TLS 1.2 or newer, a time limit for everything; the next call is answered.',
  },
  {
    id: 'A20',
    what: 'Two policies with one short hash.',
    answer: '`HashCollision`: the second is refused. Contents are compared by the whole sha256.',
  },
  {
    id: 'A21',
    what: "The operator's token is stolen.",
    answer:
      'It has the rights that the operator uses and no other, and an admission policy holds it to the ConfigMaps and values that are its own. [What it can do](../security.md#a-stolen-token).',
  },
  {
    id: 'A22',
    what: 'It may run only as Pod Security `restricted` allows: no root, and nothing to write to.',
    answer: 'It runs, and writes no file.',
  },
  {
    id: 'A23',
    what: 'Metrics tell names of clusters or users, or grow with the fleet.',
    answer: 'No label has a name of a user; five thousand clusters have as many series as three.',
  },
  {
    id: 'A24',
    what: 'Secrets in the bodies of a recorded audit log, broken lines among them.',
    answer:
      'No output has any part of a body: not the figures, the page, an error, nor a log of debug level.',
  },
  {
    id: 'A25',
    what: 'A policy that the newest kube-apiserver takes and an older one does not start with.',
    answer: 'Refused for each such cluster before anything is written; the others go on.',
  },
];

/** Claimed, and not proved yet: must be empty in a release. */
export const PENDING: readonly string[] = [];
