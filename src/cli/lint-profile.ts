import { InvalidArgumentError } from 'commander';
import { PROFILES, type Profile } from '../policy/lint/profiles.ts';

/** The name of a profile; given again, they add up. @throws InvalidArgumentError naming those that there are */
export function parseProfile(text: string, before: readonly Profile[] | undefined): Profile[] {
  const names = Object.keys(PROFILES) as Profile[];
  const profile = names.find((name) => name === text);
  if (profile === undefined) throw new InvalidArgumentError(`Allowed are ${names.join(', ')}.`);
  return [...(before ?? []), profile];
}
