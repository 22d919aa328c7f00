import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { ensureOracle, type OracleVersion } from './build.ts';

/**
 * Asks the oracle every question in one run and returns what it expects, in the same order. A question is a vector line
 * without `expect`: {kind: 'render' | 'policy' | 'decode' | 'evaluate', ...}. Rejects with what the oracle said when it
 * cannot read one.
 */
export async function askOracle(questions: readonly object[], version?: OracleVersion): Promise<unknown[]> {
  const child = spawn(await ensureOracle(version), { stdio: ['pipe', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  const lines = Readable.from(
    (function* () {
      for (const question of questions) yield `${JSON.stringify(question)}\n`;
    })(),
  );
  // A child that gives up closes its stdin; its own words on stderr say why.
  const asking = pipeline(lines, child.stdin).catch(() => undefined);
  const [answered, complaint] = await Promise.all([text(child.stdout), text(child.stderr), asking, closed]);
  if (child.exitCode !== 0)
    throw new Error(`the oracle failed (${String(child.exitCode)}): ${complaint.trim()}`);
  return answered
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => expectOf(JSON.parse(line)));
}

function expectOf(answer: unknown): unknown {
  if (typeof answer === 'object' && answer !== null && 'expect' in answer) return answer.expect;
  throw new Error('the oracle answered without `expect`');
}
