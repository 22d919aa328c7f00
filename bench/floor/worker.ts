import { Worker } from 'node:worker_threads';
import type { ChangeWork, ColdWork, FromWorker, ToWorker } from './messages.ts';

/** A floor in a thread of its own, so that what measures it does not slow it down. */
export interface FloorWorker {
  tell(message: ToWorker): void;
  /** Resolves with the CPU seconds of its thread; rejects when it fails. */
  readonly done: Promise<number>;
  /** Ends the thread, finished or not. */
  end(): Promise<void>;
}

/** Starts a worker and resolves when it is ready to be told what to do. */
export async function startFloorWorker(
  file: 'cold-worker.ts' | 'change-worker.ts',
  workerData: ColdWork | ChangeWork,
): Promise<FloorWorker> {
  const worker = new Worker(new URL(file, import.meta.url), { workerData });
  const heard = (type: FromWorker['type']): Promise<FromWorker> =>
    new Promise((resolve, reject) => {
      worker.on('message', (message: FromWorker) => {
        if (message.type === type) resolve(message);
      });
      worker.once('error', reject);
      worker.once('exit', () => {
        reject(new Error(`the floor's ${file} ended early`));
      });
    });
  const done = heard('done').then((message) => (message.type === 'done' ? message.cpuSeconds : 0));
  done.catch(() => undefined);
  await heard('ready');
  return {
    tell: (message) => {
      worker.postMessage(message);
    },
    done,
    end: async () => {
      await worker.terminate();
    },
  };
}
