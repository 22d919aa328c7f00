import { NEWEST_TESTED, type KubernetesVersion } from '../policy/kubernetes-version.ts';
import { checkInput, type CheckedPolicy } from './checked-policy.ts';
import { readInputs } from './inputs.ts';
import { UsageError, type Io } from './io.ts';

/**
 * The policies of files, folders and standard input, each with all that is wrong with it.
 * @param version the user's choice; without it the newest counts, and what an older one refuses is a warning
 * @throws UsageError when an input cannot be read, or there is no policy among them
 */
export async function readPolicies(
  paths: readonly string[],
  version: KubernetesVersion | undefined,
  io: Io,
): Promise<CheckedPolicy[]> {
  const inputs = await readInputs(paths, io);
  const wanted = { version: version ?? NEWEST_TESTED, isChosen: version !== undefined };
  const checked = inputs.flatMap((input) => checkInput(input, wanted));
  if (checked.length > 0) return checked;
  throw new UsageError(`${paths.join(', ')}: no audit policy found (kind Policy or ClusterAuditPolicy).`);
}

/** The line on which a rule begins; undefined when the text does not tell. */
export function ruleLine({ locate }: CheckedPolicy, rule: number): number | undefined {
  return locate?.(['rules', rule], 'value')?.line;
}
