import fc from 'fast-check';

/** Each mutant meets the same generated cases, or its fate would be chance. */
fc.configureGlobal({ seed: Number(process.env.AUDIT_POLICY_MUTATION_SEED ?? 1) });
