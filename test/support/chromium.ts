import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What a machine without a browser is told. */
const WHAT_TO_INSTALL =
  'Install it (Debian: apt-get install --no-install-recommends chromium fonts-dejavu-core) and have it on PATH, or set ' +
  'AUDIT_POLICY_TEST_CHROMIUM to the program.';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'] as const;

/** It stays alone with the page: whatever it would ask of the network for itself is off. */
export const CHROMIUM_ARGUMENTS: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** There is no browser to test with. The message says what to install. */
export class ChromiumMissingError extends Error {
  override readonly name = 'ChromiumMissingError';
}

/** The browser that the tests use. @throws ChromiumMissingError when there is none */
export function findChromium(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const named = env.AUDIT_POLICY_TEST_CHROMIUM;
  if (named !== undefined && named !== '') {
    if (isProgram(named)) return named;
    throw new ChromiumMissingError(
      `AUDIT_POLICY_TEST_CHROMIUM is ${named}, which is no program. ${WHAT_TO_INSTALL}`,
    );
  }
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
  if (found !== undefined) return found;
  throw new ChromiumMissingError(`Chromium is not on PATH. ${WHAT_TO_INSTALL}`);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
