import { presetText } from '../../src/cli/preset-text.ts';
import { PRESETS } from '../../src/policy/presets/all.ts';
import { K0S_APIS, KUBERNETES_APIS } from '../../src/policy/presets/known-apis.ts';
import type { Preset } from '../../src/policy/presets/preset.ts';
import { code, page, table } from './markdown.ts';

const COMMAND = 'kubectl audit-policy generate';
const EXAMPLE_GROUP = 'oidc:platform-admins';
const FLAGS = { knownApis: '--known-apis GROUPS', groups: '--group NAME' } as const;

/** docs/presets.md */
export function presetsPage(): string {
  return page(
    'Presets',
    'src/policy/presets',
    `Policies to start from: ${code(`${COMMAND} PRESET`)} prints one, each rule with its reason; with ${code('--name')} as a ClusterAuditPolicy. All are valid for Kubernetes 1.34 and newer. Take one, [ask it questions](explain.md), [pin the answers](policy-tests.md), cut what you can do without.`,
    table(
      ['Preset', 'What it is', 'Parameters', 'No errors or warnings under'],
      PRESETS.map(({ name, summary, parameters, profile }) => [
        `[${code(name)}](#${name})`,
        summary,
        parameters.map((parameter) => code(FLAGS[parameter])).join(', '),
        code(`lint --profile ${profile}`),
      ]),
    ),
    '## What all have in common',
    [
      '- Secrets, config maps, service-account tokens, token reviews and certificate requests are never above Metadata, whoever touches them and however: the rule stands before every one that records bodies.',
      '- Health checks are quiet for everybody who reads them; everything else at a URL is recorded.',
      '- What components tell each other all day (leases, events, endpoints, node status) is left out for those components only: the same request by anybody else is recorded.',
      '- Ways into containers are recorded for every verb: `kubectl exec` over WebSockets is a get, before it was a create.',
      '- The last rule has no condition, so that failed authentications (401), which have no user, are recorded. `humans` is the exception, on purpose.',
      '- One event a request (`RequestReceived` is omitted), and no managed fields.',
    ].join('\n'),
    '## Known APIs',
    `The body of a custom resource may hold anything, a password too. So ${code('write-bodies')}, ${code('gke')} and ${code('k0rdent')} record bodies of the API groups that they know, and everything else at Metadata. ${code('--known-apis default,cluster.x-k8s.io')} adds to them, ${code('--known-apis core,apps')} replaces them. ${code('default')} is:`,
    `${KUBERNETES_APIS.map((group) => code(group === '' ? 'core' : group)).join(', ')}; for ${code('k0rdent')} always also ${K0S_APIS.map(code).join(', ')}.`,
    ...PRESETS.map(section),
  );
}

function section(preset: Preset): string {
  const { name, summary, forWhom, records, leavesOut, parameters } = preset;
  const flags = parameters.includes('groups') ? ` --group ${EXAMPLE_GROUP}` : '';
  const how = `${COMMAND} ${name}${flags}`;
  const built = preset.build({ knownApis: KUBERNETES_APIS, groups: [EXAMPLE_GROUP] });
  return [
    `## ${name}`,
    summary,
    `**For whom:** ${forWhom}`,
    `**Records:**\n\n${bullets(records)}`,
    `**Leaves out:**\n\n${bullets(leavesOut)}`,
    `<details><summary><code>${how}</code></summary>`,
    `\`\`\`yaml\n${presetText(preset, built, how)}\`\`\``,
    '</details>',
  ].join('\n\n');
}

function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}
