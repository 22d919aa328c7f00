import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import {
  DEFINITION_PERMISSIONS,
  LEASE_PERMISSION,
  WORK_PERMISSIONS,
  type Permission,
} from '../../../src/cli/check/permissions.ts';

interface Rule {
  apiGroups: string[];
  resources: string[];
  resourceNames?: string[];
  verbs: string[];
}

const FILE = join(import.meta.dirname, '..', '..', '..', 'config', 'rbac', 'role.yaml');
const roles = parseAllDocuments(readFileSync(FILE, 'utf8')).map(
  (document) => document.toJS() as { kind: string; metadata: { name: string }; rules: Rule[] },
);

/** `verb group/resource` of the rules of a role. */
function granted(kind: string, name: string): string[] {
  return roles
    .filter((role) => role.kind === kind && role.metadata.name === name)
    .flatMap(({ rules }) => rules)
    .flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
      ),
    );
}

function asked(permissions: readonly Permission[]): string[] {
  return permissions.flatMap(({ group, resource, subresource, verbs }) =>
    verbs.map((verb) => `${verb} ${group}/${[resource, subresource].filter(Boolean).join('/')}`),
  );
}

/** Only the webhook needs it, and not every installation has one. */
const WEBHOOK_ONLY = ['get /namespaces'];

test('check asks for just the rights of the work that config/rbac grants', () => {
  const all = granted('ClusterRole', 'audit-policy-operator');
  expect([...asked(WORK_PERMISSIONS), ...WEBHOOK_ONLY].sort()).toEqual(all.sort());
});

test('the definitions and the Lease are granted, too', () => {
  expect(granted('ClusterRole', 'audit-policy-operator-cluster')).toEqual(
    expect.arrayContaining(asked([DEFINITION_PERMISSIONS])),
  );
  expect(granted('Role', 'audit-policy-operator')).toEqual(expect.arrayContaining(asked([LEASE_PERMISSION])));
  const named = roles
    .flatMap(({ rules }) => rules)
    .find(({ resources }) => resources.includes('customresourcedefinitions'));
  expect(named?.resourceNames).toEqual(DEFINITION_PERMISSIONS.names);
});
