import { at, stringAt } from '../api/json.ts';
import { readPolicySpec, readPolicyFile, type PolicyContent } from '../policy/content.ts';
import { parseDocuments, type ParsedDocument } from '../policy/decode.ts';
import type { KubernetesVersion } from '../policy/kubernetes-version.ts';
import type { Problem } from '../policy/problem.ts';
import type { Input } from './inputs.ts';

/** One policy found in an input, and everything that is to be said of it for one Kubernetes version. */
export interface CheckedPolicy {
  source: Input;
  /** How messages call it. */
  title: string;
  /** Of the manifest; a policy file has neither. */
  name?: string;
  namespace?: string;
  ok: boolean;
  hash: string;
  rules: number;
  problems: readonly Problem[];
}

/**
 * The policies of one input: a policy file is one; in a file of manifests every ClusterAuditPolicy is one, and other
 * kinds are passed over. A text that is neither is read as a policy file, whose problems then say what is missing.
 */
export function checkInput(source: Input, version: KubernetesVersion): CheckedPolicy[] {
  const documents = parseDocuments(source.text);
  if (!documents.some(isManifest)) return [judge(source, source.name, readPolicyFile(source.text), version)];
  return documents.flatMap((document) => {
    const broken = document.problems.some(({ severity }) => severity === 'error');
    if (!broken && stringAt(document.value, 'kind') !== 'ClusterAuditPolicy') return [];
    const name = stringAt(document.value, 'metadata', 'name');
    const namespace = stringAt(document.value, 'metadata', 'namespace');
    const content = readManifest(document);
    const title = `${source.name}: ClusterAuditPolicy ${name ?? '(no name)'}`;
    return [
      {
        ...judge(source, title, content, version),
        ...(name !== undefined ? { name } : {}),
        ...(namespace !== undefined ? { namespace } : {}),
      },
    ];
  });
}

/** The content of a ClusterAuditPolicy manifest, with the problems of its text first. */
export function readManifest(document: ParsedDocument): PolicyContent {
  const textErrors = document.problems.filter(({ severity }) => severity === 'error');
  if (document.value === undefined) return { problems: document.problems };
  const content = readPolicySpec(at(document.value, 'spec'), (path, part) =>
    document.positionOf(['spec', ...path], part),
  );
  const problems = [...document.problems, ...content.problems];
  return textErrors.length > 0 || content.accepted === undefined ? { problems } : { ...content, problems };
}

/** A Kubernetes object other than a bare audit Policy: it has a kind, and a name or a spec. */
function isManifest({ value }: ParsedDocument): boolean {
  const kind = stringAt(value, 'kind');
  if (kind === undefined || kind === 'Policy') return false;
  return stringAt(value, 'apiVersion') !== undefined && at(value, 'rules') === undefined;
}

function judge(
  source: Input,
  title: string,
  content: PolicyContent,
  version: KubernetesVersion,
): CheckedPolicy {
  const { accepted, problems } = content;
  const refusals = accepted?.problemsFor(version) ?? [];
  return {
    source,
    title,
    ok: accepted !== undefined && refusals.length === 0,
    hash: accepted?.hash ?? '',
    rules: accepted?.rules ?? 0,
    problems: [...problems, ...refusals],
  };
}
