import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { runProgram } from '../../../src/cli/program.ts';

export interface Ended {
  code: number;
  out: string;
  err: string;
}

export interface RunOptions {
  stdin?: string | Uint8Array | AsyncIterable<Uint8Array>;
  env?: Record<string, string>;
  programName?: string;
  stop?: AbortSignal;
  isInteractive?: boolean;
  outputEnded?: AbortSignal;
  /** Told of what goes to standard output as it comes. */
  onOut?: (text: string) => void;
  onErr?: (text: string) => void;
}

/** Runs the program in this process, on an input and outputs of its own. */
export async function run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { stdin = '', env = {}, programName = 'audit-policy-operator' } = options;
  let out = '';
  let err = '';
  const code = await runProgram(args, {
    programName,
    stdin: typeof stdin === 'string' || stdin instanceof Uint8Array ? chunks(stdin) : stdin,
    out: (text) => {
      out += text;
      options.onOut?.(text);
    },
    err: (text) => {
      err += text;
      options.onErr?.(text);
    },
    env,
    isInteractive: options.isInteractive ?? false,
    ...(options.outputEnded ? { outputEnded: options.outputEnded } : {}),
    stopSignal: () => options.stop ?? new AbortController().signal,
  });
  return { code, out, err };
}

async function* chunks(text: string | Uint8Array): AsyncGenerator<Uint8Array> {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  for (let start = 0; start < bytes.length; start += 65536) {
    await Promise.resolve();
    yield bytes.subarray(start, start + 65536);
  }
}

/** A folder that goes when the test file is done. */
export class TestFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'audit-policy-cli-'));

  /** Writes a file, below folders if need be, and answers its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = join(this.path, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export function policy(name: string, rules = '[{level: Metadata}]', namespace = 'fleet'): string {
  return `apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterAuditPolicy
metadata: {name: ${name}, namespace: ${namespace}}
spec: {policy: {rules: ${rules}}}
`;
}

export function cluster(name: string, spec: string, extra = '', namespace = 'fleet'): string {
  return `apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterDeployment
metadata: {name: ${name}, namespace: ${namespace}${extra}}
spec: ${spec}
`;
}

export function release(name: string, spec = '{}', namespace = 'fleet'): string {
  return `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}
`;
}

/** The documents of a rendered text, as kubectl reads them. */
export function documents(yaml: string): unknown[] {
  return parseAllDocuments(yaml, { version: '1.1' }).map((document) => document.toJS() as unknown);
}

/** What `render` prints for cluster `c` with a policy that logs all at level Metadata. */
export const METADATA_OUTPUT = `apiVersion: v1
kind: ConfigMap
metadata:
  name: c-audit-policy
  namespace: fleet
  labels:
    app.kubernetes.io/managed-by: audit-policy-operator
  annotations:
    auditpolicy.dev/policy: p
    auditpolicy.dev/sha256: da0997888f2e0ad8de523ec2e7efde07b4551af6db9e58cad6008147246f8249
data:
  policy: |
    apiVersion: audit.k8s.io/v1
    kind: Policy
    metadata: {}
    rules:
    - level: Metadata
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: c
  namespace: fleet
spec:
  values:
    audit:
      policyRef:
        name: c-audit-policy
        key: policy
        hash: da099788
`;
