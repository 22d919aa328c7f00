import { issueAuthority, issueCertificate } from './issue.ts';
import type { Material } from './material.ts';
import type { Step } from './rotation.ts';

/**
 * The material after a step.
 * @param before required for every step but `all`
 * @param now epoch milliseconds
 */
export async function renew(
  step: Step,
  before: Material | undefined,
  hosts: readonly string[],
  now: number,
): Promise<Material> {
  if (before === undefined || step === 'all') {
    const authority = await issueAuthority(now);
    const serving = await issueCertificate(authority, hosts, now);
    return { authorities: [authority.cert], authorityKey: authority.key, serving };
  }
  const [newest] = before.authorities;
  switch (step) {
    case 'authority': {
      const authority = await issueAuthority(now);
      return {
        ...before,
        authorities: [authority.cert, ...before.authorities],
        authorityKey: authority.key,
      };
    }
    case 'certificate': {
      const authority = { cert: newest, key: before.authorityKey };
      return { ...before, serving: await issueCertificate(authority, hosts, now) };
    }
    case 'forget':
      return { ...before, authorities: [newest] };
  }
}
