import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from './api.ts';

const POLICIES = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies';
const BINDINGS = '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings';
/** The API server reads admission policies on its own time. */
const TAKES_EFFECT_MS = 3000;

/** What is denied, in one namespace. */
export interface Denial {
  apiGroup: string;
  apiVersion: string;
  resource: string;
  operations: ('CREATE' | 'UPDATE')[];
  /** CEL: true lets the request pass. */
  unless: string;
  /** CEL: what the refusal says. */
  message: string;
}

/** Makes the API server refuse some writes, as a cluster's own admission policies do. @returns what takes it back */
export async function deny(
  api: Api,
  namespace: string,
  name: string,
  denial: Denial,
): Promise<() => Promise<void>> {
  const id = `${namespace}-${name}`;
  const { apiGroup, apiVersion, resource, operations, unless, message } = denial;
  const rule = { apiGroups: [apiGroup], apiVersions: [apiVersion], resources: [resource], operations };
  await api.create(POLICIES, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: id },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [rule],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      },
      validations: [{ expression: unless, messageExpression: message }],
    },
  });
  await api.create(BINDINGS, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: id },
    spec: { policyName: id, validationActions: ['Deny'] },
  });
  await sleep(TAKES_EFFECT_MS);
  return async () => {
    await api.delete(`${BINDINGS}/${id}`);
    await api.delete(`${POLICIES}/${id}`);
  };
}

const MUTATING_POLICIES = '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies';
const MUTATING_BINDINGS = '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings';

/**
 * Every update of a HelmRelease in a namespace loses `spec.values.audit`, and is answered as a success.
 * @returns what takes it back
 */
export async function dropAuditValues(api: Api, name: string): Promise<() => Promise<void>> {
  await api.create(MUTATING_POLICIES, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      reinvocationPolicy: 'Never',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: ['helm.toolkit.fluxcd.io'],
            apiVersions: ['v2'],
            resources: ['helmreleases'],
            operations: ['UPDATE'],
          },
        ],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
      },
      mutations: [
        {
          patchType: 'JSONPatch',
          jsonPatch: {
            expression:
              "has(object.spec.values.audit) ? [JSONPatch{op: 'remove', path: '/spec/values/audit'}] : []",
          },
        },
      ],
    },
  });
  await api.create(MUTATING_BINDINGS, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingAdmissionPolicyBinding',
    metadata: { name },
    spec: { policyName: name },
  });
  await sleep(TAKES_EFFECT_MS);
  return async () => {
    await api.delete(`${MUTATING_BINDINGS}/${name}`);
    await api.delete(`${MUTATING_POLICIES}/${name}`);
    await sleep(TAKES_EFFECT_MS);
  };
}
