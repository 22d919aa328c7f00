import { rm } from 'node:fs/promises';
import { shared } from './shared.ts';

/** Ends the control plane that the global set-up started, if it did. */
export default async function globalTeardown(): Promise<void> {
  if (shared.folder !== undefined) await rm(shared.folder, { recursive: true, force: true });
  await shared.controlPlane?.stop();
}
