import type { Ask, Detection } from '../../src/policy/detections/detection.ts';
import { FALCO_DETECTIONS } from '../../src/policy/detections/falco.ts';
import type { TextSet } from '../../src/policy/detections/text-set.ts';
import { code, page, table } from './markdown.ts';

/** docs/reference/detections.md */
export function detectionsPage(): string {
  const notes = FALCO_DETECTIONS.filter(({ note }) => note !== undefined);
  return page(
    'Detections',
    'src/policy/detections/falco.ts',
    `Falco's rules for audit events, and what each needs of an audit policy. A rule sees a request when the policy records it at the level below or a higher one, and leaves the stage in. The facts are those of [k8s_audit_rules.yaml](https://github.com/falcosecurity/plugins/blob/main/plugins/k8saudit/rules/k8s_audit_rules.yaml) as of August 2026; a rule that you have changed may need more.`,
    `${code('Metadata')} is enough for who did what to which object, and how it ended. Rules that look into an object need ${code('Request')}.`,
    '## All rules',
    table(
      ['Rule', 'Requests it looks at', 'Level', 'Stage', 'As shipped'],
      FALCO_DETECTIONS.map((detection) => [
        detection.name,
        asksOf(detection),
        levelOf(detection),
        detection.stages.map(code).join(' or '),
        detection.isOff === true ? 'off' : 'on',
      ]),
    ),
    `Where two levels stand, the first is enough for the rule to fire; with the second its alert also names what is in the bodies.`,
    '## How a policy is judged',
    [
      '- **sees**: every request that the rule looks at is recorded as it needs it.',
      '- **partly**: some are and some are not. One that is not is shown.',
      '- **blind**: none is.',
    ].join('\n'),
    `Every request there can be is looked at, not a sample of a log. Requests that cannot be do not count: no create has a name in its URL, and the anonymous user is in ${code('system:unauthenticated')} alone.`,
    `Falco compares the name of a resource and not its API group. Here a rule for services means the Services of Kubernetes, without subresources, and not those of Knative.`,
    '## Notes',
    notes.map(({ name, note = '' }) => `- **${name}**: ${note}`).join('\n'),
  );
}

function levelOf({ level, shows }: Detection): string {
  return shows === undefined ? code(level) : `${code(level)}, ${code(shows)}`;
}

/** Asks that differ in their resource alone are said once. */
function asksOf({ asks, isOfNobodyToo = false }: Detection): string {
  const [first = {}] = asks;
  const resources = asks.flatMap(({ resource }) => (resource === undefined ? [] : [code(resource)]));
  const verbs = first.verbs?.join(', ');
  return [
    verbs === undefined ? 'any request' : `${verbs} of ${resources.join(' and ')}`,
    ...conditionsOf(first),
    ...(isOfNobodyToo ? ['with failed logins'] : []),
  ].join('; ');
}

function conditionsOf({ users, namespaces, names, exceptPaths }: Ask): string[] {
  return [
    ...(users === undefined ? [] : [`users: ${setOf(users)}`]),
    ...(namespaces === undefined ? [] : [`namespaces: ${setOf(namespaces)}`]),
    ...(names === undefined ? [] : [`names: ${setOf(names)}`]),
    ...(exceptPaths === undefined ? [] : [`not ${exceptPaths.map(code).join(', ')}`]),
  ];
}

const MAX_LISTED = 5;

function setOf({ only, startsWith, except = [], exceptStartsWith }: TextSet): string {
  const listed = except.length > MAX_LISTED ? [`${except.length} known ones`] : except.map(code);
  const without = [...(exceptStartsWith === undefined ? [] : [code(`${exceptStartsWith}*`)]), ...listed];
  const base =
    only !== undefined
      ? only.map(code).join(', ')
      : startsWith !== undefined
        ? code(`${startsWith}*`)
        : 'all';
  return without.length === 0 ? base : `${base} but ${without.join(', ')}`;
}
