/** What an untagged plain scalar means in YAML 1.1. `merge` is the key `<<`, an ordinary string as a value. */
export type PlainScalar =
  | { kind: 'null'; value: null }
  | { kind: 'bool'; value: boolean }
  | { kind: 'int'; value: number | bigint }
  | { kind: 'float'; value: number }
  | { kind: 'timestamp' | 'str' | 'merge'; value: string };

const NULLS = new Set(['', '~', 'null', 'Null', 'NULL']);
const TRUES = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const FALSES = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);
const FLOAT_WORDS = new Map<string, number>([
  ...['.nan', '.NaN', '.NAN'].map((word): [string, number] => [word, NaN]),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word): [string, number] => [word, Infinity]),
  ...['-.inf', '-.Inf', '-.INF'].map((word): [string, number] => [word, -Infinity]),
]);

const DECIMAL_FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const GO_LEADING_DOT_FLOAT = /^\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*)?$/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const TIMESTAMP =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[-+]([0-9]{2}):([0-9]{2})))| +([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?)?$/;

const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * Resolves a plain scalar without tag as go.yaml.in/yaml/v2 v2.4.4 does (`resolve` in its resolve.go), which is what
 * both kube-apiserver and sigs.k8s.io/yaml read with. Integers beyond 2^53 come as bigint. Base-60 numbers are
 * strings, as there; a timestamp keeps its text, since it is one only for the emitter.
 */
export function resolvePlainScalar(text: string): PlainScalar {
  if (NULLS.has(text)) return { kind: 'null', value: null };
  if (TRUES.has(text)) return { kind: 'bool', value: true };
  if (FALSES.has(text)) return { kind: 'bool', value: false };
  if (text === '<<') return { kind: 'merge', value: text };
  const word = FLOAT_WORDS.get(text);
  if (word !== undefined) return { kind: 'float', value: word };
  const first = text[0] ?? '';
  if (first === '.') return leadingDotFloat(text) ?? { kind: 'str', value: text };
  if (first === '+' || first === '-' || (first >= '0' && first <= '9')) {
    if (isTimestamp(text)) return { kind: 'timestamp', value: text };
    const plain = text.replaceAll('_', '');
    return integer(plain) ?? decimalFloat(plain) ?? { kind: 'str', value: text };
  }
  return { kind: 'str', value: text };
}

/**
 * Whether other YAML 1.1 readers would take the text for a base-60 number (`12:30:45`): yaml.v2 reads it as a string but
 * quotes it on the way out.
 */
export function isBase60Float(text: string): boolean {
  return BASE_60.test(text);
}

function leadingDotFloat(text: string): PlainScalar | undefined {
  return GO_LEADING_DOT_FLOAT.test(text) ? finiteFloat(text.replaceAll('_', '')) : undefined;
}

function decimalFloat(plain: string): PlainScalar | undefined {
  return DECIMAL_FLOAT.test(plain) ? finiteFloat(plain) : undefined;
}

/** Go's ParseFloat refuses what overflows, and the scalar stays a string. */
function finiteFloat(digits: string): PlainScalar | undefined {
  const value = Number(digits);
  return Number.isFinite(value) ? { kind: 'float', value } : undefined;
}

/** Go's ParseInt, then ParseUint, with base 0; then yaml.v2's own `0b`, where a sign may follow the prefix. */
function integer(plain: string): PlainScalar | undefined {
  const signedBinary = /^0b([-+])([01]+)$/.exec(plain);
  if (signedBinary) return inRange(signedBinary[1] ?? '', magnitudeOf('0b', signedBinary[2] ?? ''));
  const parts = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))$/.exec(plain);
  if (!parts) return undefined;
  const [, sign = '', hex, binary, octal, decimal = ''] = parts;
  if (hex !== undefined) return inRange(sign, magnitudeOf('0x', hex));
  if (binary !== undefined) return inRange(sign, magnitudeOf('0b', binary));
  return inRange(sign, octal === undefined ? magnitudeOf('', decimal) : magnitudeOf('0o', octal));
}

/** Cut off at 66 significant digits, all of which are beyond 64 bits: a megabyte of digits costs no bigint. */
function magnitudeOf(prefix: string, digits: string): bigint {
  const significant = digits.replace(/^0+/, '').slice(0, 66);
  return significant === '' ? 0n : BigInt(prefix + significant);
}

function inRange(sign: string, magnitude: bigint): PlainScalar | undefined {
  const value = sign === '-' ? -magnitude : magnitude;
  if (value < MIN_INT64 || value > (sign === '' ? MAX_UINT64 : MAX_INT64)) return undefined;
  return { kind: 'int', value: Number.isSafeInteger(Number(value)) ? Number(value) : value };
}

/** The four layouts that yaml.v2 hands to Go's time.Parse, with its checks of ranges and of the day in its month. */
function isTimestamp(text: string): boolean {
  const match = TIMESTAMP.exec(text);
  if (!match) return false;
  const [
    year,
    month,
    day,
    hour,
    minute,
    second,
    zoneHour,
    zoneMinute,
    spacedHour,
    spacedMinute,
    spacedSecond,
  ] = match.slice(1).map((digits: string | undefined) => Number(digits ?? 0));
  return (
    isDate(year ?? 0, month ?? 0, day ?? 0) &&
    Math.max(hour ?? 0, spacedHour ?? 0) < 24 &&
    Math.max(minute ?? 0, spacedMinute ?? 0) < 60 &&
    Math.max(second ?? 0, spacedSecond ?? 0) < 60 &&
    (zoneHour ?? 0) <= 24 &&
    (zoneMinute ?? 0) <= 60
  );
}

function isDate(year: number, month: number, day: number): boolean {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return days !== undefined && day >= 1 && day <= days;
}
