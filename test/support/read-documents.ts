import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import { asRecord } from './json.ts';

/** The objects of a YAML file. */
export async function readDocuments(path: string): Promise<Record<string, unknown>[]> {
  const objects: Record<string, unknown>[] = [];
  for (const document of parseAllDocuments(await readFile(path, 'utf8'))) {
    if (document.errors[0]) throw new Error(`${path}: ${document.errors[0].message}`);
    const value: unknown = document.toJS();
    if (value !== null) objects.push(asRecord(value, path));
  }
  return objects;
}
