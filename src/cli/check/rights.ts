import { at, stringAt } from '../../api/json.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isKubeError } from '../../kube/errors.ts';
import { failed, info, ok, type Finding } from './finding.ts';
import { PERMISSIONS } from './permissions.ts';

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

/**
 * Whether the operator's ServiceAccount has its rights. Whoever runs this as a ServiceAccount and names no other asks for
 * itself; a person asks for `account`, if allowed to.
 * @param namespace where the operator works; all of them when undefined
 */
export async function checkRights(
  client: KubeClient,
  namespace: string | undefined,
  { chosen, usual }: { chosen: Account | undefined; usual: Account },
): Promise<Finding> {
  const self = chosen === undefined ? await ownAccount(client) : undefined;
  const who = self ?? chosen ?? usual;
  const title = `ServiceAccount ${who.namespace}/${who.name}`;
  try {
    const answers = await Promise.all(
      questions(namespace).map(async (question) => ({
        question,
        isAllowed: await mayDo(client, question, self === undefined ? who : undefined),
      })),
    );
    const missing = answers.filter(({ isAllowed }) => !isAllowed).map(({ question }) => inWords(question));
    if (missing.length === 0)
      return ok(CHECK, `${title} has all ${answers.length} rights that the operator needs`);
    return failed(CHECK, `${title} lacks ${missing.join(', ')}`);
  } catch (error) {
    if (!isKubeError(error, 'Forbidden')) throw error;
    return info(CHECK, `rights of ${title} not checked, for want of a right: ${error.message}`);
  }
}

function questions(namespace: string | undefined): Question[] {
  return PERMISSIONS.flatMap(({ verbs, names, ...thing }) =>
    verbs.flatMap((verb): Question[] =>
      names === undefined
        ? [{ ...thing, verb, ...(namespace === undefined ? {} : { namespace }) }]
        : names.map((name) => ({ ...thing, verb, name })),
    ),
  );
}

/** The ServiceAccount that this runs as; undefined for a person, or on a server that cannot say. */
async function ownAccount(client: KubeClient): Promise<Account | undefined> {
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

function inWords({ verb, resource, subresource, name }: Question): string {
  const thing = subresource === undefined ? resource : `${resource}/${subresource}`;
  return name === undefined ? `${verb} ${thing}` : `${verb} ${thing} "${name}"`;
}
