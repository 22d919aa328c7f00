import { describe } from './decode-describe.ts';
import { decodePolicyObject, toDecodedPolicy, type DecodedPolicy } from './decode-policy.ts';
import { parseAllDocuments, type DocumentLimits, type ParsedDocument } from './documents.ts';
import type { Locate } from './decode-value.ts';
import { looksLikeJson } from './json-text.ts';
import type { Problem } from './problem.ts';

/** A policy itself needs six levels. */
export const POLICY_FILE_LIMITS: DocumentLimits = { maxDepth: 32, maxBytes: 1024 * 1024 };

/** A policy from text, and where each part of it stands. */
export interface DecodedPolicyText extends DecodedPolicy {
  positionOf: Locate;
}

/**
 * Decodes a policy file: the text that `--audit-policy-file` names, one audit.k8s.io/v1 Policy in YAML or JSON. Beyond what upstream's
 * strict reader refuses: an empty document, a missing apiVersion or kind, aliases, and further documents, which kube-apiserver
 * does not look at. Never throws.
 */
export function decodePolicyText(text: string): DecodedPolicyText {
  const documents = parseAllDocuments(text, POLICY_FILE_LIMITS);
  const [first, ...others] = documents;
  if (!first || documents.every(({ isEmpty }) => isEmpty))
    return { problems: [emptyFile()], positionOf: () => undefined };
  const positionOf: Locate = (path, part) => first.positionOf(path, part);
  const problems = [
    ...first.problems,
    ...notJson(text, first),
    ...(first.isEmpty ? [emptyFirst(first)] : []),
    ...furtherDocuments(first, others),
  ];
  if (first.value === undefined || first.isEmpty)
    return { ...toDecodedPolicy(undefined, problems), positionOf };
  const decoded = decodePolicyObject(first.value, { basePath: '', embedded: false, positionOf });
  return {
    ...toDecodedPolicy(decoded.policy ?? decoded.draft, [...problems, ...decoded.problems]),
    positionOf,
  };
}

/** kube-apiserver takes a file that begins with `{` for JSON and refuses YAML's flow style there. */
function notJson(text: string, first: ParsedDocument): Problem[] {
  if (first.format === 'json' || first.value === undefined || !looksLikeJson(text)) return [];
  return [
    {
      code: 'SyntaxError',
      severity: 'error',
      path: '',
      message:
        'the file begins with "{", so kube-apiserver reads it as JSON, which it is not: put keys and texts in double quotes, or write it as YAML without the outer braces',
      position: { line: first.startLine, column: 1 },
    },
  ];
}

function emptyFile(): Problem {
  return {
    code: 'WrongType',
    severity: 'error',
    path: '',
    message: `expected an audit.k8s.io/v1 Policy, found ${describe(undefined)}: the file is empty`,
    position: { line: 1, column: 1 },
  };
}

function emptyFirst(first: ParsedDocument): Problem {
  return {
    code: 'WrongType',
    severity: 'error',
    path: '',
    message:
      'the first document of the file is empty, and kube-apiserver reads no other: remove it, with its "---"',
    position: { line: first.startLine, column: 1 },
  };
}

function furtherDocuments(first: ParsedDocument, others: readonly ParsedDocument[]): Problem[] {
  if (first.isEmpty) return [];
  return others
    .filter(({ isEmpty }) => !isEmpty)
    .slice(0, 1)
    .map(({ startLine }) => ({
      code: 'MultipleDocuments',
      severity: 'error',
      path: '',
      message:
        'a second document begins here, and kube-apiserver reads only the first: put all rules into one policy',
      position: { line: startLine, column: 1 },
    }));
}
