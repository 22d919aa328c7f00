import { KNOWN_RESOURCES } from '../../../../src/policy/catalogue.ts';
import { API_RESOURCES, CATEGORY_ALL } from '../../../../src/policy/request/api-table.ts';

test('the table of names says of each resource what the discovery of a real kube-apiserver says', () => {
  const known = KNOWN_RESOURCES.map(
    ({ group, resource, subresource, isNamespaced }) => `${group}/${resource}/${subresource} ${isNamespaced}`,
  );
  const named = API_RESOURCES.map(
    ({ group, resource, isNamespaced }) => `${group}/${resource}/ ${isNamespaced}`,
  );
  expect(named.filter((entry) => !known.includes(entry))).toEqual([]);
});

test('a word means one resource of a group', () => {
  const words = API_RESOURCES.flatMap(({ group, resource, kind, shortNames }) =>
    [...new Set([resource, kind.toLowerCase(), ...shortNames])].map((word) => `${word}.${group}`),
  );
  expect(words.filter((word, i) => words.indexOf(word) !== i)).toEqual([]);
  for (const word of CATEGORY_ALL)
    expect(API_RESOURCES.filter(({ resource }) => resource === word)).not.toEqual([]);
});
