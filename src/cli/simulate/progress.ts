import { bytesText } from '../../api/figures.ts';
import type { Io } from '../io.ts';

const WIDTH = 30;
const STEP_MS = 100;

/**
 * A bar on a terminal, one line that is written again and again; nothing anywhere else.
 * @param total bytes to come, 0 when that is not known
 */
export class Progress {
  readonly #io: Io;
  readonly #total: number;
  readonly #now: () => number;
  #shownMs = -Infinity;
  #isShown = false;

  constructor(io: Io, total: number, now = () => performance.now()) {
    this.#io = io;
    this.#total = total;
    this.#now = now;
  }

  tell(bytes: number): void {
    if (this.#io.isErrTerminal !== true || this.#now() - this.#shownMs < STEP_MS) return;
    this.#shownMs = this.#now();
    this.#isShown = true;
    this.#io.progress?.(`\r${bar(bytes, this.#total)}\x1b[K`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#isShown) this.#io.progress?.('\r\x1b[K');
  }
}

function bar(bytes: number, total: number): string {
  if (total === 0) return `read ${bytesText(bytes)}`;
  const share = Math.min(1, bytes / total);
  const full = Math.floor(share * WIDTH);
  const rest = WIDTH - full;
  return `[${'#'.repeat(full)}${'.'.repeat(rest)}] ${Math.floor(share * 100)} % of ${bytesText(total)}`;
}
