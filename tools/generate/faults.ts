import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { STATES } from '../../test/states/table.ts';
import { FAULTS, PENDING } from './fault-rows.ts';
import { code, page, table } from './markdown.ts';

const TEST = join(import.meta.dirname, '../../test');
/** A string that begins like the title of a test: `F12: `, `A2, A3: `. */
const TITLE = /['"`]((?:[AF]\d+, )*[AF]\d+): /g;
/** Where the rows of the states table are played. */
const STATES_PAGE = 'states.md';

/** docs/reference/faults.md. @throws Error when a row has no test, or a test names a row that is none */
export function faultsPage(): string {
  const proofs = findProofs();
  const problems = problemsOf(proofs);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return page(
    'Faults and attacks',
    'tools/generate/fault-rows.ts and the titles of the tests',
    'What the operator survives, and the tests that prove it, each against a real API server unless it is about a file or a text. The title of a test begins with the id of its row: `npm test -- -t A2:` runs those of one row.',
    '## Faults',
    faultTable('F', proofs),
    '## Attacks',
    'A _tenant_ may write ConfigMaps in the namespace of his clusters and read all else there, but may write neither ClusterDeployments, policies nor HelmReleases: whoever may write those decides about audit anyway.',
    faultTable('A', proofs),
    '## What a tenant can still do',
    LIMITS,
  );
}

const LIMITS = [
  '- **Be in the way.** A ConfigMap under the name of a cluster that has no policy yet stops its first delivery (`NameConflict`). So does a forged `auditpolicy.dev/reverted` on the right bytes while a first delivery waits (`Reverted`). Both are told by condition and Warning.',
  '- **Let a held edit go.** The annotation `auditpolicy.dev/policy` tells an edit from a changed reference. A tenant who rewrites it, or puts the new bytes into the ConfigMap at the right moment, lets that edit go out before its turn, or in spite of `propagation: Hold`; never another content than the one that the policy has.',
  '- **Be read for a moment.** Between an edit of the ConfigMap and its repair lie milliseconds, or the time until an operator runs again. A node that starts just then reads what the tenant wrote. Nothing is repaired while the cluster is paused or its HelmRelease is going away, nor after its ClusterDeployment has been deleted.',
  '- **After a takeover from KCM, until the first edit**, the values are not yet ours: a ConfigMap that a tenant replaces whole, without our marks, is left as foreign (`NameConflict`) instead of being repaired.',
  '- **Take up memory.** Every ConfigMap with the label of the operator is watched, whatever its name; this one no admission policy by name ends.',
  '',
  '[config/hardening](../../config/hardening/configmap-guard.yaml) ends the others: an admission policy by which nobody but the operator writes ConfigMaps named `*-audit-policy`.',
].join('\n');

/** The files whose tests name a row, by its id; paths below the repository. */
function findProofs(): Map<string, Set<string>> {
  const proofs = new Map<string, Set<string>>();
  const add = (id: string, where: string) => proofs.set(id, (proofs.get(id) ?? new Set()).add(where));
  for (const file of readdirSync(TEST, { recursive: true, encoding: 'utf8' }).sort()) {
    if (!file.endsWith('.test.ts') && !/^long\/[^/]+\.ts$/.test(file)) continue;
    for (const [, ids = ''] of readFileSync(join(TEST, file), 'utf8').matchAll(TITLE)) {
      for (const id of ids.split(', ')) add(id, `test/${file}`);
    }
  }
  for (const { matrix = [] } of STATES) for (const id of matrix) add(id, STATES_PAGE);
  return proofs;
}

/** What is wrong with the claims, in words. @param proofs has an entry for each id that a test names */
export function problemsOf(
  proofs: Pick<ReadonlyMap<string, unknown>, 'has' | 'keys'>,
  claimed: readonly string[] = FAULTS.map(({ id }) => id),
  pending: readonly string[] = PENDING,
): string[] {
  const isMissing = (id: string) => !proofs.has(id) && !pending.includes(id);
  return [
    ...claimed.filter(isMissing).map((id) => `no test proves ${id}`),
    ...[...proofs.keys()]
      .filter((id) => !claimed.includes(id))
      .map((id) => `a test names ${id}, which is no row`),
    ...pending.filter((id) => proofs.has(id) || !claimed.includes(id)).map((id) => `${id} is not pending`),
  ];
}

function faultTable(kind: 'A' | 'F', proofs: ReadonlyMap<string, ReadonlySet<string>>): string {
  return table(
    ['Id', kind === 'F' ? 'Fault' : 'Attack', 'What the operator does', 'Proof'],
    FAULTS.filter(({ id }) => id.startsWith(kind)).map(({ id, what, answer }) => [
      code(id),
      what,
      answer,
      PENDING.includes(id) ? 'pending' : [...(proofs.get(id) ?? [])].map(link).join(', '),
    ]),
  );
}

function link(where: string): string {
  if (where === STATES_PAGE) return `[states](${where})`;
  const name = where.replace(/^test\/(?:integration\/|unit\/)?/, '').replace(/(?:\.test)?\.ts$/, '');
  return `[${name}](../../${where})`;
}
