import { readFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Daemon } from './daemon.ts';

const POLL_MS = 50;
const LOG_LINES = 20;

interface Readiness {
  url: string;
  token?: string;
  /** Read anew for each attempt: the API server writes it when it starts. */
  caFile?: string;
  timeoutMs: number;
  log: string;
}

/**
 * Resolves when the URL answers 200. Rejects, with the end of the log, when the process ends or the time is up; the
 * process is dead in both cases.
 */
export async function waitUntilReady(daemon: Daemon, name: string, probe: Readiness): Promise<void> {
  const deadline = performance.now() + probe.timeoutMs;
  while (daemon.isRunning()) {
    if (await answers(probe)) return;
    if (performance.now() > deadline) {
      await daemon.stop('SIGKILL');
      const seconds = String(probe.timeoutMs / 1000);
      throw new Error(`${name} is not ready after ${seconds} s; its log ends:\n${await tail(probe.log)}`);
    }
    await sleep(POLL_MS);
  }
  throw new Error(`${name} ended while starting; its log ends:\n${await tail(probe.log)}`);
}

async function answers({ url, token, caFile }: Readiness): Promise<boolean> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    const ca = caFile === undefined ? {} : { ca: await readFile(caFile) };
    const request = url.startsWith('https:') ? httpsRequest : httpRequest;
    return await new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(2000);
      request(url, { headers, agent: false, signal, ...ca }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      })
        .on('error', reject)
        .end();
    });
  } catch {
    return false;
  }
}

async function tail(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '(no log)');
  return text.trimEnd().split('\n').slice(-LOG_LINES).join('\n');
}
