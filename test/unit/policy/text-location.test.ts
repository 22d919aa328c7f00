import fc from 'fast-check';
import { TextLocation } from '../../../src/policy/text-location.ts';

test.each([
  ['', 0, 1, 1],
  ['ab', 1, 1, 2],
  ['a\nb', 2, 2, 1],
  ['a\r\nb', 3, 2, 1],
  ['a\rb', 2, 2, 1],
  ['é😀x', 3, 1, 3],
  ['a\n', 2, 2, 1],
  ['ab', 99, 1, 3],
  ['ab', -1, 1, 1],
])('in %j offset %i is at %i:%i', (text, offset, line, column) =>
  expect(new TextLocation(text).positionAt(offset)).toEqual({ line, column }),
);

test('answers do not depend on the order of the questions', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\n', '\r\n') });
  fc.assert(
    fc.property(text, fc.array(fc.nat(60)), (source, offsets) => {
      const one = new TextLocation(source);
      for (const offset of offsets)
        expect(one.positionAt(offset)).toEqual(new TextLocation(source).positionAt(offset));
    }),
  );
});
