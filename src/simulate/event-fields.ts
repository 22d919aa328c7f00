import { KnownWords } from './known-words.ts';

/** The fields of an audit event that are looked at; anything else is passed over. */
export const FIELDS = [
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

export const FIELD_NAMES = new KnownWords(FIELDS);
