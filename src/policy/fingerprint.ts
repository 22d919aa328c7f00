import objectHash from 'object-hash';
import { normalizePolicy } from './normalize.ts';
import type { AuditPolicy } from './types.ts';

/**
 * 64 hex digits that two spellings of one policy share (see `normalizePolicy`), and two policies that could decide
 * differently do not. It tells whether an edit means anything; the contract's hash is of the rendered bytes.
 */
export function fingerprint(policy: AuditPolicy): string {
  return objectHash(normalizePolicy(policy), { algorithm: 'sha256', respectType: false });
}
