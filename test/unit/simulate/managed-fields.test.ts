import fc from 'fast-check';
import { managedFieldsIn } from '../../../src/simulate/managed-fields.ts';
import { anyText, bytesOf, goJson } from './json-text.ts';

type Json = Record<string, unknown>;

/** What `copyWithoutManagedFields` of k8s.io/apiserver does, on parsed values. */
function withoutManagedFields(object: Json): Json {
  const { items, rows } = object;
  return {
    ...bare(object),
    ...(Array.isArray(items) ? { items: items.map((item: Json) => bare(item)) } : {}),
    ...(Array.isArray(rows)
      ? {
          rows: rows.map((row: Json) =>
            'object' in row ? { ...row, object: bare(row.object as Json) } : row,
          ),
        }
      : {}),
  };
}

function bare(object: Json): Json {
  if (!('metadata' in object)) return object;
  const metadata = { ...(object.metadata as Json) };
  delete metadata.managedFields;
  return { ...object, metadata };
}

function shuffled<T>(items: readonly T[], order: readonly number[]): T[] {
  return items
    .map((item, index) => [order[index % order.length] ?? 0, item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item);
}

const order = fc.array(fc.nat(), { minLength: 1, maxLength: 6 });
const managed = fc.array(
  fc.record({ manager: anyText, operation: fc.constant('Update'), fieldsV1: fc.jsonValue({ maxDepth: 3 }) }),
  { maxLength: 3 },
);
const metadata = fc
  .tuple(
    fc.record(
      { name: anyText, labels: fc.dictionary(anyText, anyText), managedFields: managed },
      { requiredKeys: [] },
    ),
    order,
  )
  .map(([fields, by]) => Object.fromEntries(shuffled(Object.entries(fields), by)));
// A body can hold the word anywhere: only that of the object itself goes.
const elsewhere = fc.record(
  { managedFields: fc.constant([1]), metadata: fc.constant({ managedFields: [2] }), template: metadata },
  { requiredKeys: [] },
);
const object = fc
  .tuple(
    fc.record(
      { kind: anyText, metadata, spec: elsewhere, data: fc.dictionary(anyText, anyText) },
      { requiredKeys: [] },
    ),
    order,
  )
  .map(([fields, by]) => Object.fromEntries(shuffled(Object.entries(fields), by)) as Json);
const list = fc.record({ kind: fc.constant('PodList'), metadata: fc.constant({}), items: fc.array(object) });
const table = fc.record({
  kind: fc.constant('Table'),
  columnDefinitions: fc.constant([{ name: 'Name' }]),
  rows: fc.array(fc.record({ cells: fc.constant(['a']), object }, { requiredKeys: ['cells'] })),
});

test('managed fields take as many bytes as a body is shorter without them: an object, a list, a Table', () => {
  fc.assert(
    fc.property(fc.oneof(object, list, table), (body) => {
      const text = Buffer.from(`"before":${goJson(body)},"managedFields":[]`);
      const start = '"before":'.length;
      const size = bytesOf(goJson(body));
      expect(managedFieldsIn(text, start, start + size)).toBe(
        size - bytesOf(goJson(withoutManagedFields(body))),
      );
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['{"metadata":{"managedFields":[{"a":1}]}}', '{"metadata":{}}'],
  ['{"metadata":{"managedFields":[],"name":"a"}}', '{"metadata":{"name":"a"}}'],
  ['{"metadata":{"name":"a","managedFields":[]}}', '{"metadata":{"name":"a"}}'],
  ['{"metadata":"managedFields","managedFields":[]}', '{"metadata":"managedFields","managedFields":[]}'],
  ['[{"metadata":{"managedFields":[]}}]', '[{"metadata":{"managedFields":[]}}]'],
  ['"\\"managedFields\\""', '"\\"managedFields\\""'],
  [
    '{"items":"\\"managedFields\\"","rows":[1,{"cells":["managedFields"]}]}',
    '{"items":"\\"managedFields\\"","rows":[1,{"cells":["managedFields"]}]}',
  ],
])('of %s is left %s', (body, left) => {
  const bytes = Buffer.from(body);
  expect(bytes.length - managedFieldsIn(bytes, 0, bytes.length)).toBe(left.length);
});
