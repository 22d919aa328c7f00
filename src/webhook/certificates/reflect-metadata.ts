type Metadata = Map<unknown, unknown>;

/**
 * The few functions of the `reflect-metadata` package that tsyringe looks for, which @peculiar/x509 registers its algorithms
 * with. Called before that is imported.
 */
export function provideReflectMetadata(): void {
  if ('getMetadata' in Reflect) return;
  const known = new WeakMap<object, Metadata>();
  const getOwnMetadata = (key: unknown, target: object): unknown => known.get(target)?.get(key);
  const getMetadata = (key: unknown, target: object): unknown => {
    for (let each: unknown = target; isHolder(each); each = Object.getPrototypeOf(each)) {
      const found = getOwnMetadata(key, each);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const defineMetadata = (key: unknown, value: unknown, target: object): void => {
    const own = known.get(target) ?? new Map<unknown, unknown>();
    known.set(target, own.set(key, value));
  };
  Object.assign(Reflect, { getOwnMetadata, getMetadata, defineMetadata });
}

function isHolder(value: unknown): value is object {
  return typeof value === 'function' || (typeof value === 'object' && value !== null);
}
