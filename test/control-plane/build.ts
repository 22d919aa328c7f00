import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, constants, cp, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fillOnce } from './cache.ts';
import { go } from './go.ts';
import { generateModule, GENERATOR_VERSION } from './module.ts';
import { cacheRoot, DEFAULT_VERSION, GO_DIR } from './paths.ts';

const MAINS = ['kube-apiserver', 'etcd'] as const;

export interface Binaries {
  /** Paths of the executables. */
  kubeApiserver: string;
  etcd: string;
}

export interface BuildOptions {
  /** Kubernetes version, `v1.36.3` or `1.36.3`. Without it: what KUBEBUILDER_ASSETS holds, else the default version. */
  version?: string;
  /** Gets progress lines; stderr when absent. */
  log?: (line: string) => void;
}

/**
 * Returns a kube-apiserver and an etcd, from KUBEBUILDER_ASSETS when that is set, else built by Go once and cached
 * outside the tree, keyed by version, platform and the files they are built from.
 *
 * When a version is asked for and KUBEBUILDER_ASSETS holds another one, it is built.
 * Rejects with GoMissingError when they must be built and there is no Go >= 1.26, and with a plain Error naming the
 * missing file when KUBEBUILDER_ASSETS is incomplete.
 */
export async function ensureBinaries(options: BuildOptions = {}): Promise<Binaries> {
  const assets = process.env.KUBEBUILDER_ASSETS;
  if (assets !== undefined && assets !== '') {
    const binaries = await binariesIn(assets);
    if (options.version === undefined) return binaries;
    if ((await versionOf(binaries.kubeApiserver)) === normalizeVersion(options.version)) return binaries;
  }
  return await build(normalizeVersion(options.version ?? DEFAULT_VERSION), options.log ?? toStderr);
}

/** `1.36.3` and `v1.36.3` → `v1.36.3`. Throws for anything else: the version becomes part of a path. */
export function normalizeVersion(version: string): string {
  const match = /^v?(1\.\d+\.\d+)$/.exec(version);
  if (!match) throw new Error(`not a Kubernetes version such as 1.36.3: ${JSON.stringify(version)}`);
  return `v${match[1] ?? ''}`;
}

/** The version that a kube-apiserver binary reports, `v1.36.3`. */
export async function versionOf(kubeApiserver: string): Promise<string> {
  const { stdout } = await promisify(execFile)(kubeApiserver, ['--version']);
  return stdout.trim().replace(/^Kubernetes /, '');
}

async function binariesIn(dir: string): Promise<Binaries> {
  const [kubeApiserver, etcd] = [join(dir, 'kube-apiserver'), join(dir, 'etcd')];
  for (const path of [kubeApiserver, etcd]) {
    await access(path, constants.X_OK).catch(() => {
      throw new Error(`KUBEBUILDER_ASSETS is set, but ${path} is missing or not executable`);
    });
  }
  return { kubeApiserver, etcd };
}

async function build(version: string, log: (line: string) => void): Promise<Binaries> {
  const fixed = existsSync(join(GO_DIR, version, 'go.mod'));
  const inputs = fixed ? [...MAINS, version] : [...MAINS];
  const hash = (await hashOf(inputs, fixed ? '' : GENERATOR_VERSION)).slice(0, 12);
  const target = join(
    cacheRoot(),
    'bin',
    `kubernetes-${version}-${process.platform}-${process.arch}-${hash}`,
  );
  await fillOnce(
    target,
    async (dir) => {
      const module = join(dir, 'module');
      for (const main of MAINS) await cp(join(GO_DIR, main), join(module, main), { recursive: true });
      if (fixed) await cp(join(GO_DIR, version), module, { recursive: true });
      else await generateModule(version, module);
      await go(['version'], { cwd: module });
      log(`building kube-apiserver ${version} and etcd, once, about 3 minutes on two cores`);
      const started = Date.now();
      await go(
        ['build', ...buildFlags(version, fixed), '-o', `${dir}/`, ...MAINS.map((main) => `./${main}`)],
        {
          cwd: module,
          nice: true,
          env: { CGO_ENABLED: '0' },
        },
      );
      await rm(module, { recursive: true });
      log(`built in ${String(Math.round((Date.now() - started) / 1000))} s: ${target}`);
    },
    () => {
      log(`waiting for another process that builds kube-apiserver ${version}`);
    },
  );
  return { kubeApiserver: join(target, 'kube-apiserver'), etcd: join(target, 'etcd') };
}

function buildFlags(version: string, fixed: boolean): string[] {
  const [major, minor] = version.slice(1).split('.');
  const stamp = Object.entries({
    gitVersion: version,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: 'clean',
  });
  const ldflags = stamp.map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value ?? ''}`);
  return [
    fixed ? '-mod=readonly' : '-mod=mod',
    '-trimpath',
    '-buildvcs=false',
    `-ldflags=-s -w ${ldflags.join(' ')}`,
  ];
}

async function hashOf(dirs: string[], salt: string): Promise<string> {
  const hash = createHash('sha256').update(salt);
  for (const dir of dirs) {
    for (const name of (await readdir(join(GO_DIR, dir))).sort()) {
      hash.update(`${dir}/${name}\0`).update(await readFile(join(GO_DIR, dir, name)));
    }
  }
  return hash.digest('hex');
}

function toStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
