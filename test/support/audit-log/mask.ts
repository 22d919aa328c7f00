/**
 * What differs from one API server to the next whatever the policy, and what stands for it. All of it is replaced in the text of a line, so that
 * lengths can be compared, too. An event's audit ID and the time at which its request came in stay: by them the simulator knows it
 * again, and each has one length.
 */
const DIFFERENT: readonly (readonly [why: string, what: RegExp, instead: string])[] = [
  ['uids are drawn', /(?<!"auditID":")\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UID'],
  [
    'time passes',
    /(?<!"requestReceivedTimestamp":")\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g,
    '2026-01-01T00:00:00Z',
  ],
  ['etcd counts all writes, those of the API server itself, too', /("resourceVersion":")\d+/g, '$11'],
  ['the same in a URI', /(resourceVersion=)[1-9]\d+/g, '$11'],
  ['a page goes on at such a number', /("continue":"|continue=)[\w-]+/g, '$1NEXT'],
  ['the end of a generated name is drawn', /\bgenerated-[a-z0-9]{5}\b/g, 'generated-xxxxx'],
  ['tokens are signed by the key of the server', /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, 'TOKEN'],
  ['the stand-in for a kubelet listens where there is room', /("Port":|127\.0\.0\.1:)\d+/g, '$11'],
  ['a table tells ages', /,"\d+s"(?=[,\]])/g, ',"0s"'],
  [
    'of several bindings that allow a thing, any is the reason',
    /(?<="authorization\.k8s\.io\/reason":"RBAC: allowed by )(?:[^"\\]|\\.)*/g,
    'SOME',
  ],
  [
    'what takes more than half a second is annotated with how long',
    /"apiserver\.latency\.k8s\.io\/[\w-]+":"[^"]*",?/g,
    '',
  ],
];

/** The line with everything replaced that is not the policy's doing; still an event. */
export function masked(line: string): string {
  return DIFFERENT.reduce((text, [, what, instead]) => text.replace(what, instead), line);
}
