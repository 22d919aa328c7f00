/** A source of numbers in [0, 1), `Math.random` in production and a seeded one in tests. */
export type Random = () => number;
