/** Edge values of numbers, text and bytes, and a seeded source of random ones, for the recorder of golden answers. */

export const EDGES: Readonly<Record<string, readonly string[]>> = {
  bool: ['t', 'f'],
  int2: ['0', '1', '-1', '2', '-3', '7', '10', '255', '32767', '-32768', '-32767', '100', '16'],
  int4: [
    '0',
    '1',
    '-1',
    '2',
    '-2',
    '7',
    '-7',
    '10',
    '33',
    '2147483647',
    '-2147483648',
    '65536',
    '-46341',
    '46341',
    '3',
  ],
  int8: [
    '0',
    '1',
    '-1',
    '2',
    '-7',
    '10',
    '2147483648',
    '-2147483649',
    '9007199254740991',
    '9007199254740993',
    '-9007199254740993',
    '9223372036854775807',
    '-9223372036854775808',
    '3037000500',
    '4294967296',
    '1000000',
  ],
  float4: [
    '0',
    '-0',
    '1',
    '-1',
    '0.1',
    '1.5',
    '2.5',
    '-2.5',
    '3.4e38',
    '-3.4e38',
    '1e-40',
    'NaN',
    'Infinity',
    '-Infinity',
    '123456.7',
    '1e10',
    '16777217',
  ],
  float8: [
    '0',
    '-0',
    '1',
    '-1',
    '0.1',
    '0.5',
    '1.5',
    '2.5',
    '-2.5',
    '-0.5',
    '1e308',
    '-1e308',
    '5e-324',
    '1e-300',
    'NaN',
    'Infinity',
    '-Infinity',
    '123456.789',
    '1e15',
    '1e16',
    '30',
    '45',
    '60',
    '90',
    '180',
    '-270',
    '0.3',
    '2147483647.5',
    '9223372036854775807',
    '170',
    '32767.5',
  ],
  numeric: [
    '0',
    '0.00',
    '1',
    '-1',
    '1.0',
    '2',
    '-2.5',
    '2.5',
    '0.5',
    '-0.5',
    '10',
    '0.1',
    '0.0001',
    '0.00009999',
    '99999999999999999999',
    '-123456789.987654321',
    '1e20',
    '1e-20',
    '9007199254740993',
    '9223372036854775807',
    '9223372036854775807.5',
    '-9223372036854775808.5',
    '2147483647.5',
    '32767.49999',
    'NaN',
    'Infinity',
    '-Infinity',
    '3',
    '7',
    '12345.6789',
    '1.00000000000000000001',
    '1e100',
    '0.333333333333',
    '100',
    '1000000',
    '-7.77',
    '9999.9999',
    '10000',
    '0.9999',
  ],
  oid: ['0', '1', '4294967295', '16384', '2147483648'],
  xid: ['0', '3', '4294967295', '2147483648'],
  cid: ['0', '5'],
  xid8: ['0', '4294967296', '18446744073709551615', '77'],
  money: [
    '0',
    '1',
    '-1',
    '12.34',
    '-1234.56',
    '92233720368547758.07',
    '-92233720368547758.07',
    '1000000',
    '0.01',
    '3.33',
  ],
  pg_lsn: ['0/0', '1/2', 'FFFFFFFF/FFFFFFFF', '0/16B3748', 'A/0'],
  tid: ['(0,0)', '(0,1)', '(1,0)', '(4294967295,65535)'],
  text: [
    '',
    'a',
    'b',
    'ab',
    'abc',
    'A',
    'é',
    'z',
    '😀',
    '\uffee',
    'a b',
    'a ',
    ' a',
    '12',
    'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzéé',
  ],
  varchar: ['', 'a', 'abc', 'abc  ', 'éé', '😀😀', 'hello world'],
  bpchar: ['', 'a', 'a ', 'a  ', 'b', 'ab ', 'é', 'abc', ' a', '😀'],
  name: ['', 'a', 'b', 'abc', 'pg_class', 'é', 'a '],
  char: ['', 'a', 'b', 'A', '~'],
  bytea: ['\\x', '\\x00', '\\x0001', '\\xff', '\\x61', '\\x6162', 'abc', '\\\\\\001', '\\x80'],
  uuid: [
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    '{A0EEBC999C0B4EF8BB6D6BB9BD380A12}',
  ],
  bit: [
    '',
    '0',
    '1',
    '101',
    '0101',
    '11111111',
    '111111110',
    '1010101010101',
    'x1f',
    'xffffffff',
    '00000000000000000000000000000000000',
  ],
  varbit: ['', '0', '1', '101', '01', '11111111', '1111111101', 'xabc', '0000'],
};

/** Deterministic: mulberry32. */
export function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function digits(count: number, random: () => number): string {
  return Array.from({ length: count }, () => Math.floor(random() * 10)).join('');
}

/** A value of the type: an edge, or for numbers a random one. */
export function someValue(type: string, random: () => number): string {
  const edges = EDGES[type];
  const sign = random() < 0.3 ? '-' : '';
  if (random() < 0.45) {
    switch (type) {
      case 'int2':
        return sign + Math.floor(random() * 2 ** (15 * random()));
      case 'int4':
        return sign + Math.floor(random() * 2 ** (31 * random()));
      case 'int8':
        return sign + BigInt(Math.floor(random() * 2 ** (62 * random())));
      case 'float4':
      case 'float8':
        return sign + random() * 10 ** Math.floor(random() * 24 - 8);
      case 'numeric':
        return `${sign}${digits(1 + Math.floor(random() * random() * 30), random)}.${digits(Math.floor(random() * random() * 25), random)}`;
      default:
    }
  }
  return edges[Math.floor(random() * edges.length)];
}
