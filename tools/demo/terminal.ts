import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { columnWidths, seconds, wrap } from './layout.ts';
import type { Line } from './narrate.ts';

type Style = Parameters<typeof styleText>[0];

export interface TerminalOptions {
  /** False: no colours, even where the terminal has them (NO_COLOR and the like are looked at anyway). */
  color: boolean;
  /** Waiting for the reader ends when it is aborted. */
  signal: AbortSignal;
}

const WIDEST = 110;
const TIME_COLUMN = 10;
const LABEL_COLUMN = 13;
const NAME_COLUMN = 27;
/** Reading speed, per printed line; only where somebody reads along. */
const READING_MS = 240;
const LONGEST_PAUSE_MS = 5_000;

/** Where the story is told: a terminal, with colours and pauses to read, or a plain stream without. */
export class Terminal {
  readonly #out = process.stdout;
  readonly #options: TerminalOptions;
  #unread = 0;
  #scenes = 0;
  #sceneStart = 0;
  #hasActed = false;
  #lastSeenMs = 0;

  constructor(options: TerminalOptions) {
    this.#options = options;
  }

  heading(title: string, subtitle: string): void {
    this.#print('', `  ${this.#paint('bold', title)}`, `  ${this.#paint('dim', subtitle)}`, '');
  }

  /** Runs a step of the preparation; on a terminal it is announced while it runs. */
  async step<T>(announcement: string, work: () => Promise<T>, done: (result: T) => string): Promise<T> {
    const started = performance.now();
    const transient = this.#out.isTTY;
    if (transient) this.#out.write(`  ${this.#paint('dim', `… ${announcement}`)}`);
    try {
      const result = await work();
      if (transient) this.#out.write('\r\x1b[2K');
      this.good(`${done(result)} (${seconds(performance.now() - started)})`);
      return result;
    } catch (error) {
      if (transient) this.#out.write('\n');
      throw error;
    }
  }

  /** Begins a scene, once the reader has had time for the last one. */
  async scene(title: string, why: string): Promise<void> {
    await this.pause();
    this.#scenes += 1;
    this.#hasActed = false;
    this.#print(
      '',
      `  ${this.#paint(['bold', 'cyan'], String(this.#scenes))}  ${this.#paint('bold', title)}`,
    );
    for (const line of wrap(why, this.#width() - 5)) this.#print(`     ${this.#paint('dim', line)}`);
    this.#print('');
    await this.pause();
  }

  /** Somebody does something: the clock starts anew. */
  act(command: string): void {
    if (this.#hasActed) this.#print('');
    this.#hasActed = true;
    this.#sceneStart = this.#lastSeenMs = performance.now();
    this.#print(`  ${this.#paint('magenta', '$')} ${command}`);
  }

  /**
   * Something was seen on the API server at `atMs` (performance.now()). Lines come in the order in which things were
   * made; one that was seen late gives its time to those after it.
   */
  observed({ label, name, tone, text, detail }: Line, atMs: number): void {
    const style = ({ good: 'green', bad: 'red', warning: 'yellow', plain: undefined } as const)[tone];
    const mark = { good: '✓ ', bad: '✗ ', warning: '! ', plain: '' }[tone];
    const what = style === undefined ? this.#hashes(text) : this.#paint(style, `${mark}${text}`);
    this.#lastSeenMs = Math.max(this.#lastSeenMs, atMs);
    const time = seconds(this.#lastSeenMs - this.#sceneStart).padStart(TIME_COLUMN - 2);
    const subject = this.#paint('bold', name.padEnd(NAME_COLUMN));
    this.#print(`${this.#paint('dim', time)}  ${label.padEnd(LABEL_COLUMN)}${subject}${what}`);
    if (detail !== undefined) this.#paragraph(detail);
  }

  /** Something that was checked and holds. */
  good(text: string): void {
    this.#item(this.#paint('green', '✓'), text, (line) => this.#hashes(line));
  }

  note(text: string): void {
    this.#item(this.#paint('dim', '·'), text, (line) => this.#paint('dim', line));
  }

  table(header: readonly string[], rows: readonly (readonly string[])[]): void {
    const widths = columnWidths([header, ...rows]);
    const print = (row: readonly string[], style?: Style): void => {
      const cells = row.map((cell, index) => cell.padEnd(widths[index] ?? 0));
      const text = cells.join('   ').trimEnd();
      this.#print(`  ${style === undefined ? this.#hashes(text) : this.#paint(style, text)}`);
    };
    print(header, 'dim');
    for (const row of rows) print(row);
  }

  blank(): void {
    this.#print('');
  }

  /** A line that is to be copied: nothing in it but the text. */
  plain(text: string): void {
    this.#print(text);
  }

  /** Goes to standard error. */
  failure(text: string): void {
    process.stderr.write(`\n${this.#paint('red', '✗')} ${text}\n\n`);
  }

  /** Gives the reader time for what was printed since the last pause; none where nobody watches. */
  async pause(): Promise<void> {
    const ms = Math.min(LONGEST_PAUSE_MS, this.#unread * READING_MS);
    this.#unread = 0;
    if (!this.#out.isTTY || ms === 0) return;
    await sleep(ms, undefined, { signal: this.#options.signal });
  }

  #item(mark: string, text: string, paint: (line: string) => string): void {
    const [first = '', ...rest] = wrap(text, this.#width() - 4).map(paint);
    this.#print(`  ${mark} ${first}`, ...rest.map((line) => `    ${line}`));
  }

  #paragraph(text: string): void {
    const indent = ' '.repeat(TIME_COLUMN + LABEL_COLUMN);
    for (const line of wrap(text, this.#width() - indent.length))
      this.#print(`${indent}${this.#paint('dim', line)}`);
  }

  #print(...lines: string[]): void {
    for (const line of lines) this.#out.write(`${line.trimEnd()}\n`);
    this.#unread += lines.length;
  }

  #width(): number {
    return Math.min(WIDEST, this.#out.isTTY && this.#out.columns > 0 ? this.#out.columns : WIDEST);
  }

  /** Hashes are what the eye follows from line to line. */
  #hashes(text: string): string {
    return text.replace(/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8}\b/g, (hash) =>
      this.#paint('cyan', hash),
    );
  }

  #paint(style: Style, text: string): string {
    return this.#options.color && text !== '' ? styleText(style, text, { stream: this.#out }) : text;
  }
}
