/** A Kubernetes minor version: kube-apiserver's reading of a policy changes with minors only. */
export interface KubernetesVersion {
  major: number;
  minor: number;
}

/** The minors that the policy code is tested against: upstream's validator of these answers in the tests. */
export const OLDEST_TESTED: KubernetesVersion = { major: 1, minor: 34 };
export const NEWEST_TESTED: KubernetesVersion = { major: 1, minor: 36 };

const VERSION = /^v?(\d{1,3})\.(\d{1,3})(?:\.\d+)?(?:[-+][0-9A-Za-z.+-]*)?$/;

/**
 * Reads `v1.32.8+k0s.0`, `1.34`, `v1.36.0-rc.1` and the like; undefined for anything else. Pre-releases count as
 * their minor.
 */
export function parseKubernetesVersion(text: string): KubernetesVersion | undefined {
  const match = VERSION.exec(text.trim());
  if (!match) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]) };
}

/** Negative when `a` is older than `b`, zero when equal, positive when newer. */
export function compareVersions(a: KubernetesVersion, b: KubernetesVersion): number {
  return a.major - b.major || a.minor - b.minor;
}

/** The oldest of the versions; undefined for none. */
export function oldestVersion(versions: readonly KubernetesVersion[]): KubernetesVersion | undefined {
  return versions.toSorted(compareVersions)[0];
}

/** `1.34` */
export function formatVersion(version: KubernetesVersion): string {
  return `${version.major}.${version.minor}`;
}
