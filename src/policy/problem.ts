/** Where something stands in a text. Both count from 1; columns count code points. */
export interface Position {
  line: number;
  column: number;
}

/** Stable codes of problems, with what each means; `npm run generate` writes docs/reference/errors.md from this table. */
export const PROBLEMS = {
  SyntaxError: 'The text is not YAML 1.1 or JSON, as Kubernetes reads them.',
  MultipleDocuments: 'A policy file has a second document; kube-apiserver would read only the first.',
  AliasNotAllowed: 'A YAML alias: it hides what a policy says, and a few lines of them can fill the memory.',
  TooDeep: 'Lists and objects are nested deeper than any Kubernetes object.',
  TooLarge: 'The text, or the rendered policy, is larger than what the API server can hold.',
  UnknownField:
    'A field that an audit policy does not have, or not at this place. kube-apiserver would drop it, and the rule would match more than it says.',
  DuplicateField: 'A field is given twice; only one of them would count.',
  WrongType: 'A value of another type than the field has.',
  WrongApiVersion:
    'The apiVersion is missing, empty, or not `audit.k8s.io/v1`, the only one since Kubernetes 1.24.',
  WrongKind: 'The kind is missing, empty, or not `Policy`.',
  UnsubstitutedPlaceholder: 'The text is a template, such as `${known_apis}`, that was not filled in.',
  IgnoredField:
    'A warning: `apiVersion`, `kind` or `metadata` inside `spec.policy`, which has no use for them. They are ignored.',
  NoRules: 'The policy has no rules; kube-apiserver does not start with it.',
  InvalidValue: 'What the upstream validator refuses, in its words.',
  CannotRender: 'A string that cannot be written to the file, or would be read otherwise than it is written.',
} as const;
export type ProblemCode = keyof typeof PROBLEMS;

/** One thing that is wrong, said so that whoever wrote the policy can mend it. */
export interface Problem {
  code: ProblemCode;
  severity: 'error' | 'warning';
  /** The field, as upstream writes paths: `rules[0].user`. Empty for the document itself. */
  path: string;
  /** A whole sentence, with what was found and what would be right. */
  message: string;
  /** What was probably meant, when something near exists: `users`. */
  suggestion?: string;
  /** Only when the source was text. */
  position?: Position;
}

/** A problem in one line: its path, what is wrong, and what was probably meant, each once. */
export function problemText(problem: Problem): string {
  const { path, suggestion } = problem;
  const message = messageWithoutField(problem);
  const isGoneOn = message !== problem.message && message.startsWith(' ');
  const located = path === '' ? message : isGoneOn ? `${path}${message}` : `${path}: ${message}`;
  const isSaid =
    suggestion === undefined || located.includes(`"${suggestion}"?`) || located.endsWith(suggestion);
  return isSaid ? located : `${located} (did you mean "${suggestion}"?)`;
}

/**
 * The message of a problem without the name of the field, where it begins with it, for texts that say the path before.
 * It begins with a blank when it goes on with the sentence: " is missing: …".
 */
export function messageWithoutField({ path, message }: Problem): string {
  if (path === '') return message;
  for (const field of [path, asUpstream(path)]) {
    if (message.startsWith(`${field}: `)) return message.slice(field.length + 2);
  }
  const field = path.slice(path.lastIndexOf('.') + 1);
  if (message.startsWith(`${field} `)) return message.slice(field.length);
  if (message.startsWith(`"${field}" `)) return message.slice(field.length + 3);
  const unknown = `unknown field "${field}": `;
  return message.startsWith(unknown) ? `unknown field, ${message.slice(unknown.length)}` : message;
}

/** Upstream's validator counts no entries of `resources`. */
function asUpstream(path: string): string {
  return path.replaceAll(/\.resources\[\d+\]/g, '.resources');
}
