import {
  TAB,
  NEWLINE,
  SPACE,
  QUOTE,
  COMMA,
  COLON,
  OPEN_LIST,
  BACKSLASH,
  CLOSE_LIST,
  OPEN_OBJECT,
  CLOSE_OBJECT,
} from '../json-characters.ts';
import { isSpace } from '../json-bytes.ts';
import { MAX_EVENT_BYTES, tooLong, type FrameSink } from './frame-sink.ts';

const ITEMS = 'items';

/**
 * Finds the events in a text whose values have several lines, or stand in one long list: objects one after the other, the items of a
 * list, the `items` of an EventList. Holds one event at most, however long the list. Where the text is broken it begins anew at the
 * next line that begins with `{`, at the margin or as far in as the events before it.
 */
export class Values {
  readonly #sink: FrameSink;
  readonly #maxValue: number;
  #line = 0;
  #depth = 0;
  /** Depth at which events stand: 0 at the top, 1 in a list, 2 in the `items` of an object. */
  #base = 0;
  /** What is left of an object behind its `items` is passed over. */
  #isPassing = false;
  #isInString = false;
  #isEscaped = false;
  #isLineStart = true;
  /** White space before the first other byte of the line; -1 behind that. */
  #column = 0;
  /** Where events of a list begin on their lines. */
  #indent = 0;
  /** The last string at depth 1, as far as it can be `items`. */
  #word = '';
  /** Of the event under way. */
  #parts: Buffer[] = [];
  #size = 0;
  #isInValue = false;
  /** It has just ended. */
  #isWhole = false;
  #valueLine = 0;
  /** Broken: nothing is read until a line begins with `{`. */
  #isLost = false;
  /** The event under way is too long. */
  #isTooLong = false;

  constructor(sink: FrameSink, maxValue = MAX_EVENT_BYTES) {
    this.#sink = sink;
    this.#maxValue = maxValue;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (byte === OPEN_OBJECT && this.#isEventStart() && (this.#isLost || this.#depth > this.#base))
        this.#beginAnew();
      if (!this.#isLost) {
        const wasInValue = this.#isInValue;
        this.#step(byte);
        if (!wasInValue && this.#isInValue) from = at;
        else if (wasInValue && this.#isWhole) {
          this.#keep(chunk.subarray(from, at + 1));
          this.#emit();
        }
      }
      this.#pass(byte);
    }
    if (this.#isInValue && !this.#isLost) this.#keep(chunk.subarray(from));
  }

  end(): void {
    const lines = this.#line + (this.#isLineStart ? 0 : 1);
    if (!this.#isLost && (this.#isInValue || this.#depth > 0))
      this.#sink.brokenAt(
        this.#isInValue ? this.#valueLine : lines - 1,
        'it ends before its brackets are closed',
      );
    this.#sink.valueLines(lines);
  }

  /** Keeps account of lines. */
  #pass(byte: number): void {
    this.#isLineStart = byte === NEWLINE;
    if (byte === NEWLINE) {
      this.#line++;
      this.#column = 0;
    } else if (this.#column >= 0) this.#column = byte === SPACE || byte === TAB ? this.#column + 1 : -1;
  }

  /** Events begin so: nothing within one that is laid out over lines stands as far out. */
  #isEventStart(): boolean {
    return this.#column === 0 || (this.#column > 0 && this.#column === this.#indent);
  }

  #step(byte: number): void {
    if (this.#isInString) {
      this.#stepInString(byte);
      return;
    }
    switch (byte) {
      case QUOTE:
        this.#isInString = true;
        this.#word = '';
        if (this.#depth === 0) this.#lose('something stands between the events');
        return;
      case OPEN_OBJECT:
        if (this.#depth === this.#base && !this.#isPassing) {
          this.#isInValue = true;
          this.#valueLine = this.#line;
          if (this.#base > 0 && this.#column >= 0) this.#indent = this.#column;
        }
        this.#depth++;
        return;
      case OPEN_LIST:
        this.#openList();
        return;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        this.#close();
        return;
      case COMMA:
      case COLON:
        return;
      default:
        if (this.#depth === 0 && !isSpace(byte)) this.#lose('something stands between the events');
    }
  }

  #stepInString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInString = false;
    else if (byte === NEWLINE) this.#lose('a line ends within a string');
    if (this.#isInString && this.#depth === 1 && this.#word.length <= ITEMS.length)
      this.#word += String.fromCharCode(byte);
  }

  /** A list at the top holds events, and so do the `items` of an object at the top. */
  #openList(): void {
    const isItems = this.#base === 0 && this.#depth === 1 && this.#word === ITEMS;
    if (this.#depth === 0 || isItems) {
      this.#base = this.#depth + 1;
      this.#dropValue();
    }
    this.#depth++;
  }

  #close(): void {
    if (this.#depth === 0) {
      this.#lose('a bracket is closed that was not opened');
      return;
    }
    this.#depth--;
    if (this.#depth === this.#base) this.#isWhole = this.#isInValue;
    else if (this.#depth < this.#base && !this.#isInValue) this.#isPassing = true;
    if (this.#depth === 0) {
      this.#base = 0;
      this.#indent = 0;
      this.#isPassing = false;
    }
  }

  #keep(bytes: Buffer): void {
    this.#size += bytes.length;
    if (this.#size > this.#maxValue) {
      this.#isTooLong = true;
      this.#parts = [];
    }
    if (!this.#isTooLong) this.#parts.push(bytes);
  }

  #emit(): void {
    if (this.#isTooLong) this.#sink.brokenAt(this.#valueLine, tooLong(this.#maxValue));
    else this.#sink.value(Buffer.concat(this.#parts), this.#valueLine);
    this.#dropValue();
  }

  #dropValue(): void {
    this.#parts = [];
    this.#size = 0;
    this.#isTooLong = false;
    this.#isInValue = false;
    this.#isWhole = false;
  }

  #lose(message: string): void {
    this.#sink.brokenAt(this.#isInValue ? this.#valueLine : this.#line, message);
    this.#isLost = true;
  }

  #beginAnew(): void {
    if (!this.#isLost) this.#sink.brokenAt(this.#valueLine, 'it ends before its brackets are closed');
    this.#isLost = false;
    this.#isInString = false;
    this.#isEscaped = false;
    this.#isPassing = false;
    // At the margin of a list whose events stand further in, something else begins.
    if (this.#column === 0 && this.#indent > 0) {
      this.#base = 0;
      this.#indent = 0;
    }
    this.#depth = this.#base;
    this.#dropValue();
  }
}
