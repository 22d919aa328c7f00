const decimal = /^(?:0|[1-9][0-9]*)$/;

/**
 * Orders two resource versions of one kind: negative when `a` is older than `b`, 0 when they are the same, positive when
 * newer. Kubernetes documents them as comparable decimal numbers from 1.35 on (they were so before, being etcd's
 * revision). They may exceed 2^53, hence no Number.
 * @returns undefined when one of them is no such number: then their order is unknown
 */
export function compareResourceVersions(a: string, b: string): number | undefined {
  if (a === b) return 0;
  if (!decimal.test(a) || !decimal.test(b)) return undefined;
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

/** Whether `a` is known to be older than `b`. */
export function isOlder(a: string, b: string): boolean {
  const order = compareResourceVersions(a, b);
  return order !== undefined && order < 0;
}

/** The newer of two resource versions; `b` when their order is unknown. */
export function newerOf(a: string | undefined, b: string): string {
  return a !== undefined && isOlder(b, a) ? a : b;
}
