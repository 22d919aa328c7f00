import { at } from '../api/json.ts';
import { decodePolicySpec } from './decode.ts';
import { fingerprint } from './fingerprint.ts';
import { sha256Hex, shortHash } from './hash.ts';
import { NEWEST_TESTED, type KubernetesVersion } from './kubernetes-version.ts';
import type { Problem, Position } from './problem.ts';
import { renderPolicy } from './render.ts';
import type { AuditPolicy } from './types.ts';
import { toProblems, validatePolicy } from './validate.ts';

/** The API server's limit for the data of one ConfigMap. */
export const MAX_RENDERED_BYTES = 1024 * 1024;

/** A policy that every part of the program may rely on: it decodes, validates and renders. */
export interface AcceptedPolicy {
  policy: AuditPolicy;
  /** What the ConfigMap holds, byte for byte what KCM writes. */
  yaml: string;
  /** Of `yaml`: 64 hex digits. */
  sha256: string;
  /** The first 8 of them: the contract's `policyRef.hash`. */
  hash: string;
  fingerprint: string;
  rules: number;
  /** Why kube-apiserver of this version would refuse it, in upstream's words; empty when it would not. */
  refusalsOf(version: KubernetesVersion): readonly string[];
}

/** The outcome of reading a policy: accepted, or with at least one problem of severity error. Warnings go with both. */
export interface PolicyContent {
  accepted?: AcceptedPolicy;
  problems: readonly Problem[];
}

export type Locate = (path: (string | number)[], part: 'key' | 'value') => Position | undefined;
