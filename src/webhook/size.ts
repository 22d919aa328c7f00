/** Whether a JSON value holds more than `most` fields and list entries, at any depth. It looks at no more than it must. */
export function hasMoreValues(root: unknown, most: number): boolean {
  const open = [root];
  let count = 0;
  // Grows while it is gone through.
  for (const value of open) {
    if (typeof value !== 'object' || value === null) continue;
    const inner: unknown[] = Array.isArray(value) ? value : Object.values(value);
    count += inner.length;
    if (count > most) return true;
    for (const each of inner) open.push(each);
  }
  return false;
}
