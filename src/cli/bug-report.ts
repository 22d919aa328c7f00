/**
 * What to tell a user of an error that nothing expected: one line that says where it comes from, or the whole stack.
 * @param isWhole the user asked for debugging
 */
export function bugReport(error: unknown, isWhole: boolean): string {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  const place = /^ +at (.+)$/m.exec(stack)?.[1];
  const lines = [
    `unexpected error, a fault of this program: ${message.replaceAll('\n', ' ')}${place ? ` (at ${place})` : ''}; AUDIT_POLICY_LOG_LEVEL=debug shows more, please report it`,
    ...(isWhole ? [stack] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
