import { pino, type Logger } from 'pino';

export type { Logger };
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/**
 * JSON lines on standard output, one object a line, with stable keys. Values are JSON-escaped, so what users put into
 * names cannot forge a line. No object of the API is ever logged whole.
 */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  });
}
