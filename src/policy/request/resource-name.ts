import { API_RESOURCES, type ApiResource } from './api-table.ts';

/** A resource that a user named in some way, as rules see it. */
export interface NamedResource {
  resource: string;
  subresource: string;
  group: string;
  version: string;
  isNamespaced: boolean;
  /** Whether the built-in table has it; what it does not have is taken as it was written. */
  isKnown: boolean;
}

/**
 * The resource that kubectl would understand by a word: a plural, a singular, a kind, a short name, each with `.group` or
 * `.version.group` behind it and `/subresource`.
 * @param group what the user says of the group, which counts more than the table
 */
export function findResource(word: string, group?: string): NamedResource {
  const [named = '', ...subresources] = word.split('/');
  const [plain = '', ...suffix] = named.split('.');
  const subresource = subresources.join('/');
  const wantedGroup = group ?? (suffix.length > 0 ? suffix.join('.') : undefined);
  const found = API_RESOURCES.find((entry) => isMeant(entry, plain.toLowerCase(), wantedGroup, suffix));
  if (found === undefined)
    return {
      resource: plain,
      subresource,
      group: wantedGroup ?? '',
      version: '',
      isNamespaced: true,
      isKnown: false,
    };
  const { resource, version, isNamespaced } = found;
  return { resource, subresource, group: found.group, version, isNamespaced, isKnown: true };
}

function isMeant(entry: ApiResource, word: string, group: string | undefined, suffix: string[]): boolean {
  const isNamed = [entry.resource, entry.kind.toLowerCase(), ...entry.shortNames].includes(word);
  if (!isNamed || group === undefined) return isNamed;
  return group === entry.group || suffix.join('.') === `${entry.version}.${entry.group}`;
}

/** The resource of an object, by its apiVersion and kind. Of an unknown kind the plural is made as the API machinery guesses it. */
export function resourceOfKind(apiVersion: string, kind: string): NamedResource {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const found = findResource(kind, group);
  return found.isKnown ? found : { ...found, resource: pluralOf(kind), version: apiVersion.slice(slash + 1) };
}

/** `UnsafeGuessKindToResource` of k8s.io/apimachinery. */
function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (word.endsWith('s')) return `${word}es`;
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`;
}
