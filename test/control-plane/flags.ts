import type { Credentials } from './credentials.ts';

/** What may differ from one start of the API server to the next. */
export interface ApiserverOptions {
  /** Audit policy; its events go to the control plane's audit.log. Without it nothing is audited. */
  auditPolicyFile?: string;
  /** Further flags, `--name=value`; they come last, so that they win. */
  extraArgs?: string[];
  /** Switches the ServiceAccount admission plugin on. Pods then need a ServiceAccount that exists. */
  serviceAccountAdmission?: boolean;
}

interface ApiserverPlace {
  etcdUrl: string;
  port: number;
  credentials: Credentials;
  auditLog: string;
}

/** Flags of the kube-apiserver. */
export function apiserverArgs(place: ApiserverPlace, options: ApiserverOptions): string[] {
  const { credentials } = place;
  const args = {
    'etcd-servers': place.etcdUrl,
    'bind-address': '127.0.0.1',
    'advertise-address': '127.0.0.1',
    'secure-port': String(place.port),
    // The reconciler refuses a loopback address and would log so every ten seconds.
    'endpoint-reconciler-type': 'none',
    'cert-dir': credentials.certDir,
    'token-auth-file': credentials.tokenFile,
    'authorization-mode': 'RBAC',
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': credentials.serviceAccountKeyFile,
    'service-account-signing-key-file': credentials.serviceAccountKeyFile,
    'service-cluster-ip-range': '10.0.0.0/24',
    'allow-privileged': 'true',
    'shutdown-delay-duration': '0s',
    ...(options.serviceAccountAdmission ? {} : { 'disable-admission-plugins': 'ServiceAccount' }),
    ...(options.auditPolicyFile === undefined
      ? {}
      : { 'audit-policy-file': options.auditPolicyFile, 'audit-log-path': place.auditLog }),
  };
  return [...Object.entries(args).map(([name, value]) => `--${name}=${value}`), ...(options.extraArgs ?? [])];
}

/** Flags of etcd: one member, no authentication, on loopback, and no fsync: the data need not outlive the machine. */
export function etcdArgs(dataDir: string, clientUrl: string, peerPort: number): string[] {
  const peerUrl = `http://127.0.0.1:${String(peerPort)}`;
  const args = {
    name: 'default',
    'data-dir': dataDir,
    'listen-client-urls': clientUrl,
    'advertise-client-urls': clientUrl,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': `default=${peerUrl}`,
    'unsafe-no-fsync': 'true',
    'quota-backend-bytes': String(8 * 1024 ** 3),
    'log-level': 'warn',
  };
  return Object.entries(args).map(([name, value]) => `--${name}=${value}`);
}
