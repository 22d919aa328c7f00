import { createHash } from 'node:crypto';

/** 64 lower-case hex digits of the SHA-256 of the text's UTF-8 bytes. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The contract's `policyRef.hash`: the first 4 bytes of the SHA-256, as 8 lower-case hex digits. */
export function shortHash(text: string): string {
  return sha256Hex(text).slice(0, 8);
}
