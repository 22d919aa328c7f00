import type { IncomingHttpHeaders } from 'node:http';

import { errorFromStatus, KubeError } from './errors.ts';
import type { AnswerReader } from './exchange.ts';
import type { KubeResponse } from './transport.ts';

// Of an error only the message counts, and no server needs more for that.
const longestErrorBytes = 2 ** 20;

/** Reads a whole answer; parses it when it is JSON. @throws KubeError InvalidResponse when it only claims to be */
export function jsonReader(status: number, headers: IncomingHttpHeaders): AnswerReader<KubeResponse> {
  const chunks: Buffer[] = [];
  return {
    chunk: (chunk) => {
      chunks.push(chunk);
    },
    end: () => ({ status, headers, body: parse(chunks, headers) }),
  };
}

/** Reads the answer to a refused request, and throws it. */
export function errorReader(status: number, headers: IncomingHttpHeaders, now: number): AnswerReader<never> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const fail = (): never => {
    throw errorFromStatus(status, parseLeniently(chunks, headers), retryAfterOf(headers, now));
  };
  return {
    chunk: (chunk) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > longestErrorBytes) fail();
    },
    end: fail,
  };
}

function parse(chunks: readonly Buffer[], headers: IncomingHttpHeaders): unknown {
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return undefined;
  if (!isJson(headers)) return text;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new KubeError({ code: 'InvalidResponse', message: 'the server sent broken JSON', cause: error });
  }
}

function parseLeniently(chunks: readonly Buffer[], headers: IncomingHttpHeaders): unknown {
  try {
    return parse(chunks, headers);
  } catch {
    return undefined;
  }
}

function isJson(headers: IncomingHttpHeaders): boolean {
  return headers['content-type']?.startsWith('application/json') === true;
}

/**
 * Retry-After in milliseconds, which is in seconds or a date.
 * @param now epoch milliseconds
 */
function retryAfterOf(headers: IncomingHttpHeaders, now: number): number | undefined {
  const value = headers['retry-after'];
  if (value === undefined) return undefined;
  const delayMs = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(delayMs) ? Math.max(0, delayMs) : undefined;
}
