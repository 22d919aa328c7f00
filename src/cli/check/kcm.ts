import { stringAt } from '../../api/json.ts';
import { MANAGEMENTS } from '../../controllers/kinds.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isKubeError } from '../../kube/errors.ts';
import { listAll } from '../../kube/list-all.ts';
import type { Resource } from '../../kube/resources.ts';
import type { Definitions } from './definitions.ts';
import { info, type Finding } from './finding.ts';

const CHECK = 'kcm';
const RELEASES: Resource = { ...MANAGEMENTS, plural: 'releases', kind: 'Release' };

/** KCM's version: its Management names a Release, which has it. */
export async function checkKcm(client: KubeClient, { hasManagements }: Definitions): Promise<Finding> {
  if (!hasManagements) return info(CHECK, 'no KCM here: the operator is the only writer');
  try {
    const names = await listAll(
      client,
      MANAGEMENTS,
      {},
      (raw) => stringAt(raw, 'status', 'release') ?? stringAt(raw, 'spec', 'release') ?? '',
    );
    const name = names.find((one) => one !== '');
    if (name === undefined) return unknown('no Management names a Release');
    const version = stringAt(await client.find(RELEASES, { name }), 'spec', 'version');
    return version === undefined
      ? unknown(`Release "${name}" tells none`)
      : info(CHECK, `KCM ${version} (Release "${name}")`);
  } catch (error) {
    if (!isKubeError(error, 'Forbidden')) throw error;
    return { ...unknown(error.message), unseen: 'aside' };
  }
}

function unknown(why: string): Finding {
  return info(CHECK, `KCM is installed; its version cannot be known: ${why}`);
}
