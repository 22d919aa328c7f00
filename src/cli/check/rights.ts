import { at, stringAt } from '../../api/json.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isKubeError } from '../../kube/errors.ts';
import type { OperatorPlace } from '../fleet/operator.ts';
import { failed, ok, unseen, type Finding } from './finding.ts';
import { DEFINITION_PERMISSIONS, LEASE_PERMISSION, WORK_PERMISSIONS } from './permissions.ts';

const CHECK = 'rbac';

/** A ServiceAccount. */
export interface Account {
  namespace: string;
  name: string;
}

/** One verb on one thing, as a review asks for it. */
interface Question {
  group: string;
  resource: string;
  subresource?: string;
  verb: string;
  namespace?: string;
  name?: string;
}

/** Whose rights, and where they are needed. */
export interface RightsOptions {
  /** The operator's ServiceAccount. */
  account: Account;
  /** Whom this runs as, if it is a ServiceAccount; it asks for itself where others may not be asked for. */
  self: Account | undefined;
  operator: OperatorPlace;
  /** Where the operator works; everywhere when empty. */
  namespaces: readonly string[];
}

/** Whether the operator's ServiceAccount has the rights that its work needs. */
export async function checkRights(client: KubeClient, options: RightsOptions): Promise<Finding> {
  const { account, self } = options;
  const isSelf = self?.namespace === account.namespace && self.name === account.name;
  const title = `ServiceAccount ${account.namespace}/${account.name}`;
  try {
    const answers = await Promise.all(
      questions(options).map(async (question) => ({
        question,
        isAllowed: await mayDo(client, question, isSelf ? undefined : account),
      })),
    );
    const missing = answers.filter(({ isAllowed }) => !isAllowed).map(({ question }) => inWords(question));
    if (missing.length === 0)
      return ok(CHECK, `${title} has all ${answers.length} rights that the operator needs`);
    if (missing.length === answers.length)
      return failed(CHECK, `${title} has none of the rights that the operator needs; is it installed?`);
    return failed(CHECK, `${title} lacks: ${missing.join(', ')}`);
  } catch (error) {
    if (!isKubeError(error, 'Forbidden')) throw error;
    return unseen(CHECK, `rights of ${title} not checked, for want of a right: ${error.message}`, 'matters');
  }
}

function questions({ namespaces, operator }: RightsOptions): Question[] {
  const places = namespaces.length === 0 ? [{}] : namespaces.map((namespace) => ({ namespace }));
  const work = WORK_PERMISSIONS.flatMap(({ verbs, ...thing }) =>
    verbs.flatMap((verb) => places.map((place): Question => ({ ...thing, verb, ...place }))),
  );
  const { names, verbs, ...definition } = DEFINITION_PERMISSIONS;
  const definitions = verbs.flatMap((verb) => names.map((name) => ({ ...definition, verb, name })));
  const { verbs: leaseVerbs, ...lease } = LEASE_PERMISSION;
  const { name, namespace } = operator;
  const leases = leaseVerbs.map((verb) => ({
    ...lease,
    verb,
    namespace,
    ...(verb === 'create' ? {} : { name }),
  }));
  return [...work, ...definitions, ...leases];
}

/** The ServiceAccount that this runs as; undefined for a person, or on a server that cannot say. */
export async function ownAccount(client: KubeClient): Promise<Account | undefined> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  try {
    const { body } = await client.transport.request({ method: 'POST', path, body: review });
    const username = stringAt(body, 'status', 'userInfo', 'username') ?? '';
    const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? [];
    return namespace === undefined || name === undefined ? undefined : { namespace, name };
  } catch (error) {
    if (isKubeError(error, 'Forbidden', 'NotFound')) return undefined;
    throw error;
  }
}

/** @param whom undefined for oneself */
async function mayDo(client: KubeClient, question: Question, whom: Account | undefined): Promise<boolean> {
  const kind = whom === undefined ? 'SelfSubjectAccessReview' : 'SubjectAccessReview';
  const { body } = await client.transport.request({
    method: 'POST',
    path: `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`,
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind,
      spec: { resourceAttributes: question, ...(whom === undefined ? {} : subjectOf(whom)) },
    },
  });
  return at(body, 'status', 'allowed') === true;
}

function subjectOf({ namespace, name }: Account): object {
  return {
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}

function inWords({ verb, resource, subresource, name, namespace }: Question): string {
  const thing = subresource === undefined ? resource : `${resource}/${subresource}`;
  const which = name === undefined ? '' : ` "${name}"`;
  const where = namespace === undefined ? '' : ` in namespace "${namespace}"`;
  return `${verb} ${thing}${which}${where}`;
}
