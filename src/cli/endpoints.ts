import type { ServiceFactory } from '../controllers/service.ts';
import {
  HttpEndpoints,
  type BindAddress,
  type HttpEndpointsOptions,
} from '../observability/http-endpoints.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Readiness } from '../observability/readiness.ts';
import type { EndpointOptions } from './endpoint-options.ts';

/** The servers of probes and metrics, as far as they are wanted. */
export function endpointServices(
  { healthProbeBindAddress, metricsBindAddress }: EndpointOptions,
  metrics: Metrics,
  readiness: Readiness,
): ServiceFactory[] {
  const serve = (
    name: string,
    address: BindAddress | 'off',
    routes: HttpEndpointsOptions['routes'],
  ): ServiceFactory[] => {
    if (address === 'off') return [];
    const create: ServiceFactory = ({ logger }) =>
      new HttpEndpoints({
        name,
        address,
        routes,
        onError: (error) => logger.error({ err: error, server: name }, 'an answer could not be made'),
        onListening: ({ host, port }) => logger.info({ server: name, host, port }, 'serving'),
      });
    return [create];
  };
  return [
    ...serve('probes', healthProbeBindAddress, {
      // That it answers is all there is to say: an API server that is away is no reason for a restart.
      '/healthz': () => ({ body: 'ok\n' }),
      '/readyz': () => {
        const missing = readiness.missing();
        if (missing.length === 0) return { body: 'ok\n' };
        return { status: 503, body: `not ready: ${missing.join(', ')}\n` };
      },
    }),
    ...serve('metrics', metricsBindAddress, {
      '/metrics': async () => ({ body: await metrics.render(), contentType: metrics.contentType }),
    }),
  ];
}
