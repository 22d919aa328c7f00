/** A reverse proxy between the operator and the API server that does what networks and API servers do on bad days. */
export { FaultProxy } from './fault-proxy.ts';
export type { AnsweredWrite, WriteVerdict } from './fault-proxy.ts';
export type { Fault, Rule, Snapshot, WatchEvent } from './faults.ts';
export type { Match, ProxiedRequest } from './request.ts';
