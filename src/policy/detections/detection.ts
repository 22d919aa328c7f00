import type { Level, Stage } from '../types.ts';
import type { TextSet } from './text-set.ts';

/** A rule of a detection engine that reads audit events: which requests it looks at, and how much of them must be recorded. */
export interface Detection {
  /** As the engine names it. */
  name: string;
  /** It looks at the requests of any of these. */
  asks: readonly Ask[];
  /** The least level at which its condition has all that it reads. */
  level: Exclude<Level, 'None'>;
  /** A higher level, where the text of its alert names parts of bodies that the condition does without. */
  shows?: Level;
  /** It reads events of these stages; of one request, an event of any of them is enough. */
  stages: readonly Stage[];
  /**
   * It looks at requests whose authentication failed, too: they have no user, and one event only, of the stage ResponseStarted
   * (`WithFailedAuthenticationAudit` of k8s.io/apiserver's pkg/endpoints/filters/authn_audit.go).
   */
  isOfNobodyToo?: boolean;
  /** As it is shipped it never fires, until somebody fills in a list or a macro. */
  isOff?: boolean;
  /** What somebody who reads the verdict may not expect. */
  note?: string;
}

/** Some requests, by what audit rules can see of them. A field that is absent is no condition. */
export interface Ask {
  verbs?: readonly string[];
  /** `pods`, `pods/exec`, `deployments.apps`: that very resource, and not its subresources. Absent: requests for URLs, too. */
  resource?: string;
  users?: TextSet;
  namespaces?: TextSet;
  /** Of requests whose URL has a name. That of a create stands in its body, where no audit rule sees it. */
  names?: TextSet;
  exceptPaths?: readonly string[];
}
