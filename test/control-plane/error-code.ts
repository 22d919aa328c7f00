/** Whether a system error has this code. Not by instanceof: under jest, Node's own errors come from another realm. */
export function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
