import { asArray, asRecord, asString, dig } from '../../support/json.ts';

/** What became of the mutants of a folder. */
export interface Tally {
  killed: number;
  /** Ran for ever, which a test would notice: counts as killed. */
  timedOut: number;
  survived: number;
  /** No test runs that code. */
  uncovered: number;
}

export interface Report {
  tally: Tally;
  /** `file:line:column mutator replacement`, of those that survived or that no test covers. */
  survivors: string[];
}

/** Reads a report of the mutation testing elements' schema. Mutants that are ignored or do not compile count for nothing. */
export function readReport(report: unknown): Report {
  const tally: Tally = { killed: 0, timedOut: 0, survived: 0, uncovered: 0 };
  const survivors: string[] = [];
  for (const [file, found] of Object.entries(asRecord(dig(report, 'files'), 'files'))) {
    for (const mutant of asArray(dig(found, 'mutants'), 'mutants')) {
      const status = asString(dig(mutant, 'status'), 'status');
      if (status === 'Killed') tally.killed++;
      else if (status === 'Timeout') tally.timedOut++;
      else if (status === 'Survived') tally.survived++;
      else if (status === 'NoCoverage') tally.uncovered++;
      if (status === 'Survived' || status === 'NoCoverage') survivors.push(describe(file, mutant, status));
    }
  }
  return { tally, survivors };
}

function describe(file: string, mutant: unknown, status: string): string {
  const { line, column } = asRecord(dig(mutant, 'location', 'start'), 'location');
  const replacement = String(dig(mutant, 'replacement')).replace(/\s+/g, ' ').slice(0, 100);
  const mark = status === 'NoCoverage' ? 'uncovered ' : '';
  return `${file}:${String(line)}:${String(column)} ${mark}${String(dig(mutant, 'mutatorName'))} ${replacement}`;
}

/** Percent of the mutants that a test noticed; 100 when there are none. */
export function scoreOf({ killed, timedOut, survived, uncovered }: Tally): number {
  const all = killed + timedOut + survived + uncovered;
  return all === 0 ? 100 : ((killed + timedOut) / all) * 100;
}
