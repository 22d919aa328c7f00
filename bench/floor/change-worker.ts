import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { clusterDeployments } from '../../test/support/kinds.ts';
import { dig } from '../../test/support/json.ts';
import { watchCollection } from '../measure/watch.ts';
import { bareClient } from './bare-client.ts';
import type { ChangeWork, FromWorker } from './messages.ts';
import { changeWrites } from './writes.ts';

/** The bare answer to a changed reference: on each event that names another policy, the two writes, until told to stop. */
const { connection, namespace, releases, policies } = workerData as ChangeWork;
const parent = parentPort!;
const say = (message: FromWorker): void => parent.postMessage(message);
const client = bareClient(connection, 2);
const releaseOf = new Map(releases.map((release) => [release.metadata.name, release]));
const policyOf = new Map(policies.map((policy) => [policy.name, policy]));
const known = new Map<string, string>();

const stop = once(parent, 'message');
const watch = await watchCollection(connection, clusterDeployments(namespace), ({ object }) => {
  const name = String(dig(object, 'metadata', 'name'));
  const reference = String(dig(object, 'spec', 'auditPolicy'));
  const release = releaseOf.get(name);
  const policy = policyOf.get(reference);
  if (known.get(name) === reference || release === undefined || policy === undefined) return;
  known.set(name, reference);
  // A write that fails is an unhandled rejection here, which ends the thread and with it the bench.
  void (async () => {
    for (const write of changeWrites(release, policy)) await client.send(write);
  })();
});
const before = process.threadCpuUsage();
say({ type: 'ready' });
await Promise.race([stop, watch.failed]);
const { user, system } = process.threadCpuUsage(before);
say({ type: 'done', cpuSeconds: (user + system) / 1e6 });
watch.close();
client.close();
parent.close();
