/** Where something stands in a text. Both count from 1; columns count code points. */
export interface Position {
  line: number;
  column: number;
}

/** Stable codes; each has an entry in docs/reference/errors.md. */
export type ProblemCode =
  | 'SyntaxError' // not YAML or JSON
  | 'MultipleDocuments' // a second document in a policy file
  | 'AliasNotAllowed' // YAML anchors with aliases
  | 'TooDeep'
  | 'TooLarge'
  | 'UnknownField'
  | 'DuplicateField'
  | 'WrongType'
  | 'WrongApiVersion'
  | 'WrongKind'
  | 'UnsubstitutedPlaceholder'
  | 'IgnoredField' // a warning: apiVersion, kind or metadata inside spec.policy
  | 'NoRules'
  | 'InvalidValue' // what the upstream validator refuses
  | 'CannotRender';

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

/** A problem in one line, with its path in front and what was probably meant behind, each once. */
export function problemText({ path, message, suggestion }: Problem): string {
  const located = path === '' || message.startsWith(path) ? message : `${path}: ${message}`;
  const isSaid = suggestion === undefined || located.includes(`"${suggestion}"?`) || located.endsWith(suggestion);
  return isSaid ? located : `${located} (did you mean "${suggestion}"?)`;
}
