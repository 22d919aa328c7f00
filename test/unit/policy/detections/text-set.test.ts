import fc from 'fast-check';
import {
  compileTextSet,
  representativesOf,
  type TextSet,
} from '../../../../src/policy/detections/text-set.ts';

test.each<[TextSet, string[]]>([
  [{}, ['a', 'system:a', 'system:b', '']],
  [{ only: ['a', 'x'] }, ['a']],
  [{ startsWith: 'system:' }, ['system:a', 'system:b']],
  [{ startsWith: 'system:', except: ['system:b'] }, ['system:a']],
  [{ exceptStartsWith: 'system:', except: [''] }, ['a']],
])('%j', (set, expected) => {
  expect(['a', 'system:a', 'system:b', ''].filter(compileTextSet(set))).toEqual(expected);
});

test('representatives: what is named of the set, and one that is not', () => {
  const named = ['a', 'system:a', '', 'jane'];
  expect(representativesOf({}, named, ['jane', 'john'])).toEqual([...named, 'john']);
  expect(representativesOf({ startsWith: 'system:' }, named, ['jane'])).toEqual(['system:a', 'system:jane']);
  expect(representativesOf({ exceptStartsWith: 'system:', except: [''] }, named, [])).toEqual([
    'a',
    'jane',
    'other-1',
  ]);
  expect(representativesOf({ only: ['b', 'c'], except: ['c'] }, named, ['jane'])).toEqual(['b']);
});

test('they are all in the set, and none of the named is missing', () => {
  const text = fc.constantFrom('', 'a', 'b', 'system:', 'system:a', 'jane', 'other-1', 'system:other-1');
  const texts = fc.array(text, { maxLength: 3 });
  const set = fc.record(
    { startsWith: fc.constant('system:'), except: texts, exceptStartsWith: fc.constant('system:a') },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(set, texts, texts, (one, named, likely) => {
      const found = representativesOf(one, named, likely);
      const isIn = compileTextSet(one);
      expect(found.filter((each) => !isIn(each))).toEqual([]);
      expect(named.filter(isIn).filter((each) => !found.includes(each))).toEqual([]);
      expect(named).not.toContain(found.at(-1));
    }),
  );
});
