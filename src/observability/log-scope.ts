import { AsyncLocalStorage } from 'node:async_hooks';

const scope = new AsyncLocalStorage<object>();

/** Runs `work`; every line that it logs, wherever and by whichever logger, has these fields besides its own. */
export function withLogFields<T>(fields: object, work: () => T): T {
  return scope.run(fields, work);
}

/** The fields of the work that is being done now, in a new object: pino adds to it. */
export function logFields(): object {
  return { ...scope.getStore() };
}
