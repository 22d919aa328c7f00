import { shared } from './shared.ts';

/** Ends the control plane that the global set-up started, if it did. */
export default async function globalTeardown(): Promise<void> {
  await shared.controlPlane?.stop();
}
