import type { WriteRequest } from '../../src/kube/client.ts';
import type { ExchangeInfo } from '../../src/kube/http-transport.ts';
import { collectionPath, objectPath } from '../../src/kube/resources.ts';
import type { ReconcileOutcome } from '../../src/runtime/controller.ts';
import type { RunningOperator } from '../support/operator.ts';
import type { Scenario } from '../support/scenario.ts';
import type { World } from './world.ts';

/** What the operator did about one cluster from a moment on, also across a restart of it. */
export class Journal {
  readonly #s: Scenario;
  readonly #cluster: string;
  readonly #id: string;
  readonly #operator: RunningOperator;
  readonly #writesFrom: number;
  readonly #exchangesFrom: number;
  readonly #outcomesFrom: number;

  constructor({ s, name, id }: Pick<World, 's' | 'name' | 'id'>) {
    this.#s = s;
    this.#cluster = name;
    this.#id = id;
    this.#operator = s.operator;
    this.#writesFrom = s.operator.writes.length;
    this.#exchangesFrom = s.operator.exchanges.length;
    this.#outcomesFrom = s.operator.outcomes.length;
  }

  /** Every write about the cluster, in the words of the table. */
  writes(): string[] {
    const { writes, exchanges } = this.#s.operator;
    const seen = this.#since(exchanges, this.#exchangesFrom);
    const answered = new Set<ExchangeInfo>();
    return this.#since(writes, this.#writesFrom)
      .filter((write) => this.#isAboutTheCluster(write))
      .map((write) => {
        const answer = seen.find((exchange) => !answered.has(exchange) && isAnswerTo(write, exchange));
        if (answer) answered.add(answer);
        return `${inWords(write)}${answer?.error === undefined ? '' : ' (refused)'}`;
      });
  }

  /** How its reconciles ended. */
  outcomes(): ReconcileOutcome[] {
    return this.#since(this.#s.operator.outcomes, this.#outcomesFrom).filter(({ key }) =>
      key.endsWith(`/${this.#cluster}`),
    );
  }

  #since<T>(list: readonly T[], from: number): readonly T[] {
    return this.#s.operator === this.#operator ? list.slice(from) : list;
  }

  #isAboutTheCluster({ resource, name, body }: WriteRequest): boolean {
    if (NOT_COUNTED.includes(resource.kind)) return false;
    // A revision belongs to its content, and each row has contents of its own.
    if (resource.kind === 'ControllerRevision') return JSON.stringify(body).includes(`- ${this.#id}\\n`);
    return name.name === this.#cluster || name.name === `${this.#cluster}-audit-policy`;
  }
}

/** Told of in columns or pages of their own. */
const NOT_COUNTED = ['Event', 'ClusterAuditPolicy', 'ClusterAuditReport'];

const METHODS = { create: 'POST', mergePatch: 'PATCH', jsonPatch: 'PATCH', apply: 'PATCH', delete: 'DELETE' };

function isAnswerTo({ verb, resource, name, subresource }: WriteRequest, exchange: ExchangeInfo): boolean {
  if (exchange.method !== METHODS[verb]) return false;
  if (verb !== 'create') return exchange.path === objectPath(resource, name, subresource);
  // Only the words of a refusal tell which of the collection was to be created; where all are refused, it does not matter.
  const { path, error } = exchange;
  const isRefused = [`"${name.name}"`, 'cannot create resource'].some((part) => String(error).includes(part));
  return path === collectionPath(resource, name.namespace) && isRefused;
}

function inWords({ verb, resource, subresource }: WriteRequest): string {
  if (subresource === 'status' && resource.kind === 'ClusterDeployment') return 'status';
  const word = verb === 'mergePatch' || verb === 'jsonPatch' ? 'patch' : verb;
  return `${word} ${resource.kind}${subresource === undefined ? '' : `/${subresource}`}`;
}
