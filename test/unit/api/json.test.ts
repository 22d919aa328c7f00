import { at, isObject, listAt, numberAt, stringAt } from '../../../src/api/json.ts';

const VALUE = { a: { text: 't', number: 1, list: [1], none: null }, list: [{ a: 1 }] };

test.each([
  ['an object', {}, true],
  ['a list', [], false],
  ['null', null, false],
  ['text', 'x', false],
  ['nothing', undefined, false],
])('isObject: %s', (_case, value, expected) => expect(isObject(value)).toBe(expected));

describe('at', () => {
  test.each([
    ['the whole', [], VALUE],
    ['a path', ['a', 'text'], 't'],
    ['null is a value', ['a', 'none'], null],
    ['beyond null', ['a', 'none', 'x'], undefined],
    ['beyond text', ['a', 'text', 'length'], undefined],
    ['a list has no keys', ['list', '0'], undefined],
    ['what is missing', ['b', 'c'], undefined],
    ['what every object inherits', ['a', 'constructor'], undefined],
    ['what __proto__ gives', ['__proto__', 'toString'], undefined],
  ])('%s', (_case, path, expected) => expect(at(VALUE, ...path)).toEqual(expected));
});

test('stringAt, numberAt and listAt answer only for their own type', () => {
  expect([stringAt(VALUE, 'a', 'text'), stringAt(VALUE, 'a', 'number')]).toEqual(['t', undefined]);
  expect([numberAt(VALUE, 'a', 'number'), numberAt(VALUE, 'a', 'text')]).toEqual([1, undefined]);
  expect([listAt(VALUE, 'a', 'list'), listAt(VALUE, 'a'), listAt(VALUE, 'x')]).toEqual([[1], [], []]);
});
