/** The same JSON without white space between its tokens, as kube-apiserver writes it: so are its bytes counted. */
export function compact(bytes: Buffer, start: number, end: number): Buffer {
  const dense = Buffer.allocUnsafe(end - start);
  let length = 0;
  let isInString = false;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (!isInString && (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d)) continue;
    dense[length++] = byte;
    if (byte === 0x22) isInString = !isInString;
    else if (isInString && byte === 0x5c) {
      at++;
      dense[length++] = bytes[at] ?? 0;
    }
  }
  return dense.subarray(0, length);
}
