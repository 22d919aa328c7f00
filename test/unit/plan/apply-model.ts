import { readPolicyConfigMap } from '../../../src/plan/observed/config-map.ts';
import { configMapBody } from '../../../src/plan/manifests.ts';
import type { Action, ConfigMapContent, Observed } from '../../../src/plan/types.ts';
import { SETTLED, helmRelease } from './fixtures.ts';

/** Every content that a property test uses, by its digest: what the kept revisions would answer. */
export type Contents = ReadonlyMap<string, string>;

/**
 * The state after a write, as the API server would leave it. A model for properties of the plan only: whether the real server
 * does the same is for the integration tests.
 */
export function applyToModel(observed: Observed, action: Action, contents: Contents): Observed {
  const { configMap, ...withoutConfigMap } = observed;
  switch (action.type) {
    case 'KeepRevision':
      return { ...observed, keptRevisions: [...observed.keptRevisions, action.sha256] };
    case 'CreateConfigMap':
    case 'PatchConfigMap': {
      const yaml = yamlOf(action.content, contents);
      const { content, policy, before, ...rest } = action;
      // A merge patch leaves what it does not name.
      const found = action.type === 'PatchConfigMap' ? action.configMap : undefined;
      const [wasFor, wasBefore] = [policy ?? found?.policy, before ?? found?.before];
      const body = configMapBody(observed.deployment, {
        ...rest,
        yaml,
        sha256: content.sha256,
        ...(wasFor === undefined ? {} : { policy: wasFor }),
        ...(wasBefore === undefined ? {} : { before: wasBefore }),
      });
      return { ...observed, configMap: readPolicyConfigMap(body) };
    }
    case 'MarkReleased':
      return configMap === undefined
        ? observed
        : { ...observed, configMap: { ...configMap, releasedAt: action.releasedAt } };
    case 'DeleteConfigMap':
      return withoutConfigMap;
    case 'SetPolicyRef':
      return {
        ...observed,
        helmRelease: helmRelease({
          values: { audit: { policyRef: { name: 'c-audit-policy', key: 'policy', hash: action.hash } } },
          owners: [
            {
              manager: 'audit-policy-operator',
              operation: 'Apply',
              time: new Date(observed.now).toISOString(),
            },
          ],
          metadata: { generation: 2 },
          status: SETTLED,
        }),
      };
    case 'ReleasePolicyRef':
    case 'RemovePolicyRef':
      return { ...observed, helmRelease: helmRelease({ metadata: { generation: 2 }, status: SETTLED }) };
  }
}

function yamlOf(content: ConfigMapContent, contents: Contents): string {
  if ('yaml' in content) return content.yaml;
  const yaml = contents.get(content.sha256);
  if (yaml === undefined) throw new Error(`no revision of ${content.sha256} is kept`);
  return yaml;
}
