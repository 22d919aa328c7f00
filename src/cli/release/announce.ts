import { quorumWarning } from '../../plan/control-plane-size.ts';
import type { Observed } from '../../plan/types.ts';
import { MARKER } from '../marks.ts';
import { printableLine } from '../terminal.ts';
import { planRelease } from './plan-release.ts';

/** `namespace/name`, for people. */
export function keyOf({ deployment }: Observed): string {
  return printableLine(deployment.key);
}

/** What is to come, plainly, before anything is asked or done. */
export function announcement(todo: readonly Observed[]): string {
  const lines = todo.map((observed) => {
    const step = planRelease(observed);
    const hash = observed.helmRelease?.policyRef?.hash;
    const what =
      step.type === 'left'
        ? `is left as it is: ${step.why}`
        : hash === undefined
          ? 'its ConfigMap goes once Flux has settled'
          : `hash ${hash} goes from the values, so its control plane rolls; then its ConfigMap goes`;
    const warning = step.type === 'left' || hash === undefined ? undefined : quorumWarning(observed);
    const line = [what, ...(warning === undefined ? [] : [warning])].join('. ');
    return `${MARKER} ${keyOf(observed)}: ${printableLine(line)}\n`;
  });
  const rolls = todo.some(
    (observed) => observed.helmRelease?.policyRef !== undefined && planRelease(observed).type !== 'left',
  );
  return [...lines, ...(rolls ? [ROLLS] : [])].join('');
}

const ROLLS =
  'The control planes of these clusters roll, and their API servers no longer have an audit policy file: nothing is audited by it any more.\n';
