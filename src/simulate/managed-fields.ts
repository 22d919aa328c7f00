import { OPEN_LIST, OPEN_OBJECT } from './json-characters.ts';
import { eachItem, eachMember } from './json-bytes.ts';

const KEY = Buffer.from('managedFields');
const METADATA = Buffer.from('metadata');
const ITEMS = Buffer.from('items');
const ROWS = Buffer.from('rows');
const OBJECT = Buffer.from('object');

/**
 * Bytes that `omitManagedFields` takes out of a body: `metadata.managedFields` of the object itself, of the items of a list, and of
 * the objects in the rows of a Table (`copyWithoutManagedFields` of k8s.io/apiserver's pkg/audit/request.go).
 */
export function managedFieldsIn(bytes: Buffer, start: number, end: number): number {
  if (!bytes.subarray(start, end).includes('"managedFields"')) return 0;
  return ofObject(bytes, start, end, true);
}

function ofObject(bytes: Buffer, start: number, end: number, mayBeList: boolean): number {
  if (bytes[start] !== OPEN_OBJECT) return 0;
  let size = 0;
  eachMember(bytes, start, end, (keyStart, keyEnd, valueStart, valueEnd) => {
    const first = bytes[valueStart];
    if (first === OPEN_OBJECT && equals(bytes, keyStart, keyEnd, METADATA))
      size += ofMetadata(bytes, valueStart, valueEnd);
    else if (mayBeList && first === OPEN_LIST) {
      if (equals(bytes, keyStart, keyEnd, ITEMS))
        eachItem(bytes, valueStart, valueEnd, (from, to) => (size += ofObject(bytes, from, to, false)));
      else if (equals(bytes, keyStart, keyEnd, ROWS))
        eachItem(bytes, valueStart, valueEnd, (from, to) => (size += ofRow(bytes, from, to)));
    }
  });
  return size;
}

function ofRow(bytes: Buffer, start: number, end: number): number {
  if (bytes[start] !== OPEN_OBJECT) return 0;
  let size = 0;
  eachMember(bytes, start, end, (keyStart, keyEnd, valueStart, valueEnd) => {
    if (equals(bytes, keyStart, keyEnd, OBJECT)) size += ofObject(bytes, valueStart, valueEnd, false);
  });
  return size;
}

/** One comma goes with it, unless it stands alone. */
function ofMetadata(bytes: Buffer, start: number, end: number): number {
  let size = 0;
  let members = 0;
  eachMember(bytes, start, end, (keyStart, keyEnd, _, valueEnd) => {
    members++;
    if (equals(bytes, keyStart, keyEnd, KEY)) size = valueEnd - keyStart + 1;
  });
  return size === 0 || members === 1 ? size : size + 1;
}

function equals(bytes: Buffer, start: number, end: number, word: Buffer): boolean {
  return end - start === word.length && bytes.compare(word, 0, word.length, start, end) === 0;
}
