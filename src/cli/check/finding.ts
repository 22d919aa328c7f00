import { CROSS, MARKER, TICK } from '../marks.ts';
import { printableLine } from '../terminal.ts';

/** What one look has found; the shape of `-o json`. */
export interface Finding {
  /** What was looked at, a stable word: `crd/clusterdeployments.k0rdent.mirantis.com`, `webhook`, `rbac`. */
  check: string;
  /** `info`: told, and neither right nor wrong: not there, not visible, not allowed. */
  status: 'ok' | 'failed' | 'info';
  message: string;
  /** It could not be looked at for want of a right: with `aside` the rest tells enough. */
  unseen?: 'matters' | 'aside';
}

const MARKS: Readonly<Record<Finding['status'], string>> = { ok: TICK, failed: CROSS, info: MARKER };

export function findingLine({ status, message }: Finding): string {
  return `${MARKS[status]} ${printableLine(message)}\n`;
}

export function ok(check: string, message: string): Finding {
  return { check, status: 'ok', message };
}

export function failed(check: string, message: string): Finding {
  return { check, status: 'failed', message };
}

export function info(check: string, message: string): Finding {
  return { check, status: 'info', message };
}

/** For what could not be looked at for want of a right. */
export function unseen(check: string, message: string, how: NonNullable<Finding['unseen']>): Finding {
  return { check, status: 'info', message, unseen: how };
}
