import { readFile } from 'node:fs/promises';
import { asString, dig } from '../../support/json.ts';

/** The audit events of one request: its level, and the stages that were written, in their order. */
export interface Audited {
  level: string;
  stages: readonly string[];
}

/** The events in an audit log by `auditID`; a request without one is not in it. */
export async function readAuditLog(path: string): Promise<Map<string, Audited>> {
  const found = new Map<string, Audited>();
  const text = await readFile(path, 'utf8').catch(() => '');
  for (const line of text.split('\n').slice(0, -1)) {
    const event: unknown = JSON.parse(line);
    const id = asString(dig(event, 'auditID'), 'auditID');
    const level = asString(dig(event, 'level'), 'level');
    const stage = asString(dig(event, 'stage'), 'stage');
    found.set(id, { level, stages: [...(found.get(id)?.stages ?? []), stage] });
  }
  return found;
}
