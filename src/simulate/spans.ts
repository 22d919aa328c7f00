import { QUOTE, BACKSLASH } from './json-characters.ts';
import { FIELD_NAMES, FIELDS, type Field } from './event-fields.ts';
import type { KnownWords } from './known-words.ts';
import { eachMember, skipSpace, BrokenJson } from './json-bytes.ts';

/** Where the fields of one event stand in a buffer. Made once and filled again for each event, since there are millions. */
export class EventSpans {
  bytes: Buffer = Buffer.alloc(0);
  /** Of the event itself. */
  start = 0;
  end = 0;
  /** There is white space between its fields, as printers put it; kube-apiserver does not. */
  hasSpace = false;
  /** Key, value, end of the value of each of FIELDS; 0 in `#end` where the event lacks it. */
  readonly #key = new Int32Array(FIELDS.length);
  readonly #value = new Int32Array(FIELDS.length);
  readonly #end = new Int32Array(FIELDS.length);
  /** Where the next name begins if there is no white space before it. */
  #next = 0;

  /**
   * Reads where the fields of the object stand that these bytes hold.
   * @throws BrokenJson
   */
  read(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.hasSpace = false;
    this.#end.fill(0);
    this.#next = start + 2;
    const behind = eachMember(bytes, start, end, this.#onMember);
    if (this.#next !== behind + 1) this.hasSpace = true;
    if (skipSpace(bytes, behind, end) !== end) throw new BrokenJson('something stands behind its end');
    this.end = behind;
  }

  readonly #onMember = (keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void => {
    if (keyStart !== this.#next || valueStart !== keyEnd + 2) this.hasSpace = true;
    this.#next = valueEnd + 2;
    const field = FIELD_NAMES.at(this.bytes, keyStart, keyEnd);
    if (field < 0) return;
    this.#key[field] = keyStart;
    this.#value[field] = valueStart;
    this.#end[field] = valueEnd;
  };

  has(field: number): boolean {
    return this.#end[field] !== 0;
  }

  /** Whether a field is there and a string. */
  isText(field: number): boolean {
    return this.has(field) && this.bytes[this.valueStart(field)] === QUOTE;
  }

  valueStart(field: number): number {
    return this.#value[field] ?? 0;
  }

  valueEnd(field: number): number {
    return this.#end[field] ?? 0;
  }

  /** Bytes that go when the field goes: name, value, colon, quotation marks and one comma; 0 where the event lacks it. */
  size(field: number): number {
    const end = this.#end[field] ?? 0;
    return end === 0 ? 0 : end - (this.#key[field] ?? 0) + 2;
  }

  /** The text of a field that is a string; '' where it is missing or no string. */
  text(field: number): string {
    if (!this.isText(field)) return '';
    return decodeString(this.bytes, this.valueStart(field) + 1, this.valueEnd(field) - 1);
  }

  /** The same for a field that mostly holds one of these words. */
  word(field: number, known: KnownWords<string>): string {
    const end = this.#end[field] ?? 0;
    const start = this.#value[field] ?? 0;
    const found = this.bytes[start] === QUOTE ? known.at(this.bytes, start + 1, end - 1) : -1;
    return known.words[found] ?? this.text(field);
  }

  /** The value of a field, for small ones. */
  json(field: number): unknown {
    const end = this.#end[field] ?? 0;
    if (end === 0) return undefined;
    try {
      return JSON.parse(this.bytes.toString('utf8', this.#value[field], end));
    } catch {
      throw new BrokenJson(`its ${FIELDS[field] ?? 'field'} is no JSON`);
    }
  }
}

/** Position in FIELDS. */
export function fieldIndex(field: Field): number {
  return FIELDS.indexOf(field);
}

/** The characters of a JSON string, without its quotation marks. */
function decodeString(bytes: Buffer, start: number, end: number): string {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === BACKSLASH || byte >= 0x80) return decodeEscaped(bytes, start, end);
  }
  return bytes.toString('latin1', start, end);
}

function decodeEscaped(bytes: Buffer, start: number, end: number): string {
  try {
    return JSON.parse(`"${bytes.toString('utf8', start, end)}"`) as string;
  } catch {
    throw new BrokenJson('a string holds an escape that JSON does not know');
  }
}
