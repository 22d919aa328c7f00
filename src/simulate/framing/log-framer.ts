import { NEWLINE, OPEN_OBJECT } from '../json-characters.ts';
import { BrokenJson } from '../json-bytes.ts';
import { EventSpans } from '../spans.ts';
import { MAX_EVENT_BYTES, type FrameSink } from './frame-sink.ts';
import { LineBlocks } from './line-blocks.ts';
import { Values } from './values.ts';

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** A first line that is longer is not waited for. */
const MAX_HEAD_BYTES = 1024 * 1024;

/**
 * Cuts the bytes of a log into what can be read by itself. Most logs have a value on each line; what is laid out over several lines,
 * or is one long list, shows by its beginning.
 */
export class LogFramer {
  readonly #sink: FrameSink;
  readonly #maxEvent: number;
  #head: Buffer[] = [];
  #headSize = 0;
  #framer: LineBlocks | Values | undefined;

  constructor(sink: FrameSink, maxEvent = MAX_EVENT_BYTES) {
    this.#sink = sink;
    this.#maxEvent = maxEvent;
  }

  push(chunk: Buffer): void {
    if (this.#framer !== undefined) {
      this.#framer.push(chunk);
      return;
    }
    this.#head.push(chunk);
    this.#headSize += chunk.length;
    if (this.#headSize >= MAX_HEAD_BYTES) this.#begin(false);
  }

  end(): void {
    (this.#framer ?? this.#begin(true)).end();
  }

  #begin(isWhole: boolean): LineBlocks | Values {
    const all = Buffer.concat(this.#head);
    const head = all.subarray(all.indexOf(BYTE_ORDER_MARK) === 0 ? BYTE_ORDER_MARK.length : 0);
    this.#head = [];
    const framer = hasLongValues(head, isWhole)
      ? new Values(this.#sink, this.#maxEvent)
      : new LineBlocks(this.#sink, this.#maxEvent);
    this.#framer = framer;
    framer.push(head);
    return framer;
  }
}

/** Whether the first value does not end on its line. */
function hasLongValues(head: Buffer, isWhole: boolean): boolean {
  let start = 0;
  for (let newline = head.indexOf(NEWLINE); newline >= 0; newline = head.indexOf(NEWLINE, start)) {
    const line = head.subarray(start, newline);
    if (line.toString('latin1').trim() !== '')
      return isOpen(line) && (isList(line) || head[newline + 1] !== OPEN_OBJECT);
    start = newline + 1;
  }
  const rest = head.subarray(start);
  return !isWhole && isOpen(rest) && /^\s*(\[|\{[^{]{0,200}"items")/.test(rest.toString('latin1', 0, 1000));
}

function isList(line: Buffer): boolean {
  return line.toString('latin1', 0, 100).trimStart().startsWith('[');
}

function isOpen(line: Buffer): boolean {
  const text = line.toString('latin1', 0, 100).trimStart();
  if (isList(line)) return !line.toString('latin1').trimEnd().endsWith(']');
  if (!text.startsWith('{')) return false;
  try {
    new EventSpans().read(line, 0, line.length);
    return false;
  } catch (error) {
    return error instanceof BrokenJson && error.message.startsWith('it ends');
  }
}
