import type { ControlPlane } from '../control-plane/start.ts';

interface Shared {
  controlPlane?: ControlPlane;
  /** With the operator's kubeconfig. */
  folder?: string;
}

declare global {
  var auditPolicyTestShared: Shared | undefined;
}

/** What set-up hands to tear-down. On globalThis, since jest may load a module anew for each of them. */
export const shared: Shared = (globalThis.auditPolicyTestShared ??= {});
