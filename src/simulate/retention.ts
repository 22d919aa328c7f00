/** kube-apiserver's `--audit-log-maxsize` is in megabytes of 1024 × 1024 bytes (lumberjack, which rotates its log). */
const MEGABYTE = 1024 * 1024;

/**
 * The most bytes of its log that one kube-apiserver keeps: the file that it writes, and `--audit-log-maxbackup` older ones.
 * @param maxSize of one file, in megabytes (`--audit-log-maxsize`)
 * @returns undefined for no limit: `maxBackup` 0 keeps all
 */
export function retainedBytes(maxSize: number, maxBackup: number): number | undefined {
  return maxBackup === 0 ? undefined : maxSize * MEGABYTE * (maxBackup + 1);
}
