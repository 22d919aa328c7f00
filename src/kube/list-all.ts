import { isKubeError, KubeError } from './errors.ts';
import type { CallOptions, KubeClient } from './client.ts';
import type { ListScope } from './list-watch.ts';
import { collectionPath } from './resources.ts';
import type { Resource } from './resources.ts';

const PAGE = 500;
const TIMEOUT_MS = 120_000;

/**
 * Reads a whole collection page by page, and keeps of each object only what `project` makes of it.
 * @throws KubeError NotFound when the kind is not served, and the rest
 */
export async function listAll<T>(
  client: KubeClient,
  resource: Resource,
  scope: ListScope,
  project: (raw: unknown) => T,
  options: CallOptions = {},
): Promise<T[]> {
  try {
    return await readPages(client, resource, scope, project, options);
  } catch (error) {
    // So many pages, or so slow a reader, that the version of the first one is compacted: once more from the start.
    if (!isKubeError(error, 'Gone')) throw error;
    return await readPages(client, resource, scope, project, options);
  }
}

async function readPages<T>(
  client: KubeClient,
  resource: Resource,
  { namespace, labelSelector, fieldSelector }: ListScope,
  project: (raw: unknown) => T,
  { signal }: CallOptions,
): Promise<T[]> {
  const items: T[] = [];
  let token: string | undefined;
  do {
    const { body } = await client.transport.request({
      method: 'GET',
      path: collectionPath(resource, namespace),
      query: { labelSelector, fieldSelector, limit: PAGE, continue: token },
      timeoutMs: TIMEOUT_MS,
      signal,
    });
    const page = readPage(body);
    for (const raw of page.items) items.push(project(raw));
    token = page.continueToken;
  } while (token !== undefined);
  return items;
}

function readPage(body: unknown): { items: readonly unknown[]; continueToken: string | undefined } {
  const { items = [], metadata } = Object(body) as { readonly items?: unknown; readonly metadata?: unknown };
  if (!Array.isArray(items)) {
    throw new KubeError({
      code: 'InvalidResponse',
      message: 'the server answered a list request with no list',
    });
  }
  const token = (Object(metadata) as { readonly continue?: unknown }).continue;
  return { items, continueToken: typeof token === 'string' && token !== '' ? token : undefined };
}
