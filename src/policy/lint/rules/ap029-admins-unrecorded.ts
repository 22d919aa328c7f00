import type { PolicyRule } from '../../types.ts';
import { witnessOf } from '../decisions.ts';
import { EVERY } from '../profiles.ts';
import type { LintRule } from '../rule.ts';
import { WRITES } from '../sensitive.ts';

const ANY_WRITE = { verbs: WRITES, resources: [{ group: '*' }] };

export const rule: LintRule = {
  id: 'AP029',
  severity: 'warning',
  profiles: EVERY,
  patterns: [ANY_WRITE],
  docs: {
    title: 'an administrator whose changes are not recorded',
    why: 'A rule with level None for `system:masters`, nodes, ServiceAccounts of the system or all who are authenticated also drops what an attacker does under that name. PCI DSS 10.2.1.2 asks for everything that administrators do.',
    fix: 'Limit the rule to the verbs get, list and watch, or to the resources that make the noise.',
    bad: `rules:
- level: None
  userGroups: [system:masters]
- level: Metadata`,
    good: `rules:
- level: None
  userGroups: [system:nodes]
  verbs: [get, list, watch]
- level: Metadata`,
  },
  check: (context) =>
    context.rules.flatMap((one, index) => {
      if (one.level !== 'None' || !isForAdmins(one) || !isBlanket(one)) return [];
      const witness = witnessOf(context, index, ANY_WRITE);
      if (witness === undefined) return [];
      return [
        {
          at: ['rules', index],
          message: `rules[${index}] drops every change by users or groups that can act as administrators`,
          hint: 'limit it to get, list and watch, or to the resources that make the noise',
          witness,
        },
      ];
    }),
};

const GROUPS = new Set([
  ...['system:masters', 'system:nodes', 'system:serviceaccounts', 'system:serviceaccounts:kube-system'],
  ...['system:authenticated', 'kubeadm:cluster-admins', 'system:cluster-admins', 'cluster-admin'],
]);
const USERS = new Set(['kubernetes-admin', 'system:admin', 'kube-admin', 'admin', 'system:apiserver']);

function isForAdmins({ users = [], userGroups = [] }: PolicyRule): boolean {
  return (
    userGroups.some((group) => GROUPS.has(group)) ||
    users.some((user) => USERS.has(user) || user.startsWith('system:serviceaccount:kube-system:'))
  );
}

/** Not limited to some resources. */
function isBlanket({ resources = [] }: PolicyRule): boolean {
  return resources.length === 0 || resources.some(({ resources: names = [] }) => names.includes('*'));
}
