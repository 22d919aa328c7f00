import { once } from 'node:events';
import { Command } from 'commander';
import { apiFromKubeconfig } from '../support/api.ts';
import { installCrds } from '../support/install-crds.ts';
import { ensureBinaries } from './build.ts';
import { DEFAULT_VERSION } from './paths.ts';
import { startControlPlane } from './start.ts';

interface UpOptions {
  version?: string;
  auditPolicy?: string;
  dataDir?: string;
  port?: number;
}

const program = new Command('control-plane').description(
  'A real kube-apiserver and etcd on loopback, for tests, demo and bench.',
);
const versionHelp = `Kubernetes version (default: what KUBEBUILDER_ASSETS holds, else ${DEFAULT_VERSION.slice(1)})`;

program
  .command('build')
  .description('build the binaries, once, and print their paths')
  .option('--version <version>', versionHelp)
  .action(async (options: { version?: string }) => {
    const { kubeApiserver, etcd } = await ensureBinaries(options);
    process.stdout.write(`${kubeApiserver}\n${etcd}\n`);
  });

program
  .command('up')
  .description('start, install the CRDs, print the KUBECONFIG line and wait for Ctrl-C')
  .option('--version <version>', versionHelp)
  .option(
    '--audit-policy <file>',
    'audit the API server itself by this policy, to audit.log beside the other logs',
  )
  .option(
    '--data-dir <dir>',
    'keep everything there, and find it again next time (default: a temporary folder)',
  )
  .option('--port <port>', 'port of the API server (default: a free one)', parsePort)
  .addHelpText('after', '\nExample:\n  npm run control-plane -- up --version 1.36.3\n')
  .action(up);

async function up({ version, auditPolicy, dataDir, port }: UpOptions): Promise<void> {
  const controlPlane = await startControlPlane({
    ...(version === undefined ? {} : { version }),
    ...(auditPolicy === undefined ? {} : { auditPolicyFile: auditPolicy }),
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(port === undefined ? {} : { port }),
  });
  try {
    const api = await apiFromKubeconfig(controlPlane.kubeconfig);
    const names = await installCrds(api);
    api.close();
    process.stderr.write(
      `kube-apiserver ${controlPlane.version} at ${controlPlane.url}, logs in ${controlPlane.dir}\n`,
    );
    process.stderr.write(`CRDs: ${names.join(', ')}\nCtrl-C stops it.\n`);
    process.stdout.write(`export KUBECONFIG=${controlPlane.kubeconfig}\n`);
    await stopSignal();
  } finally {
    await controlPlane.stop();
  }
}

/** Resolves at the first Ctrl-C or SIGTERM; the timer keeps the process alive until then. */
async function stopSignal(): Promise<void> {
  const keepAlive = setInterval(() => undefined, 2 ** 30);
  await Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => once(process, signal)));
  clearInterval(keepAlive);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`not a port: ${text}`);
  return port;
}

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
