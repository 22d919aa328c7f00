import { Connection, type Answer } from './connection.ts';
import { USERS } from './users.ts';

/** One request of the day. */
export interface Call {
  method?: string;
  /** As it goes over the wire. */
  path: string;
  /** A token, or none; alice's when absent. */
  token?: string | null;
  body?: object | string;
  contentType?: string;
  accept?: string;
  headers?: Record<string, string>;
  hangsUp?: boolean;
}

/** What names a step in an event: its userAgent, and so the manager of the fields that it sets. */
const USER_AGENT = /^step-\d{3}$/;

export function isOfStep(userAgent: unknown): userAgent is string {
  return typeof userAgent === 'string' && USER_AGENT.test(userAgent);
}

/** Sends requests one after another and numbers them, so that an event tells of which one it is. */
export class Day {
  /** By step, what it is for, and the status of the answer. */
  readonly steps = new Map<string, { title: string; status: number }>();
  readonly #connection: Connection;

  constructor(server: string, ca: string) {
    this.#connection = new Connection(server, ca);
  }

  /** Sends the request as the next step. Any status is an answer. */
  async step(title: string, call: Call): Promise<Answer> {
    const step = `step-${String(this.steps.size + 1).padStart(3, '0')}`;
    const { method = 'GET', path, body, token = USERS.alice.token, hangsUp = false } = call;
    const answer = await this.#connection.send({
      method,
      path,
      hangsUp,
      headers: {
        'user-agent': step,
        accept: call.accept ?? 'application/json',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
        ...call.headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    this.steps.set(step, { title, status: answer.status });
    return answer;
  }

  close(): void {
    this.#connection.close();
  }
}
