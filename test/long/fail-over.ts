import assert from 'node:assert/strict';
import { eventually } from '../support/eventually.ts';
import { buildProgram } from '../support/operator-process.ts';
import { loggedAt, Replicas } from '../support/replicas.ts';

/**
 * How long nobody leads, with the lease times that `manager` has by default: two replicas, of which the leader is stopped (SIGTERM) or killed
 * (SIGKILL), three times each. `node test/long/fail-over.ts`; exit status 1 when one takes longer than it may.
 */
const TIMES = 3;
const LIMITS_MS = {
  SIGTERM: 1_000,
  // The lease's 15 seconds from its last renewal, and a try.
  SIGKILL: 15_000 + 2_500,
};

async function measure(replicas: Replicas, signal: keyof typeof LIMITS_MS, round: number): Promise<number> {
  const name = `${signal.toLowerCase()}-${round}`;
  const leader = await replicas.start(`${name}-a`, []);
  await eventually(() => assert.equal(leader.log('leading').length, 1), { timeoutMs: 60_000 });
  const standby = await replicas.start(`${name}-b`, []);
  await standby.waitForLog('another process leads');
  const endedAt = Date.now();
  await leader.stop(signal);
  const leading = await eventually(
    () => {
      const [line] = standby.log('leading');
      assert.ok(line, 'nobody leads yet');
      return line;
    },
    { timeoutMs: 60_000 },
  );
  await standby.stop();
  return loggedAt(leading) - endedAt;
}

const program = buildProgram();
const replicas = await Replicas.create(program);
let failed = 0;
try {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (let round = 1; round <= TIMES; round++) {
      const ms = await measure(replicas, signal, round);
      const isInTime = ms <= LIMITS_MS[signal];
      if (!isInTime) failed += 1;
      console.log(
        `${signal}: nobody led for ${ms} ms${isInTime ? '' : `, more than ${LIMITS_MS[signal]} ms`}`,
      );
    }
  }
} finally {
  await replicas.close();
  program.remove();
}
console.log(`${2 * TIMES - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
