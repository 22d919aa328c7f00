import type { Observed } from './types.ts';

/** What tells how many nodes a control plane has. */
type ControlPlane = Pick<Observed, 'deployment' | 'helmRelease'>;

/** Nodes of the control plane, from the values (what is deployed) before the deployment (what was asked for). */
export function controlPlaneNumber(observed: ControlPlane): number | undefined {
  return observed.helmRelease?.controlPlaneNumber ?? observed.deployment.controlPlaneNumber;
}

/**
 * A sentence for control planes whose roll can cost etcd's quorum: with one node a roll goes through two members, and
 * an even number tolerates no more failures than one node less.
 */
export function quorumWarning(observed: ControlPlane): string | undefined {
  const nodes = controlPlaneNumber(observed);
  if (nodes === undefined || nodes < 1 || nodes % 2 === 1) {
    return nodes === 1
      ? 'The control plane has 1 node: every change of the policy rolls it, and etcd can lose quorum on the way; read docs/single-control-plane.md before the next one.'
      : undefined;
  }
  return `The control plane has ${nodes} nodes, an even number: every change of the policy rolls it, and etcd can lose quorum on the way; read docs/single-control-plane.md before the next one.`;
}
