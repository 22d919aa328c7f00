import { configMapName, isObjectName, revisionName } from '../../../src/api/names.ts';

test('names that others rely on', () => {
  expect(configMapName('edge-1')).toBe('edge-1-audit-policy');
  expect(revisionName('ab'.repeat(32))).toBe(`audit-policy-${'ab'.repeat(32)}`);
});

describe('isObjectName: an RFC 1123 subdomain, as the API server has it', () => {
  test.each(['a', '0', 'a-b', 'a--b', 'a.b', 'a1.b2.c3', '1-2.3', 'a'.repeat(253)])('%s', (name) =>
    expect(isObjectName(name)).toBe(true),
  );
  test.each([
    '',
    '-a',
    'a-',
    '.a',
    'a.',
    'a..b',
    'a.-b',
    'a-.b',
    'A',
    'a_b',
    'a/b',
    '../a',
    'a b',
    'a\n',
    'é',
    'a'.repeat(254),
  ])('not %j', (name) => expect(isObjectName(name)).toBe(false));
});
