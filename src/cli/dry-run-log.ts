import { createHash } from 'node:crypto';
import { at, isObject, type JsonObject } from '../api/json.ts';
import type { WriteRequest } from '../kube/client.ts';

/**
 * A write for the log of a dry run: what would be done to which object, and which fields would change. The content of
 * policies is not for logs: of `data` only digests are told.
 */
export function describeWrite(write: WriteRequest): JsonObject {
  const { verb, resource, name, subresource, body } = write;
  const changes = resource.kind === 'Event' ? eventOf(body) : changesOf(body);
  return {
    verb,
    kind: resource.kind,
    namespace: name.namespace,
    name: name.name,
    ...(subresource === undefined ? {} : { subresource }),
    ...(verb === 'delete' ? {} : { changes }),
  };
}

function eventOf(body: unknown): JsonObject {
  return { type: at(body, 'type'), reason: at(body, 'reason'), message: at(body, 'message') };
}

function changesOf(body: unknown): unknown {
  if (!isObject(body)) return body;
  const { metadata, data, ...others } = without(body, ['apiVersion', 'kind']);
  const rest = isObject(metadata) ? without(metadata, IDENTITY) : {};
  return {
    ...(Object.keys(rest).length > 0 ? { metadata: rest } : {}),
    ...(isObject(data) ? { data: digests(data) } : {}),
    ...others,
  };
}

const IDENTITY = ['name', 'namespace', 'uid', 'resourceVersion'];

function without(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

function digests(data: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, digest(value)]));
}

function digest(value: unknown): unknown {
  if (value === null) return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return `sha256:${sha256} (${Buffer.byteLength(text)} bytes)`;
}
