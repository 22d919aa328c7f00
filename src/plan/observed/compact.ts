/**
 * The same plain JSON in half the memory, for what is kept by the ten thousand: an object that was put together from
 * spreads has room to spare, one that JSON.parse makes has none.
 */
export function compact<T extends object>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
