/** Texts for input functions (with type modifiers) and rows for aggregates. */
import { EDGES, someValue } from './number-cases.js';

const SPACED = [
  '',
  ' ',
  ' 1 ',
  '\t12\n',
  '+5',
  '-5',
  '- 5',
  '5.',
  '.5',
  '1e3',
  '1e',
  '0x10',
  '1_000',
  'abc',
  '12abc',
  '99999999999999999999',
  '-99999999999999999999',
  'nan',
  'NAN ',
  'inf',
  '-inf',
  '+Infinity',
  'infinit',
  '--1',
  '00012',
  '1.5',
  '-0',
  '1e400',
  '1e-400',
  '-1e400',
  '0x1p3',
  '0x',
  '.',
  '1..2',
  '1e+',
  '1 2',
];
const BOOLEANS = [
  't',
  'true',
  'TRUE',
  'tr',
  'truex',
  'f',
  'false',
  'fa',
  'y',
  'yes',
  'ye',
  'n',
  'no',
  'on',
  'of',
  'off',
  'o',
  '1',
  '0',
  '2',
  '',
  ' t ',
  'x',
  '10',
];
const NUMERICS = [
  ...SPACED,
  '1e131071',
  '1e131072',
  '1e-16383',
  '1e-16384',
  '0e200000',
  '1.e5',
  '1e5.5',
  '123456789012345678901234567890.123456789',
  '0.000000000000000000000000000001',
  '-.5e-3',
  '1e99999999999',
];
const FLOATS = [
  ...SPACED,
  '1e15',
  '1e14',
  '123456789012345678',
  '1e-5',
  '0.0001',
  '1e21',
  '1e22',
  '4.9e-324',
  '2e-324',
  '1.7976931348623159e308',
  '3.4028236e38',
  '3.4028235e38',
  '1e-46',
  '7e-46',
  '0.1',
  '16777217',
  '1e6',
  '123456.7',
  '1234567.8',
  '9007199254740993',
  '1e23',
  '5e-320',
];
const OTHER: Readonly<Record<string, readonly string[]>> = {
  uuid: [
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    '{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}',
    'A0EEBC999C0B4EF8BB6D6BB9BD380A11',
    'a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1',
    '{a0eebc999c0b4ef8bb6d6bb9bd380a11',
    '',
    'xyz',
  ],
  bytea: [
    '',
    'abc',
    '\\x6162',
    '\\xZ1',
    '\\x6',
    '\\x 61 62',
    '\\\\',
    '\\001',
    '\\1',
    '\\400',
    'é',
    '\\x6\n1',
    '\\xABCD',
    'a\\\\b\\377',
  ],
  money: [
    '1',
    '$1',
    '-$1',
    '$-1',
    '(1)',
    '1,234.56',
    '1234567890',
    '1.005',
    '1.004',
    '',
    ' ',
    'abc',
    '1.',
    '.5',
    '$ 5',
    '5 $',
    '92233720368547758.07',
    '92233720368547758.08',
    '-92233720368547758.08',
    '1.2.3',
    '($12.34)',
    '1e3',
    '--1',
  ],
  pg_lsn: ['0/0', 'FFFFFFFF/FFFFFFFF', 'a/B', '123', '1/', '/1', '123456789/1', ' 0/1', '1/2 ', 'g/1'],
  tid: [
    '(0,1)',
    '(1,65536)',
    '(4294967296,1)',
    '(4294967295,65535)',
    '(1,2',
    '1,2',
    '( 1,2)',
    '(1 ,2)',
    '(1,2) ',
    ' (1,2)',
    '(-1,2)',
    '(1,-1)',
    '()',
  ],
  char: ['', 'a', 'ab', ' '],
  name: ['', 'abc', 'x'.repeat(70), 'é'.repeat(40)],
  text: ['', 'abc', ' é '],
  bit: ['', '101', '102', 'b11', 'xF', 'xg', 'B01x', 'é', '2é'],
  varbit: ['', '101', '1é', 'X0a1'],
  oid: [...SPACED, '4294967295', '4294967296', '-1', '-2147483648', '-2147483649', ' 5 ', '1 x'],
  xid: ['0', '5', '-1', '4294967296', '0x1f', '010', 'abc', '5x', ''],
  cid: ['7', '-1'],
  xid8: ['0', '18446744073709551615', '18446744073709551616', '-1', 'abc', '0x10'],
};

