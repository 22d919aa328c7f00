import type { Action } from '../../plan/types.ts';

/** What a plan would write, for people: one line. */
export function actionsInWords(actions: readonly Action[]): string {
  return actions.map(inWords).join(', ');
}

function inWords(action: Action): string {
  switch (action.type) {
    case 'KeepRevision':
      return `keep a copy of hash ${action.sha256.slice(0, 8)}`;
    case 'CreateConfigMap':
      return `create the ConfigMap with hash ${action.content.sha256.slice(0, 8)}`;
    case 'PatchConfigMap':
      return action.configMap.sha256 === action.content.sha256
        ? 'take the ConfigMap over as it is'
        : `put hash ${action.content.sha256.slice(0, 8)} into the ConfigMap`;
    case 'MarkReleased':
      return 'mark the ConfigMap as given up';
    case 'DeleteConfigMap':
      return 'delete the ConfigMap';
    case 'SetPolicyRef':
      return `name hash ${action.hash} in the HelmRelease values`;
    case 'ReleasePolicyRef':
    case 'RemovePolicyRef':
      return `take hash ${action.helmRelease.policyRef?.hash ?? '(none)'} out of the HelmRelease values`;
  }
}
