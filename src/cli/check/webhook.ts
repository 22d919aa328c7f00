import { listAt, stringAt } from '../../api/json.ts';
import { K0RDENT_API_VERSION } from '../../api/names.ts';
import { CLUSTER_AUDIT_POLICIES } from '../../controllers/kinds.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isKubeError, type KubeError } from '../../kube/errors.ts';
import { listAll } from '../../kube/list-all.ts';
import type { Resource } from '../../kube/resources.ts';
import { failed, info, ok, unseen, type Finding } from './finding.ts';

/** The webhook that refuses unfit policies. */
export const POLICY_WEBHOOK = 'policies.auditpolicy.dev';

const CHECK = 'webhook';
const NAME = 'audit-policy-operator-check';
const CONFIGURATIONS: Resource = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  namespaced: false,
};

/** No schema minds it, nor does KCM's webhook; kube-apiserver does not start with it. */
const NO_RULES = { rules: [] };
/** For a schema that wants one rule at least. */
const MIXED_RULE = {
  rules: [{ level: 'Metadata', resources: [{ group: '' }], nonResourceURLs: ['/healthz'] }],
};
const FINE = { rules: [{ level: 'Metadata' }] };

export interface WebhookOptions {
  /** Where the dry runs would be. */
  namespace: string;
  requireWebhook: boolean;
}

/** Creates policies that nothing comes of: a bad one, which only our webhook refuses, and a good one. */
export async function checkWebhook(client: KubeClient, options: WebhookOptions): Promise<Finding[]> {
  let refusal = await dryRun(client, options.namespace, NO_RULES);
  if (refusal !== undefined && !isByAdmission(refusal) && refusal.code === 'Invalid') {
    refusal = await dryRun(client, options.namespace, MIXED_RULE);
  }
  if (refusal !== undefined && isOurs(refusal)) return [await withGood(client, options)];
  return [await notRefused(client, options, refusal)];
}

async function withGood(client: KubeClient, { namespace }: WebhookOptions): Promise<Finding> {
  const refusal = await dryRun(client, namespace, FINE);
  if (refusal === undefined)
    return ok(CHECK, `webhook ${POLICY_WEBHOOK} refuses a bad policy and lets a good one pass`);
  return failed(CHECK, `a good policy is refused: ${refusal.message}`);
}

async function notRefused(
  client: KubeClient,
  { namespace, requireWebhook }: WebhookOptions,
  refusal: KubeError | undefined,
): Promise<Finding> {
  const say = requireWebhook ? failed : info;
  const why = refusal?.message ?? '';
  if (refusal !== undefined && why.includes(`failed calling webhook "${POLICY_WEBHOOK}"`)) {
    return failed(CHECK, `webhook ${POLICY_WEBHOOK} cannot be called: ${why}`);
  }
  if (refusal !== undefined && isByAdmission(refusal)) {
    return say(CHECK, `a bad policy was refused, but not by ${POLICY_WEBHOOK}: ${why}`);
  }
  if (refusal?.code === 'Forbidden') {
    const message = `webhook not tested, for want of a right: ${why}`;
    return requireWebhook ? failed(CHECK, message) : unseen(CHECK, message, 'aside');
  }
  if (refusal !== undefined) return failed(CHECK, `webhook not tested: ${why}`);
  const configuration = await findConfiguration(client);
  if (configuration !== undefined) {
    return failed(
      CHECK,
      `webhook ${POLICY_WEBHOOK} is installed (ValidatingWebhookConfiguration "${configuration}"), but a bad policy passed in namespace "${namespace}"`,
    );
  }
  return say(CHECK, `no webhook ${POLICY_WEBHOOK}: a bad policy is not refused, only told by its condition`);
}

/** @returns the refusal; undefined when it would have been created */
async function dryRun(client: KubeClient, namespace: string, policy: object): Promise<KubeError | undefined> {
  const body = {
    apiVersion: K0RDENT_API_VERSION,
    kind: CLUSTER_AUDIT_POLICIES.kind,
    metadata: { name: NAME, namespace },
    spec: { policy },
  };
  try {
    await client.create(CLUSTER_AUDIT_POLICIES, { namespace, name: NAME }, body, { serverDryRun: true });
    return undefined;
  } catch (error) {
    if (!isKubeError(error) || error.status === undefined) throw error;
    return error;
  }
}

function isByAdmission({ message }: KubeError): boolean {
  return /admission webhook "|failed calling webhook "|ValidatingAdmissionPolicy '/.test(message);
}

function isOurs({ message }: KubeError): boolean {
  return message.includes(`admission webhook "${POLICY_WEBHOOK}" denied the request`);
}

/** The configuration that has our webhook, if it can be seen. */
async function findConfiguration(client: KubeClient): Promise<string | undefined> {
  try {
    const all = await listAll(client, CONFIGURATIONS, {}, (raw) => ({
      name: stringAt(raw, 'metadata', 'name') ?? '',
      hooks: listAt(raw, 'webhooks').map((hook) => stringAt(hook, 'name')),
    }));
    return all.find(({ hooks }) => hooks.includes(POLICY_WEBHOOK))?.name;
  } catch (error) {
    if (isKubeError(error, 'Forbidden')) return undefined;
    throw error;
  }
}
