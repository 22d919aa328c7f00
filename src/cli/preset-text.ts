import { Document, isMap, isScalar, isSeq, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import { K0RDENT_API_VERSION } from '../api/names.ts';
import { POLICY_API_VERSION, POLICY_KIND } from '../policy/decode-policy.ts';
import { policyOf, type Preset, type PresetPolicy } from '../policy/presets/preset.ts';
import type { AuditPolicy } from '../policy/types.ts';
import { isPrintable, printableYaml } from './terminal.ts';

/** The ClusterAuditPolicy to put a policy into. */
export interface ManifestName {
  name: string;
  namespace?: string;
}

/** A list that takes more characters than this stands with one entry a line. */
const LONGEST_FLOW = 70;

/**
 * A preset as a YAML text with its reasons: a policy file, or a ClusterAuditPolicy when it gets a name.
 * @param how the command that makes it, for its first line
 */
export function presetText(
  preset: Preset,
  built: PresetPolicy,
  how: string,
  manifest?: ManifestName,
): string {
  const policy = policyOf(built);
  const document = new Document(
    manifest === undefined
      ? { apiVersion: POLICY_API_VERSION, kind: POLICY_KIND, ...body(policy) }
      : {
          apiVersion: K0RDENT_API_VERSION,
          kind: 'ClusterAuditPolicy',
          metadata: { ...manifest },
          spec: { policy: body(policy) },
        },
    // As YAML 1.1, which kubectl reads.
    { version: '1.1' },
  );
  document.commentBefore = comment([`${preset.name}: ${preset.summary}`, `Made by: ${how}`].join('\n'));
  const rules = document.getIn(manifest === undefined ? ['rules'] : ['spec', 'policy', 'rules']);
  if (isSeq(rules)) explainRules(rules, built);
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value === 'string' && !isPrintable(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
    Seq(_, seq) {
      if (isShort(seq)) seq.flow = true;
    },
  });
  return printableYaml(
    document.toString({
      lineWidth: 0,
      doubleQuotedMinMultiLineLength: Infinity,
      flowCollectionPadding: false,
    }),
  );
}

/** Groups are written out, since readers of a policy look for them. */
function body({ rules = [], omitStages, omitManagedFields }: AuditPolicy): object {
  return {
    ...(omitStages === undefined ? {} : { omitStages }),
    ...(omitManagedFields === undefined ? {} : { omitManagedFields }),
    rules: rules.map(({ resources, ...rule }) => ({
      ...rule,
      ...(resources === undefined
        ? {}
        : { resources: resources.map(({ group = '', ...entry }) => ({ group, ...entry })) }),
    })),
  };
}

function explainRules(rules: YAMLSeq, { rules: commented }: PresetPolicy): void {
  for (const [i, item] of rules.items.entries()) {
    if (!isMap(item)) continue;
    const map: YAMLMap = item;
    map.commentBefore = comment(commented[i]?.why ?? '');
    map.spaceBefore = i > 0;
  }
}

function isShort(seq: YAMLSeq): boolean {
  const texts = seq.items.map((item) => (isScalar(item) ? String(item.value) : undefined));
  return texts.every((text) => text !== undefined) && texts.join(', ').length <= LONGEST_FLOW;
}

function comment(text: string): string {
  return text
    .split('\n')
    .map((line) => ` ${line}`)
    .join('\n');
}
