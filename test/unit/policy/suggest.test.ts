import fc from 'fast-check';
import { nearest, suggestLevel, suggestStage } from '../../../src/policy/decode.ts';
import { LEVELS } from '../../../src/policy/types.ts';

test.each([
  ['Metdt', 'Metadata'],
  ['metadata', 'Metadata'],
  ['METADATA', 'Metadata'],
  ['MetaData', 'Metadata'],
  ['none', 'None'],
  ['Non', 'None'],
  ['Requests', 'Request'],
  ['request-response', 'RequestResponse'],
  ['RequestRespons', 'RequestResponse'],
])('the level %s was meant as %s', (word, level) => expect(suggestLevel(word)).toBe(level));

test.each([
  ['requestReceived', 'RequestReceived'],
  ['request_received', 'RequestReceived'],
  ['RequestRecieved', 'RequestReceived'],
  ['ResponseCompleted', 'ResponseComplete'],
  ['panic', 'Panic'],
])('the stage %s was meant as %s', (word, stage) => expect(suggestStage(word)).toBe(stage));

test.each(['', 'x', 'Everything', 'Debug', 'Audit', 'a'.repeat(41), 'Metadata'])(
  'for %s there is no suggestion',
  (word) => expect(suggestLevel(word)).toBeUndefined(),
);

test('of several the nearest, of equally near ones the first', () => {
  expect(nearest('verbss', ['verb', 'verbs'])).toBe('verbs');
  expect(nearest('abcdx', ['abcd1', 'abcd2'])).toBe('abcd1');
});

test('one edit in a word of five letters or more leads back to it', () => {
  const word = fc.constantFrom(...LEVELS.filter((level) => level.length > 4));
  const edited = fc
    .tuple(word, fc.nat(), fc.constantFrom('', 'z'))
    .map(([level, at, by]): [string, string] => {
      const index = at % level.length;
      return [level, level.slice(0, index) + by + level.slice(index + 1)];
    });
  fc.assert(fc.property(edited, ([level, damaged]) => expect(suggestLevel(damaged)).toBe(level)));
});
