import fc from 'fast-check';

import { apiVersionOf, collectionPath, objectPath } from '../../../src/kube/resources.ts';
import type { Resource } from '../../../src/kube/resources.ts';

const configMaps: Resource = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};
const widgets: Resource = {
  group: 'example.com',
  version: 'v1beta1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
};
const gadgets: Resource = { ...widgets, plural: 'gadgets', kind: 'Gadget', namespaced: false };

test('paths are those of the API', () => {
  expect(collectionPath(configMaps)).toBe('/api/v1/configmaps');
  expect(collectionPath(configMaps, 'n')).toBe('/api/v1/namespaces/n/configmaps');
  expect(objectPath(widgets, { namespace: 'n', name: 'w' }, 'status')).toBe(
    '/apis/example.com/v1beta1/namespaces/n/widgets/w/status',
  );
  expect(objectPath(gadgets, { namespace: 'ignored', name: 'g' })).toBe(
    '/apis/example.com/v1beta1/gadgets/g',
  );
  expect([apiVersionOf(configMaps), apiVersionOf(widgets)]).toEqual(['v1', 'example.com/v1beta1']);
});

test('a name cannot leave its place', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.string({ minLength: 1 }),
      (name, namespace) => {
        fc.pre(![name, namespace].some((part) => part === '.' || part === '..'));
        const { pathname, search, hash } = new URL(objectPath(widgets, { name, namespace }), 'https://host');
        const parts = pathname.split('/');
        expect([parts.length, search, hash]).toEqual([8, '', '']);
        expect([parts[5], parts[7]].map((part) => decodeURIComponent(part!))).toEqual([namespace, name]);
      },
    ),
  );
});

test('names that no encoding keeps in place are refused', () => {
  for (const name of ['', '.', '..']) {
    expect(() => objectPath(gadgets, { name })).toThrow(RangeError);
    expect(() => objectPath(widgets, { namespace: name, name: 'w' })).toThrow(RangeError);
  }
  expect(() => objectPath(widgets, { name: 'w' })).toThrow('Widget "w" needs a namespace');
});
