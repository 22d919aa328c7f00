import { isSpace } from './json-bytes.ts';
import { BACKSLASH, QUOTE } from './json-characters.ts';

/** The same JSON without white space between its tokens, as kube-apiserver writes it: so are its bytes counted. */
export function compact(bytes: Buffer, start: number, end: number): Buffer {
  const dense = Buffer.allocUnsafe(end - start);
  let length = 0;
  let isInString = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (!isInString && isSpace(byte)) continue;
    dense[length++] = byte;
    if (byte === QUOTE) isInString = !isInString;
    else if (isInString && byte === BACKSLASH) {
      at++;
      dense[length++] = bytes[at] ?? 0;
    }
  }
  return dense.subarray(0, length);
}
