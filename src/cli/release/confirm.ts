import { UsageError, type Io } from '../io.ts';

const LONGEST_ANSWER = 1000;

/**
 * Asks the person at the terminal.
 * @throws UsageError when the answer is not yes, or nobody is there to ask
 */
export async function confirm(question: string, io: Io): Promise<void> {
  if (io.isInteractive !== true) throw new UsageError('nobody is there to ask: say --yes.');
  io.err(`${question} Type yes: `);
  if ((await readLine(io)).trim().toLowerCase() !== 'yes')
    throw new UsageError('not confirmed: nothing was done.');
}

async function readLine({ stdin }: Io): Promise<string> {
  let text = '';
  for await (const chunk of stdin) {
    text += Buffer.from(chunk).toString('utf8');
    if (text.includes('\n') || text.length > LONGEST_ANSWER) break;
  }
  return text.split('\n')[0] ?? '';
}
