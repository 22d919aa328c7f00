import { asArray, asRecord, asString, dig } from './json.ts';

/** A right as RBAC grants it: one verb on one resource, perhaps on one name only. */
export interface Right {
  verb: string;
  /** API group; empty for core. */
  group: string;
  /** With its subresource: `clusterdeployments/status`. */
  resource: string;
  /** Only the object of this name. */
  name?: string;
}

/** A request that a user made, as the API server's audit log tells of it. */
export interface MadeRequest extends Right {
  code: number;
  message: string;
}

/** All rights that Roles and ClusterRoles grant to one subject by the bindings among these objects, one by one. */
export function grantedTo(account: string, objects: readonly Record<string, unknown>[]): Right[] {
  const bound = objects
    .filter(({ subjects }) => Array.isArray(subjects) && subjects.some((one) => dig(one, 'name') === account))
    .map(({ roleRef }) => `${String(dig(roleRef, 'kind'))}/${String(dig(roleRef, 'name'))}`);
  return objects
    .filter(({ kind, metadata }) => bound.includes(`${String(kind)}/${String(dig(metadata, 'name'))}`))
    .flatMap(({ rules }) => asArray(rules, 'rules'))
    .flatMap((rule) => {
      const list = (field: string): string[] =>
        asArray(dig(rule, field) ?? [], field).map((value) => asString(value, field));
      const names: (string | undefined)[] = list('resourceNames');
      return list('apiGroups').flatMap((group) =>
        list('resources').flatMap((resource) =>
          list('verbs').flatMap((verb) =>
            (names.length === 0 ? [undefined] : names).map((name) => ({
              verb,
              group,
              resource,
              ...(name === undefined ? {} : { name }),
            })),
          ),
        ),
      );
    });
}

/** The rights that no request has made use of, each as a line. */
export function unused(rights: readonly Right[], requests: readonly MadeRequest[]): string[] {
  return rights
    .filter(
      (right) =>
        !requests.some(
          ({ verb, group, resource, name }) =>
            verb === right.verb &&
            group === right.group &&
            resource === right.resource &&
            (right.name === undefined || name === right.name),
        ),
    )
    .map(describeRight);
}

export function describeRight({ verb, group, resource, name }: Right): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}${name === undefined ? '' : ` ${name}`}`;
}

/** The requests for resources that a program made as a user, of an audit log at level Metadata. */
export function requestsOf(auditLog: string, user: string, userAgent: string): MadeRequest[] {
  return auditLog
    .split('\n')
    .slice(0, -1)
    .map((line) => asRecord(JSON.parse(line), 'audit event'))
    .filter(
      (event) =>
        dig(event, 'user', 'username') === user &&
        typeof event.userAgent === 'string' &&
        event.userAgent.startsWith(userAgent) &&
        event.objectRef !== undefined,
    )
    .map(({ verb, objectRef, responseStatus }) => {
      const text = (field: string, of: unknown = objectRef) => {
        const found = dig(of, field);
        return typeof found === 'string' ? found : '';
      };
      const subresource = text('subresource');
      const name = text('name');
      return {
        verb: asString(verb, 'verb'),
        group: text('apiGroup'),
        resource: subresource === '' ? text('resource') : `${text('resource')}/${subresource}`,
        ...(name === '' ? {} : { name }),
        code: Number(dig(responseStatus, 'code')),
        message: text('message', responseStatus),
      };
    });
}
