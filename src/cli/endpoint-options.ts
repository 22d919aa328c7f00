import { InvalidArgumentError, Option, type Command } from 'commander';
import type { BindAddress } from '../observability/http-endpoints.ts';

/** The options of `manager` about what it serves; `off` when it does not. */
export interface EndpointOptions {
  metricsBindAddress: BindAddress | 'off';
  healthProbeBindAddress: BindAddress | 'off';
}

export function addEndpointOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--metrics-bind-address <address>', 'serve /metrics here, such as :8080; 0 for not at all')
        .argParser(parseBindAddress)
        .default('off', '0'),
    )
    .addOption(
      new Option('--health-probe-bind-address <address>', 'serve /healthz and /readyz here; 0 for not at all')
        .argParser(parseBindAddress)
        .default('off', '0'),
    );
}

/** `:8080`, `127.0.0.1:8080`, `[::1]:8080`; `0` is off. Port 0 is a free one. */
export function parseBindAddress(text: string): BindAddress | 'off' {
  if (text === '0') return 'off';
  const [, bracketed, plain, digits = ''] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^[\]:\s]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535)
    throw new InvalidArgumentError('Write it like :8080, 127.0.0.1:8080 or [::1]:8080; 0 switches it off.');
  const host = bracketed ?? plain ?? '';
  return host === '' ? { port } : { host, port };
}
