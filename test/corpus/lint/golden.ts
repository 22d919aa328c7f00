import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkInput } from '../../../src/cli/checked-policy.ts';
import { lintInput } from '../../../src/cli/linted-policy.ts';
import { NEWEST_TESTED } from '../../../src/policy/kubernetes-version.ts';
import { PROFILES, type Profile } from '../../../src/policy/lint/profiles.ts';
import { describeWitness } from '../../../src/policy/requests/describe.ts';

/**
 * The corpus: own policies beside the examples, and what lint says of each under every profile. The test compares; after a change that
 * is meant, `node test/corpus/lint/golden.ts --update` writes the results anew, and the diff is for reading.
 */
const HERE = import.meta.dirname;
const FOLDERS = [
  join(HERE, 'policies'),
  join(HERE, '../../../examples/policies'),
  join(HERE, '../../../examples/refused'),
];

/** Paths of all policies of the corpus. */
export function corpus(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(folder)
      .sort()
      .map((name) => join(folder, name)),
  );
}

export function goldenPath(file: string): string {
  return join(HERE, 'golden', `${basename(file)}.txt`);
}

/** What lint says of a file, profile by profile, one finding a line. */
export function resultOf(file: string): string {
  return (Object.keys(PROFILES) as Profile[])
    .map((profile) => `${profile}:\n${underProfile(file, profile)}`)
    .join('\n');
}

function underProfile(file: string, profile: Profile): string {
  const source = { name: basename(file), text: readFileSync(file, 'utf8'), isNamed: true };
  const policies = checkInput(source, { version: NEWEST_TESTED, isChosen: false });
  const lines = lintInput(policies, { profiles: [profile] }).flatMap(({ findings, ignored, undecided }) => [
    ...findings.map(({ id, severity, path, position, message, witness }) => {
      const place = position ? `${position.line}:${position.column}` : '-';
      return `  ${place} ${severity} ${id} ${path}: ${message}${witness ? `\n      ${describeWitness(witness)}` : ''}`;
    }),
    ...ignored.map(({ finding, reason }) => `  ignored ${finding.id} ${finding.path}: ${reason}`),
    ...undecided.map((id) => `  undecided ${id}`),
  ]);
  return lines.length === 0 ? '  nothing\n' : `${lines.join('\n')}\n`;
}

if (process.argv[1] === import.meta.filename && process.argv.includes('--update')) {
  mkdirSync(join(HERE, 'golden'), { recursive: true });
  for (const file of corpus()) writeFileSync(goldenPath(file), resultOf(file));
}
