import { pino, stdSerializers, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { logFields } from './log-scope.ts';

export type { Logger };

/** What JSON leaves as it is, and a terminal obeys: C1 controls, and characters that turn text around or hide in it. */
const UNSAFE = /[\u007f-\u009f\p{Cf}\p{Cs}\u2028\u2029]/gu;

/**
 * JSON lines on standard output (or where `destination` says), one object a line, with stable keys. Values are escaped, so what users put into names can
 * neither forge a line nor move a cursor. No object of the API is ever logged whole.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    mixin: logFields,
    serializers: { err: describeError },
    hooks: { streamWrite: (line) => line.replace(UNSAFE, escapeUnits) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

function escapeUnits(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** An answer of the API server tells all by its code and message; only what is unexpected needs a stack. */
function describeError(error: unknown): unknown {
  if (error instanceof Error && 'code' in error && error.name === 'KubeError') {
    const status = 'status' in error ? error.status : undefined;
    return {
      type: error.name,
      code: error.code,
      ...(status === undefined ? {} : { status }),
      message: error.message,
    };
  }
  return error instanceof Error ? stdSerializers.err(error) : error;
}
