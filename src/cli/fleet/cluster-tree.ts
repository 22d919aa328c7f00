import { configMapName } from '../../api/names.ts';
import { printableLine } from '../terminal.ts';
import { CROSS, MARKER, TICK } from '../marks.ts';
import type { ClusterState, RollOut } from './cluster-state.ts';

interface Step {
  isRight: boolean;
  text: string;
}

const ROLL_OUT: Readonly<Record<RollOut, string>> = {
  done: 'Flux has rolled it out',
  underWay: 'Flux is rolling it out',
  failed: 'Flux has failed to roll it out',
  suspended: 'suspended: Flux rolls nothing out',
};

/** One cluster as a tree: each step of the way with its hash, then why it stops; lines end in a line feed. */
export function clusterTree(cluster: ClusterState): string {
  const { namespace, name, mode, ok, state, message, kubernetesVersion } = cluster;
  const steps = stepsOf(cluster);
  const firstWrong = steps.findIndex(({ isRight }) => !isRight);
  const lines = [
    `${ok ? TICK : CROSS} ${namespace}/${name}: ${state} (${mode}, checked for Kubernetes ${kubernetesVersion})`,
    ...steps.map(({ isRight, text }, index) => {
      const branch = index === steps.length - 1 ? '└─' : '├─';
      return `${branch} ${isRight ? TICK : index === firstWrong ? CROSS : MARKER} ${text}`;
    }),
    ...(message === '' ? [] : [`   ${message}`]),
  ];
  return lines.map((line) => `${printableLine(line)}\n`).join('');
}

function stepsOf({ name, policy, configMap, helmRelease }: ClusterState): Step[] {
  const wanted = policy?.hash ?? null;
  const isWanted = (hash: string | null | undefined) => wanted !== null && hash === wanted;
  const rollOut = helmRelease?.rollOut ?? null;
  const hashOf = (hash: string | null | undefined) =>
    hash === undefined || hash === null ? 'none' : `hash ${hash}`;
  return [
    policy === null
      ? { isRight: true, text: 'ClusterAuditPolicy: none is named' }
      : {
          isRight: wanted !== null,
          text: `ClusterAuditPolicy ${policy.name}: ${wanted === null ? 'missing or refused' : hashOf(wanted)}`,
        },
    {
      isRight: policy === null ? configMap === null : isWanted(configMap?.hash),
      text: `ConfigMap ${configMap?.name ?? configMapName(name)}: ${hashOf(configMap?.hash)}`,
    },
    {
      isRight: policy === null ? (helmRelease?.hash ?? null) === null : isWanted(helmRelease?.hash),
      text:
        helmRelease === null
          ? `HelmRelease ${name}: does not exist`
          : `HelmRelease ${helmRelease.name}: ${hashOf(helmRelease.hash)} in the values`,
    },
    ...(rollOut === null ? [] : [{ isRight: rollOut === 'done', text: `roll-out: ${ROLL_OUT[rollOut]}` }]),
  ];
}
