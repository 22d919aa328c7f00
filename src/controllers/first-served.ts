import { isKubeError } from '../kube/errors.ts';
import type { ListWatcher } from '../runtime/list-watcher.ts';

/**
 * One ListWatcher of several for the same kind in different API versions: the first that the server serves, found out by
 * asking, and again when it is no longer served. Resource versions are the same in all versions of a kind.
 * @throws KubeError NotFound when none is served
 */
export function firstServed(candidates: readonly [ListWatcher, ...ListWatcher[]]): ListWatcher {
  let current = 0;
  const attempt = async <T>(call: (candidate: ListWatcher) => Promise<T>): Promise<T> => {
    for (let tried = 1; ; tried += 1) {
      try {
        return await call(candidates[current] ?? candidates[0]);
      } catch (error) {
        if (!isKubeError(error, 'NotFound') || tried === candidates.length) throw error;
        current = (current + 1) % candidates.length;
      }
    }
  };
  return {
    list: (request) => attempt((candidate) => candidate.list(request)),
    watch: (request) => attempt((candidate) => candidate.watch(request)),
  };
}
