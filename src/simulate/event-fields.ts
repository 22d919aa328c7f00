/** The fields of an audit event that are looked at; anything else is passed over. */
export const FIELDS = [
  'kind',
  'level',
  'auditID',
  'stage',
  'requestURI',
  'verb',
  'user',
  'objectRef',
  'responseStatus',
  'requestObject',
  'responseObject',
  'requestReceivedTimestamp',
  'stageTimestamp',
  'annotations',
  'metadata',
  'timestamp',
  'impersonatedUser',
  'authenticationMetadata',
] as const;
export type Field = (typeof FIELDS)[number];

/** Length, first and last byte tell the known fields apart; the rest is compared. */
const byShape = new Map(
  FIELDS.map((name, index) => {
    const bytes = Buffer.from(name);
    return [shape(bytes, 0, bytes.length), { index, bytes }];
  }),
);

function shape(bytes: Uint8Array, start: number, end: number): number {
  return ((end - start) << 16) | ((bytes[start] ?? 0) << 8) | (bytes[end - 1] ?? 0);
}

/** Index in FIELDS of the name that stands there, -1 for another. */
export function fieldAt(bytes: Uint8Array, start: number, end: number): number {
  const known = byShape.get(shape(bytes, start, end));
  if (known === undefined) return -1;
  for (let i = 1; i < known.bytes.length - 1; i++) if (bytes[start + i] !== known.bytes[i]) return -1;
  return known.index;
}
