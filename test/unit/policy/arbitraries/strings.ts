import fc from 'fast-check';

/** Every character and word that YAML 1.1, its emitter or Go's quoting treats in a way of its own. */
const PIECES = [
  ...[
    '',
    ' ',
    ' ',
    ' ',
    '  ',
    '   ',
    '\n',
    '\n',
    '\n\n',
    '\t',
    '\r',
    '\r\n',
    '\v',
    '\0',
    '\x07',
    '\b',
    '\f',
    '\x1b',
  ],
  ...[
    '\u00a0',
    '\u00ad',
    '\u2028',
    '\u2029',
    '\ufeff',
    '\ufffd',
    '\ue000',
    '\u0300',
    '\u0378',
    '\u200b',
    '\ud7ff',
  ],
  ...['é', 'Ā', '日本語', '😀', '\u{1f6d8}', '\u{10ffff}', '\u{2fffe}', '\u{31350}', '—'],
  ...[
    '-',
    '- ',
    '---',
    '...',
    '--- ',
    '#',
    ' #',
    '# ',
    ':',
    ': ',
    ' :',
    '?',
    '? ',
    ',',
    '[',
    ']',
    '{',
    '}',
    '&',
    '*',
    '!',
  ],
  ...['|', '>', "'", "''", '"', '%', '@', '`', '=', '<<', '~', '\\', '\\n', '/', '<', '$', '${X}', '{{ y }}'],
  ...[
    '0',
    '1',
    '7',
    '8',
    '08',
    '0x',
    '0o',
    '0b',
    'e',
    'E',
    '_',
    '.',
    '+',
    '-',
    '1e3',
    '.5',
    '.inf',
    '.nan',
    'Inf',
    'NaN',
  ],
  ...[
    'y',
    'Y',
    'n',
    'no',
    'Yes',
    'true',
    'FALSE',
    'on',
    'Off',
    'null',
    'Null',
    'NULL',
    'nULL',
    'T',
    'Z',
    't',
    'z',
  ],
  ...[
    '2001-12-14',
    '12:30:45',
    '1:60',
    '190:20:30.15',
    '0:0',
    ':5',
    '253',
    'system:masters',
    'pods',
    'a',
    'b',
    'xyz',
  ],
];

/** Characters that make rendering fail, or that it folds. */
const BREAKING = [
  '\x7f',
  '\u0080',
  '\u0085',
  '\u0085',
  ' \u0085 ',
  '\u0085\u0085',
  '\u0085---',
  '\u0085... ',
  '\ufffe',
  '\uffff',
];

const digits = (min: number, max: number) => fc.integer({ min, max }).map(String);

/** Like numbers in some notation, most of them with something wrong. */
const numberLike = fc
  .array(
    fc.constantFrom(
      ...[
        '0',
        '1',
        '2',
        '7',
        '8',
        '9',
        '00',
        '_',
        '.',
        '+',
        '-',
        'e',
        'E',
        'e+',
        'e-',
        'x',
        '0x',
        '0X',
        '0b',
        '0o',
        'a',
        'F',
        ':',
        'p',
      ],
      ...[
        '9223372036854775807',
        '9223372036854775808',
        '18446744073709551615',
        '18446744073709551616',
        'ffffffffffffffff',
      ],
      ...['1777777777777777777777', '400', '308', '59', '60', 'i', 'inf', 'nan'],
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(''));

/** Like timestamps, around the edges of every field and separator. */
const timestampLike = fc
  .tuple(
    fc.constantFrom('2001', '2000', '1900', '0000', '201', '20011', '2024'),
    fc.constantFrom('-', '-', '-', '/', ''),
    fc.oneof(digits(0, 13), fc.constantFrom('01', '02', '012')),
    fc.constantFrom('-', '-', '-', ':'),
    fc.oneof(digits(0, 32), fc.constantFrom('01', '29', '30', '031')),
    fc.constantFrom('', '', 'T', 't', ' ', '  ', '\t', 'T '),
    fc.oneof(
      fc.constant(''),
      fc.tuple(digits(0, 25), digits(0, 61), digits(0, 61)).map((time) => time.join(':')),
    ),
    fc.constantFrom('', '', '.5', ',5', '.123456789012', '.', ',', '.x'),
    fc.constantFrom('', 'Z', 'z', '+01:00', '-24:60', '+25:00', '+1:00', ' Z', '+0100', '-05:61', 'Z '),
  )
  .map((parts) => parts.join(''));

/** Texts that are one plain scalar in YAML, many of them read as something other than a string. */
export const plainWord: fc.Arbitrary<string> = fc
  .oneof(
    numberLike,
    timestampLike,
    fc
      .array(fc.constantFrom(...PIECES.filter((piece) => /^[\w.+~<=-]+$/.test(piece))), {
        minLength: 1,
        maxLength: 3,
      })
      .map((parts) => parts.join('')),
  )
  .map((text) => text.trim())
  .filter(
    (text) => /^[\w.+~<= ,/:\t-]+$/.test(text) && !/^(,|- |-$|:|---|\.\.\.)|[:,]$|:[ \t]|\t/.test(text),
  );

const word = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'the',
      'policy',
      'system:serviceaccount:kube-system',
      'it',
      'a',
      'https://id.example.com/o',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "it's",
      '"q"',
      'é',
      '日本',
      'C:\\dir',
      '#',
      'x: y',
      '—',
      '\u2028',
      '😀',
      '\t',
      '\ufeff',
    ),
  },
);

/** Text around and beyond the emitter's width of 80, where it folds. */
const longText = fc
  .array(fc.tuple(word, fc.constantFrom(' ', ' ', ' ', ' ', '  ', '   ', '\n', '\u2028')), {
    minLength: 8,
    maxLength: 40,
  })
  .map((parts) => parts.flat().join(''))
  .chain((text) =>
    fc
      .tuple(
        fc.constantFrom('', '', "'", '"', '# ', '- ', ' ', '\ufeff'),
        fc.integer({ min: 60, max: text.length + 60 }),
      )
      .map(([head, length]) => (head + text).slice(0, length)),
  );

const lines = fc
  .array(
    fc.constantFrom(
      '',
      'a',
      ' a',
      'a ',
      '  b',
      '# c',
      '- d',
      'e: f',
      '...',
      '---',
      '\u2028',
      'g\u2029h',
      '\t',
      '😀',
      "'",
    ),
    {
      minLength: 2,
      maxLength: 6,
    },
  )
  .map((parts) => parts.join('\n'));

const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 6 }).map((parts) => parts.join(''));

/** Strings that a YAML emitter can be expected to get wrong; all can be rendered. */
export const nastyString: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: pieces },
  { weight: 3, arbitrary: numberLike },
  { weight: 3, arbitrary: timestampLike },
  { weight: 3, arbitrary: longText },
  { weight: 2, arbitrary: lines },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'binary', maxLength: 12 })
      .map((text) => text.replace(/[\x7f-\x9f\ufffe\uffff]/g, 'x')),
  },
);

/** The same, and strings that the renderer refuses or changes. */
export const hostileString: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: nastyString },
  {
    weight: 1,
    arbitrary: fc
      .tuple(pieces, fc.constantFrom(...BREAKING), fc.oneof(pieces, longText))
      .map((parts) => parts.join('')),
  },
);
