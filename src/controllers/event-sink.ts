import type { KubeClient } from '../kube/client.ts';
import type { EventSink } from '../runtime/recorder.ts';
import { EVENTS } from './kinds.ts';

/** Events go last: behind every write that does something. */
export function eventSink(client: KubeClient): EventSink {
  return {
    async create(namespace, event, signal) {
      const name = { namespace, name: event.metadata.name };
      await client.create(EVENTS, name, event, { signal, lowPriority: true });
    },
    async update(namespace, name, patch, signal) {
      await client.mergePatch(EVENTS, { namespace, name }, patch, { signal, lowPriority: true });
    },
  };
}
