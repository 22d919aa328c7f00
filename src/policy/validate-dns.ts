const MAX_BYTES = 253;
const LABEL = /^[a-z0-9-]+$/;
const MALFORMED =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/**
 * Why a name is no DNS subdomain, in the words of `IsDNS1123Subdomain` of k8s.io/apimachinery; empty when it is one. The
 * length counts UTF-8 bytes, though the message says characters.
 */
export function dnsSubdomainProblems(name: string): string[] {
  const isTooLong = new TextEncoder().encode(name).length > MAX_BYTES;
  const isMalformed = name
    .split('.')
    .some((label) => !LABEL.test(label) || label.startsWith('-') || label.endsWith('-'));
  return [
    ...(isTooLong ? [`must be no more than ${MAX_BYTES} characters`] : []),
    ...(isMalformed ? [MALFORMED] : []),
  ];
}