type Input = readonly [type: string, typmod: number, text: string];

const numericTypmod = (precision: number, scale: number): number => ((precision << 16) | (scale & 0x7ff)) + 4;

const MODIFIED: readonly Input[] = [
  ...['', 'a', 'abc', 'abcd', 'abc  ', 'éééé', '😀😀😀', '😀😀😀😀'].flatMap((text): Input[] => [
    ['varchar', 7, text],
    ['bpchar', 7, text],
  ]),
  ...[
    '1',
    '12.345',
    '999.994',
    '999.995',
    '-999.999',
    '1000',
    'NaN',
    'Infinity',
    '0',
    '0.001',
    '1e-10',
    '12345',
  ].flatMap((text): Input[] => [
    ['numeric', numericTypmod(5, 2), text],
    ['numeric', numericTypmod(3, -2), text],
    ['numeric', numericTypmod(3, 5), text],
    ['numeric', numericTypmod(4, 4), text],
    ['numeric', numericTypmod(10, 0), text],
  ]),
  ['bit', 3, '101'],
  ['bit', 3, '1010'],
  ['bit', 3, '1'],
  ['varbit', 3, '1'],
  ['varbit', 3, '1010'],
];

export const INPUTS: readonly Input[] = [
  ...BOOLEANS.map((text): Input => ['bool', -1, text]),
  ...['int2', 'int4', 'int8'].flatMap((type) =>
    [
      ...SPACED,
      ...EDGES[type],
      '32768',
      '2147483648',
      '9223372036854775808',
      '-32769',
      '-2147483649',
      '-9223372036854775809',
    ].map((text): Input => [type, -1, text]),
  ),
  ...['float4', 'float8'].flatMap((type) => [...FLOATS, ...EDGES[type]].map((text): Input => [type, -1, text])),
  ...[...NUMERICS, ...EDGES.numeric].map((text): Input => ['numeric', -1, text]),
  ...Object.entries(OTHER).flatMap(([type, texts]) => texts.map((text): Input => [type, -1, text])),
  ...MODIFIED,
];

const NUMBERS = ['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'];
const SPREADS = ['sum', 'avg', 'variance', 'stddev', 'var_pop', 'stddev_pop', 'min', 'max', 'count'];
const REGRESSIONS = [
  'regr_count',
  'regr_sxx',
  'regr_syy',
  'regr_sxy',
  'regr_avgx',
  'regr_avgy',
  'regr_r2',
  'regr_slope',
  'regr_intercept',
  'covar_pop',
  'covar_samp',
  'corr',
];
const ORDERED = ['oid', 'money', 'pg_lsn', 'xid8', 'tid', 'text', 'bpchar'];

type Aggregate = [name: string, types: readonly string[], rows: (string | null)[][]];

/** Aggregates over no rows, one row and several, with and without NULL. */
export function AGGREGATES(random: () => number): Aggregate[] {
  const rows = (types: readonly string[], count: number): (string | null)[][] =>
    Array.from({ length: count }, () => types.map((type) => (random() < 0.1 ? null : someValue(type, random))));
  const finite = (types: readonly string[], count: number): (string | null)[][] =>
    Array.from({ length: count }, () => types.map(() => (random() * 1000 - 300).toFixed(Math.floor(random() * 4))));
  const all: Aggregate[] = [];
  const over = (name: string, types: readonly string[]): void => {
    for (const count of [0, 1, 2, 5, 20]) all.push([name, types, rows(types, count)]);
    if (['numeric', 'float8', 'float4'].includes(types[0]))
      for (const count of [1, 2, 3, 50]) all.push([name, types, finite(types, count)]);
  };
  for (const name of SPREADS) for (const type of NUMBERS) over(name, [type]);
  for (const name of REGRESSIONS) over(name, ['float8', 'float8']);
  for (const name of ['min', 'max']) for (const type of ORDERED) over(name, [type]);
  for (const name of ['bit_and', 'bit_or', 'bit_xor']) for (const type of ['int2', 'int4', 'int8']) over(name, [type]);
  for (const name of ['bool_and', 'bool_or', 'every']) over(name, ['bool']);
  over('sum', ['money']);
  return all;
}
