import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { REPO_ROOT } from '../control-plane/paths.ts';
import type { Api } from './api.ts';
import { startServer } from './http-server.ts';
import { helmCharts } from './kinds.ts';
import { runHelm } from './run-helm.ts';

/** Plays source-controller: serves one packaged chart on loopback. */
export interface ChartServer {
  /** Makes a HelmChart that has this chart as its artifact. */
  publish(api: Api, namespace: string, name: string): Promise<void>;
  close(): Promise<void>;
}

/** Packages a chart of test/charts and serves it. */
export async function serveChart(chart: string): Promise<ChartServer> {
  const folder = await mkdtemp(join(tmpdir(), 'audit-policy-charts-'));
  const printed = await runHelm(['package', join(REPO_ROOT, 'test/charts', chart), '--destination', folder]);
  const file = basename(printed.trim());
  const content = await readFile(join(folder, file));
  await rm(folder, { recursive: true });
  const server = await startServer(({ url }, response) => {
    if (url !== `/${file}`) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'application/gzip' }).end(content);
  });
  const artifact = {
    path: file,
    url: new URL(file, server.url).href,
    revision: '1.0.0',
    digest: `sha256:${createHash('sha256').update(content).digest('hex')}`,
    size: content.length,
    lastUpdateTime: '2026-01-01T00:00:00Z',
  };
  return {
    async publish(api, namespace, name) {
      const { metadata } = await api.create(helmCharts(namespace), {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'HelmChart',
        metadata: { name },
        spec: { chart, interval: '10m', sourceRef: { kind: 'HelmRepository', name: 'templates' } },
      });
      await api.patchStatus(helmCharts(namespace, name), {
        artifact,
        observedGeneration: metadata.generation,
      });
    },
    close: () => server.close(),
  };
}
