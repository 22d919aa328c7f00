import { isBase60Float, resolvePlainScalar } from '../../../src/policy/yaml11-scalar.ts';

describe('plain scalars as yaml.v2 resolves them', () => {
  test.each([
    ...['', '~', 'null', 'Null', 'NULL'].map((text) => [text, 'null', null] as const),
    ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(
      (text) => [text, 'bool', true] as const,
    ),
    ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(
      (text) => [text, 'bool', false] as const,
    ),
    ...[
      'yEs',
      'nULL',
      'tRUE',
      'oN',
      'ye',
      '=',
      'a',
      '-',
      '+',
      '.',
      '_1',
      '0x',
      '0o',
      '08x',
      '0x1p3',
      '+0b',
      'Inf',
    ].map((text) => [text, 'str', text] as const),
    ['<<', 'merge', '<<'],
    ['0', 'int', 0],
    ['00', 'int', 0],
    ['-0', 'int', 0],
    ['12', 'int', 12],
    ['+12', 'int', 12],
    ['1_000', 'int', 1000],
    ['1_', 'int', 1],
    ['+_1', 'int', 1],
    ['017', 'int', 15],
    ['-017', 'int', -15],
    ['0o17', 'int', 15],
    ['0O17', 'int', 15],
    ['0x1F', 'int', 31],
    ['0X_1f', 'int', 31],
    ['-0x10', 'int', -16],
    ['0b101', 'int', 5],
    ['-0b101', 'int', -5],
    ['0b-101', 'int', -5],
    ['0b+101', 'int', 5],
    ['0b--1', 'str', '0b--1'],
    ['-0b-1', 'str', '-0b-1'],
    ['0b2', 'str', '0b2'],
    ['9007199254740993', 'int', 9007199254740993n],
    ['9223372036854775807', 'int', 9223372036854775807n],
    ['-9223372036854775808', 'int', -9223372036854775808n],
    ['18446744073709551615', 'int', 18446744073709551615n],
    ['18446744073709551616', 'float', 18446744073709551616],
    ['+9223372036854775808', 'float', 9223372036854775808],
    ['-9223372036854775809', 'float', -9223372036854775809],
    ['0xffffffffffffffffff', 'str', '0xffffffffffffffffff'],
    ['08', 'float', 8],
    ['1.5', 'float', 1.5],
    ['1.', 'float', 1],
    ['-1.5e-3', 'float', -0.0015],
    ['1e3', 'float', 1000],
    ['1_0.5_0', 'float', 10.5],
    ['1e400', 'str', '1e400'],
    ['1e', 'str', '1e'],
    ['.5', 'float', 0.5],
    ['.5_5', 'float', 0.55],
    ['.5e+1_0', 'float', 0.5e10],
    ['.5_', 'str', '.5_'],
    ['._5', 'str', '._5'],
    ['.5__5', 'str', '.5__5'],
    ['.1e400', 'str', '.1e400'],
    ['-.5', 'float', -0.5],
    ['-._5', 'float', -0.5],
    ['.inf', 'float', Infinity],
    ['+.Inf', 'float', Infinity],
    ['-.INF', 'float', -Infinity],
    ['.nan', 'float', NaN],
    ['.NAN', 'float', NaN],
    ['+.nan', 'str', '+.nan'],
    ['.iNF', 'str', '.iNF'],
    ['12:30:45', 'str', '12:30:45'],
  ] as const)('%j is %s', (text, kind, value) => {
    expect(resolvePlainScalar(text)).toEqual({ kind, value });
  });

  test.each([
    '2001-12-14',
    '2001-1-1',
    '2000-02-29',
    '2024-2-29',
    '0000-01-01',
    '2001-12-14T21:59:43Z',
    '2001-12-14t1:2:3.5+01:00',
    '2001-12-14T21:59:43,123456789012-24:60',
    '2001-12-14 21:59:43',
    '2001-12-14   1:2:3.5',
  ])('%j is a timestamp, which keeps its text', (text) => {
    expect(resolvePlainScalar(text)).toEqual({ kind: 'timestamp', value: text });
  });

  test.each([
    '2001-02-29',
    '1900-02-29',
    '2001-13-01',
    '2001-00-01',
    '2001-01-00',
    '2001-04-31',
    '201-01-01',
    '20011-01-01',
    '2001-012-01',
    '2001-12-14T21:59:43',
    '2001-12-14T21:59:43z',
    '2001-12-14T24:00:00Z',
    '2001-12-14T23:60:00Z',
    '2001-12-14T23:00:60Z',
    '2001-12-14T1:2:3+25:00',
    '2001-12-14T1:2:3+24:61',
    '2001-12-14T1:2:3+1:00',
    '2001-12-14T1:2:3.Z',
    '2001-12-14 21:59:43Z',
    '2001-12-14 24:00:00',
    '2001-12-14\t21:59:43',
    '2001-12-14 ',
    '2001-12-14T',
  ])('%j is no timestamp', (text) => {
    expect(resolvePlainScalar(text)).toEqual({ kind: 'str', value: text });
  });

  test('a megabyte of digits costs next to nothing', () => {
    const zeros = '0'.repeat(1 << 20);
    expect(resolvePlainScalar(`1${zeros}`)).toEqual({ kind: 'str', value: `1${zeros}` });
    expect(resolvePlainScalar(`0x${zeros}f`)).toEqual({ kind: 'int', value: 15 });
  });
});

test.each([
  ['12:30:45', true],
  ['190:20:30.15', true],
  ['-1_0:0', true],
  ['1:59', true],
  ['1:60', false],
  ['1:2:', false],
  [':1', false],
  ['a:1', false],
  ['1:1x', false],
])('%j looks like base 60: %s', (text, expected) => {
  expect(isBase60Float(text)).toBe(expected);
});
