import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { inFlight } from '../in-flight.ts';
import { bareClient } from './bare-client.ts';
import type { ColdWork, FromWorker } from './messages.ts';

/** The bare loop of a cold start: says ready, waits for its cue, sends everything, says done. */
const { connection, clusters, inFlight: limit } = workerData as ColdWork;
const parent = parentPort!;
const say = (message: FromWorker): void => parent.postMessage(message);
const client = bareClient(connection, limit);

const cue = once(parent, 'message');
say({ type: 'ready' });
await cue;
const before = process.threadCpuUsage();
await inFlight(clusters, limit, async (writes) => {
  for (const write of writes) await client.send(write);
});
const { user, system } = process.threadCpuUsage(before);
say({ type: 'done', cpuSeconds: (user + system) / 1e6 });
client.close();
