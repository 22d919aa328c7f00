import { InvalidArgumentError } from 'commander';
import { PROFILES, type Profile } from '../policy/lint/profiles.ts';

/** Names of profiles, separated by commas; given again, they add up. @throws InvalidArgumentError naming those that there are */
export function parseProfiles(text: string, before: readonly Profile[] = []): Profile[] {
  const known = Object.keys(PROFILES) as Profile[];
  const profiles = text.split(',').map((part) => {
    const profile = known.find((name) => name === part.trim());
    if (profile === undefined) throw new InvalidArgumentError(`Allowed are ${known.join(', ')}.`);
    return profile;
  });
  return [...new Set([...before, ...profiles])];
}
