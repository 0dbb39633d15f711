/** The calls and inputs that record-container-golden.ts puts to PostgreSQL. Random ones come from a fixed seed. */
import type { GoldenCall } from '../sql/functions/container-golden.js';

let seed = 12345;

/** A pseudo-random integer from 0 to `limit` - 1. */
function random(limit: number): number {
  seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
  return (seed >>> 8) % limit;
}

function pick<T>(items: readonly T[]): T {
  return items[random(items.length)];
}

const SCALARS = [
  'null',
  'true',
  'false',
  '0',
  '1',
  '-1',
  '1.0',
  '1.50',
  '12345678901234567890',
  '1e5',
  '-0.001',
  '"a"',
  '"b"',
  '"ab"',
  '""',
  '"é"',
  '"\\u0041\\n"',
  '"😀"',
  '"�"',
];
const KEYS = ['a', 'b', 'aa', 'é', 'z', ''];

function randomJson(depth: number): string {
  const kind = depth === 0 ? 0 : random(5);
  if (kind < 2) return pick(SCALARS);
  const count = random(4);
  const items = Array.from({ length: count }, () => randomJson(depth - 1));
  if (kind === 2 || kind === 4) return `[${items.join(pick([',', ', ', ' , ']))}]`;
  return `{${items.map((item) => `${JSON.stringify(pick(KEYS))}:${item}`).join(', ')}}`;
}

const JSONS = [
  ...SCALARS,
  '[]',
  '{}',
  '[1]',
  '[[]]',
  '["a"]',
  '["a","b",1]',
  '{"a":1}',
  '{"a":null,"b":[null,{"c":null}]}',
  '{"aa":1,"b":2,"a":{"b":{"c":[1,2,3]}}}',
  '{"a":1,"a":2}',
  '[1,[2,[3,{"a":4}]]]',
  '{"a":{"a":1},"b":"x"}',
  ...Array.from({ length: 40 }, () => randomJson(3)),
];

const BAD_JSONS = [
  '',
  ' ',
  '{',
  '[1,',
  '[1 2]',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '{a:1}',
  '[,]',
  '[1,]',
  'tru',
  'nul l',
  '01',
  '1.',
  '.5',
  '-',
  '1e',
  '1e+',
  '+1',
  '1x',
  '"abc',
  '"a\tb"',
  '"\\x"',
  '"\\u12"',
  '"\\u12zz"',
  '"\\ud800"',
  '"\\ud800\\ud800"',
  '"\\ud800a"',
  '"\\udc00"',
  '"\\u0000"',
  '"\\',
  "'a'",
  '1 2',
  '{"a":1} x',
  '[1}',
  '{"a":1]',
  '\u00a01',
  '{"a":1 "b":2}',
  '"\\ud83d\\ude00"',
  '{1:2}',
  'é',
  '@',
  '[1,\n2,\n3 4]',
  '{"some quite long key to make the context long": "and a value", "then": nothing}',
  '1e1000000',
];

const INT_ARRAYS = [
  '{}',
  '{1}',
  '{1,2,3}',
  '{3,2,1}',
  '{1,NULL,2}',
  '{NULL}',
  '[0:2]={1,2,3}',
  '[5:5]={1}',
  '{{1,2},{3,4}}',
  '{{1,NULL}}',
  '{{{1},{2}}}',
  '[2:3][0:1]={{1,2},{3,4}}',
  '{1,1,2,2}',
];
const TEXT_ARRAYS = [
  '{}',
  '{a}',
  '{a,b}',
  '{a,NULL}',
  '{NULL}',
  '{"",b}',
  '{"a b","NULL","c,d"}',
  '{{a,1},{b,2}}',
  '{a,1,b,2}',
  '{0}',
  '{-1}',
  '{b,c,0}',
  '{a,b,c,1}',
  '{5}',
  '{-5}',
  '{" 1"}',
  '{1x}',
  '{b,1}',
  '{a,a}',
];

const BAD_ARRAYS = [
  '',
  ' ',
  '{',
  '}',
  '{1',
  '{1,',
  '{1,}',
  '{,1}',
  '{1,,2}',
  '{}}',
  '{{}}',
  '{{},{}}',
  '{{1},{2,3}}',
  '{{1},2}',
  '{1,{2}}',
  '{1}x',
  '{1} ',
  ' {1}',
  '{ 1 , 2 }',
  '{"1"}',
  '{"1',
  '{"1"2}',
  '{1"2"}',
  '{1 2}',
  '{null}',
  '{NuLl}',
  '{"null"}',
  '{\\1}',
  '{1\\2}',
  '[1]={1}',
  '[1:2]={1}',
  '[1:1]{1}',
  '[1:1]=',
  '[a]={1}',
  '[1:]={1}',
  '[2:1]={1}',
  '[1:2]={1,2}',
  '[-1:0]={1,2}',
  ' [1:2] = {1,2}',
  '[1:1][1:2]={{1,2}}',
  '[1:2]={{1,2}}',
  '{{{{{{{1}}}}}}}',
  '{{{{{{1}}}}}}',
  '{x}',
  '{99999999999}',
  '[1:1={1}',
  '{{1},{{2}}}',
  '{"a\\"}',
  '{1;2}',
  '{{1,2},{3}}',
  '{{1,2}{3,4}}',
  '[1:1]={}',
  '{{1}',
  '{"a"b}',
  '{\\',
  '{"\\',
];

const BAD_TEXT_ARRAYS = [
  '{a b, c d }',
  '{"a\\"b"}',
  '{a\\,b}',
  '{a\\ }',
  '{\t a \n}',
  '{nUll,"null",n\\ull}',
  '{é,"😀"}',
  "{'a'}",
  '{a{b}',
  '{"\\\\"}',
  '{(1\\,2)}',
  '{"{}"}',
  '{\\\\}',
  '{" "}',
  '{""}',
  '{a"b"}',
  '{"a" "b"}',
];

const PAIRS = ['(1,a)', '(,)', '(1,)', '(2,"x y")', '(1,"a""b")', '(1,"a\\\\b")', '(3,"(1,2)")'];
const BAD_PAIRS = [
  '',
  '(',
  '(1',
  '(1,2',
  '(1)',
  '(1,2,3)',
  '1,2)',
  '(1,2)x',
  ' (1,2) ',
  '( 1 , 2 )',
  '(x,1)',
  '(1,"a)',
  '(1,a"b,c"d)',
  '(1,\\,)',
  '("1",2)',
  '(1,"")',
  '(1,\\',
];

const RANGES = [
  'empty',
  '[1,5)',
  '(1,5]',
  '[1,1]',
  '(,5)',
  '[3,)',
  '(,)',
  '[5,9)',
  '[2,3)',
  '[-5,1)',
  '[7,8]',
  '[1,10)',
];
const BAD_RANGES = [
  '',
  'x',
  '[1,2',
  '[1;2]',
  '1,2]',
  '[1,2,3]',
  '[2,1]',
  '(1,1)',
  '(1,2)',
  '[1,1)',
  'EMPTY ',
  'empty x',
  ' [ 1 , 2 ] ',
  '["1",2]',
  '[,]',
  '[1,2]x',
  '[a,b]',
  '[1,"2"]',
  '[1,2147483647]',
  '[1,2147483647)',
  '(2147483647,)',
  '["",1]',
  '[1',
  '[1,\\',
];
const MULTIRANGES = [
  '{}',
  '{[1,5)}',
  '{[1,3),[5,9)}',
  '{(,2),[7,)}',
  '{(,)}',
  '{[3,4),[6,7)}',
  '{[5,6)}',
  '{[9,12)}',
  '{[-9,-5)}',
];
const BAD_MULTIRANGES = [
  '',
  '{',
  '{empty}',
  '{empty,[1,2)}',
  '{[1,3),[2,5)}',
  '{[5,6),[1,2)}',
  '{[1,2),[2,3)}',
  '{[1,2)',
  '{[1,2),}',
  '{,}',
  '{[1,2)}x',
  '{1,2}',
  '[1,2)',
  '{ [1,2) , [4,5) }',
  '{[1,"2")}',
  '{[2,1)}',
  '{[1,2) [3,4)}',
  '{[1,2',
  '{[1,2);[3,4)}',
];

export const INPUTS: { type: string; text: string }[] = [];

function inputs(type: string, ...lists: readonly string[][]): void {
  for (const text of lists.flat()) INPUTS.push({ type, text });
}

inputs('json', JSONS, BAD_JSONS);
inputs('jsonb', JSONS, BAD_JSONS);
inputs('int4[]', INT_ARRAYS, BAD_ARRAYS);
inputs('text[]', TEXT_ARRAYS, BAD_ARRAYS, BAD_TEXT_ARRAYS);
inputs('pair', PAIRS, BAD_PAIRS);
inputs('nested', ['("(1,x)","{1,2}",{},[],5)', '("(1,""x y"")","{}",,,)', '(,,,,)', '(x,,,,)']);
inputs('int2vector', ['', '1 2 3', ' 1  2 ', '1 x', '1,2', '99999', '-1', '1 -32768']);
inputs('oidvector', ['', '1 2 3', ' 1  2 ', '1 x', '1,2', '4294967295', '4294967296', '-1']);
inputs('mood', ['sad', 'ok', 'Happy', '', ' sad']);
inputs('small', ['5', 'x']);
inputs('int4range', RANGES, BAD_RANGES);
inputs('numrange', RANGES, BAD_RANGES, ['[1.5,2.50]']);
inputs('int4multirange', MULTIRANGES, BAD_MULTIRANGES);
inputs('nummultirange', MULTIRANGES, BAD_MULTIRANGES);

export const FUNCTION_CALLS: GoldenCall[] = [];

/** All combinations of the arguments, or `limit` of them picked at random. */
function calls(prosrc: string, name: string, types: string[], lists: (readonly (string | null)[])[], limit = 60): void {
  const total = lists.reduce((product, list) => product * list.length, 1);
  for (let i = 0; i < Math.min(total, limit); i++) {
    let rest = i;
    const args = lists.map((list) => {
      if (total > limit) return pick(list);
      const item = list[rest % list.length];
      rest = Math.floor(rest / list.length);
      return item;
    });
    FUNCTION_CALLS.push({ prosrc, name, types, args });
  }
}

const ALL_KEYS = [...KEYS, 'c', 'nope', '0'];
const INDEXES = ['0', '1', '2', '-1', '-2', '-5', '7'];
const BOOLS = ['true', 'false'];

for (const type of ['json', 'jsonb']) {
  for (const suffix of ['', '_text']) {
    calls(`${type}_object_field${suffix}`, `${type}_object_field${suffix}`, [type, 'text'], [JSONS, ALL_KEYS]);
    calls(`${type}_array_element${suffix}`, `${type}_array_element${suffix}`, [type, 'int4'], [JSONS, INDEXES]);
    calls(
      `${type}_extract_path${suffix}`,
      `${type}_extract_path${suffix}`,
      [type, 'text[]'],
      [JSONS, TEXT_ARRAYS],
      200,
    );
    calls(`${type}_array_elements${suffix}`, `${type}_array_elements${suffix}`, [type], [JSONS]);
    calls(`${type}_each${suffix}`, `${type}_each${suffix}`, [type], [JSONS]);
  }
  for (const name of ['array_length', 'typeof', 'strip_nulls', 'object_keys'])
    calls(`${type}_${name}`, `${type}_${name}`, [type], [JSONS]);
  calls(`${type}_object`, `${type}_object`, ['text[]'], [TEXT_ARRAYS]);
  calls(`${type}_object_two_arg`, `${type}_object`, ['text[]', 'text[]'], [TEXT_ARRAYS, TEXT_ARRAYS]);
  calls(`to_${type}`, `to_${type}`, ['int4[]'], [INT_ARRAYS]);
  calls(`to_${type}`, `to_${type}`, ['text[]'], [TEXT_ARRAYS]);
  calls(`to_${type}`, `to_${type}`, ['nested'], [['("(1,x)","{1,2}","{ ""a"" : 1}",[1],5)', '(,,,,)']]);
  calls(`to_${type}`, `to_${type}`, ['numeric'], [['1', '1.50', 'NaN', '-0.00', '1e30']]);
  calls(`to_${type}`, `to_${type}`, ['float8'], [['1', '1.5', 'NaN', '-Infinity']]);
  calls(`to_${type}`, `to_${type}`, ['bool'], [BOOLS]);
  calls(`to_${type}`, `to_${type}`, ['mood'], [['sad']]);
  calls(`to_${type}`, `to_${type}`, ['small'], [['7']]);
  calls(`to_${type}`, `to_${type}`, ['int2vector'], [['1 2']]);
  calls(`to_${type}`, `to_${type}`, ['int4range'], [['[1,2)']]);
  calls(
    `${type}_build_array`,
    `${type}_build_array`,
    ['text', 'int4', type, 'pair', 'int4[]', 'bool'],
    [['x"y', null], ['1', null], ['{"a": [1 ]}', null], ['(1,b)', null], ['{1,2}', null], ['t']],
  );
  calls(
    `${type}_build_object`,
    `${type}_build_object`,
    ['text', 'int4', 'int4', type],
    [
      ['x"y', 'é', null],
      ['1', null],
      ['5', null],
      ['{"a": [1 ]}', null],
    ],
  );
  calls(`${type}_build_object`, `${type}_build_object`, ['int4[]', 'int4'], [['{1}'], ['1']]);
  calls(`${type}_build_object`, `${type}_build_object`, ['text'], [['a']]);
  const populated = [
    '{}',
    '{"a":1}',
    '{"a":"2","b":[1, 2]}',
    '{"a":[1]}',
    '{"b":null}',
    '{"a":1.5}',
    '[1]',
    '5',
    'null',
    '{"b":true,"a":null}',
    '{"b":{"x": 1}}',
  ];
  calls(
    `${type}_populate_record`,
    `${type}_populate_record`,
    ['pair', type],
    [
      ['(7,q)', null],
      [...populated, null],
    ],
  );
  const deep = [
    '{"p":{"a":1,"b":"z"}}',
    '{"p":"(5,x)"}',
    '{"p":5}',
    '{"p":[5]}',
    '{"list":[1,"2",null]}',
    '{"list":[[1,2],[3,4]]}',
    '{"list":[[1],[2,3]]}',
    '{"list":[[1],2]}',
    '{"list":[1,[2]]}',
    '{"list":5}',
    '{"list":"{1,2}"}',
    '{"list":{}}',
    '{"list":[]}',
    '{"list":[[],[]]}',
    '{"j":{"a": [1 ]},"b":"s"}',
    '{"j":"s","b":{"b":1,"a":2}}',
    '{"s":"12"}',
    '{"s":12}',
    '{"list":["x"]}',
    '{"j":null,"b":null}',
  ];
  calls(`${type}_populate_record`, `${type}_populate_record`, ['nested', type], [[null], deep]);
  calls(
    `${type}_populate_recordset`,
    `${type}_populate_recordset`,
    ['pair', type],
    [
      ['(7,q)', null],
      ['[]', '[{"a":1},{"b":2}]', '{}', '5', '[5]', '[[1]]', null],
    ],
  );
}

for (const name of ['contains', 'contained', 'eq', 'ne', 'lt', 'le', 'gt', 'ge', 'cmp', 'concat'])
  calls(`jsonb_${name}`, `jsonb_${name}`, ['jsonb', 'jsonb'], [JSONS, JSONS], 150);
calls(
  'jsonb_cmp',
  'jsonb_cmp',
  ['jsonb', 'jsonb'],
  [
    ['[]', 'null', '1', '[1]', '{}', '[[]]', '"a"', 'true', '[null]'],
    ['[]', 'null', '1', '[1]', '{}', '[[]]', '"a"', 'true', '[null]'],
  ],
);
calls('jsonb_exists', 'jsonb_exists', ['jsonb', 'text'], [JSONS, ALL_KEYS]);
calls('jsonb_exists_any', 'jsonb_exists_any', ['jsonb', 'text[]'], [JSONS, TEXT_ARRAYS]);
calls('jsonb_exists_all', 'jsonb_exists_all', ['jsonb', 'text[]'], [JSONS, TEXT_ARRAYS]);
calls('jsonb_delete', 'jsonb_delete', ['jsonb', 'text'], [JSONS, ALL_KEYS]);
calls('jsonb_delete_array', 'jsonb_delete', ['jsonb', 'text[]'], [JSONS, TEXT_ARRAYS]);
calls('jsonb_delete_idx', 'jsonb_delete', ['jsonb', 'int4'], [JSONS, INDEXES]);
calls('jsonb_delete_path', 'jsonb_delete_path', ['jsonb', 'text[]'], [JSONS, TEXT_ARRAYS], 120);
calls(
  'jsonb_set',
  'jsonb_set',
  ['jsonb', 'text[]', 'jsonb', 'bool'],
  [JSONS, TEXT_ARRAYS, ['9', '{"n":[]}'], BOOLS],
  400,
);
calls(
  'jsonb_insert',
  'jsonb_insert',
  ['jsonb', 'text[]', 'jsonb', 'bool'],
  [JSONS, TEXT_ARRAYS, ['9', '{"n":[]}'], BOOLS],
  400,
);
calls(
  'jsonb_set_lax',
  'jsonb_set_lax',
  ['jsonb', 'text[]', 'jsonb', 'bool', 'text'],
  [
    ['{"a":1}', null],
    ['{a}', null],
    ['5', null],
    ['true', null],
    ['use_json_null', 'delete_key', 'return_target', 'raise_exception', 'x', null],
  ],
);
calls('jsonb_pretty', 'jsonb_pretty', ['jsonb'], [JSONS]);
for (const [prosrc, name] of [
  ['jsonb_bool', 'bool'],
  ['jsonb_int2', 'int2'],
  ['jsonb_int4', 'int4'],
  ['jsonb_int8', 'int8'],
  ['jsonb_numeric', '"numeric"'],
])
  calls(
    prosrc,
    name,
    ['jsonb'],
    [
      [
        ...SCALARS,
        '[]',
        '{}',
        '2.5',
        '-2.5',
        '0.5',
        '-0.5',
        '32767.4',
        '32767.5',
        '2147483647.5',
        '9223372036854775807',
        '9223372036854775808',
      ],
    ],
  );

for (const name of [
  'array_eq',
  'array_ne',
  'array_lt',
  'array_le',
  'array_gt',
  'array_ge',
  'btarraycmp',
  'arraycontains',
  'arraycontained',
  'arrayoverlap',
  'array_cat',
  'array_larger',
  'array_smaller',
])
  calls(name, name, ['int4[]', 'int4[]'], [INT_ARRAYS, INT_ARRAYS], 90);
calls(
  'array_cat',
  'array_cat',
  ['int4[]', 'int4[]'],
  [
    ['{1}', null],
    ['{2}', null],
  ],
);
const NUMBERS = ['0', '1', '2', '3', '9', '-1', null];
calls(
  'array_append',
  'array_append',
  ['int4[]', 'int4'],
  [
    [...INT_ARRAYS, null],
    ['7', null],
  ],
);
calls(
  'array_prepend',
  'array_prepend',
  ['int4', 'int4[]'],
  [
    ['7', null],
    [...INT_ARRAYS, null],
  ],
);
calls('array_position', 'array_position', ['int4[]', 'int4'], [[...INT_ARRAYS, null], NUMBERS]);
calls(
  'array_position_start',
  'array_position',
  ['int4[]', 'int4', 'int4'],
  [[...INT_ARRAYS, null], NUMBERS, NUMBERS],
  200,
);
calls('array_positions', 'array_positions', ['int4[]', 'int4'], [[...INT_ARRAYS, null], NUMBERS]);
calls('array_remove', 'array_remove', ['int4[]', 'int4'], [[...INT_ARRAYS, null], NUMBERS]);
calls('array_replace', 'array_replace', ['int4[]', 'int4', 'int4'], [[...INT_ARRAYS, null], NUMBERS, NUMBERS], 150);
calls('array_cardinality', 'cardinality', ['int4[]'], [INT_ARRAYS]);
calls('array_ndims', 'array_ndims', ['int4[]'], [INT_ARRAYS]);
calls('array_dims', 'array_dims', ['int4[]'], [INT_ARRAYS]);
for (const name of ['array_length', 'array_lower', 'array_upper', 'trim_array'])
  calls(name, name, ['int4[]', 'int4'], [INT_ARRAYS, ['0', '1', '2', '3', '-1']]);
calls(
  'array_fill',
  'array_fill',
  ['int4', 'int4[]'],
  [
    ['5', null],
    [...INT_ARRAYS, '{-1}', '{1,1,1,1,1,1,1}', null],
  ],
);
calls(
  'array_fill_with_lower_bounds',
  'array_fill',
  ['int4', 'int4[]', 'int4[]'],
  [
    ['5', null],
    ['{}', '{2}', '{2,2}', '{{1}}', null],
    ['{}', '{5}', '{5,6}', '{NULL}', '{{1}}', null],
  ],
);
calls(
  'array_to_text',
  'array_to_string',
  ['int4[]', 'text'],
  [
    [...INT_ARRAYS, null],
    [',', '', null],
  ],
);
calls(
  'array_to_text_null',
  'array_to_string',
  ['int4[]', 'text', 'text'],
  [
    [...INT_ARRAYS, null],
    [',', null],
    ['*', '', null],
  ],
);
const SPLITS = ['', 'abc', 'a,b', ',', 'a,,b', 'a,b,', '😀é', null];
calls('text_to_array', 'string_to_array', ['text', 'text'], [SPLITS, [',', '', 'b', ',,', null]]);
calls(
  'text_to_array_null',
  'string_to_array',
  ['text', 'text', 'text'],
  [SPLITS, [',', '', null], ['a', '', 'abc', null]],
);
calls('text_to_table', 'string_to_table', ['text', 'text'], [SPLITS, [',', '', null]]);
calls('text_to_table_null', 'string_to_table', ['text', 'text', 'text'], [SPLITS, [',', null], ['a', null]]);
calls('array_unnest', 'unnest', ['int4[]'], [INT_ARRAYS]);
calls('generate_subscripts_nodir', 'generate_subscripts', ['int4[]', 'int4'], [INT_ARRAYS, ['0', '1', '2', '3']]);
calls('generate_subscripts', 'generate_subscripts', ['int4[]', 'int4', 'bool'], [INT_ARRAYS, ['1', '2'], BOOLS]);
calls(
  'width_bucket_array',
  'width_bucket',
  ['int4', 'int4[]'],
  [
    ['0', '1', '2', '5'],
    ['{}', '{1}', '{1,3,5}', '{1,1,1}', '{{1}}', '{NULL}'],
  ],
);
calls('array_to_json', 'array_to_json', ['int4[]'], [INT_ARRAYS]);
calls('array_to_json_pretty', 'array_to_json', ['int4[]', 'bool'], [INT_ARRAYS, BOOLS]);
calls('array_to_json', 'array_to_json', ['text[]'], [TEXT_ARRAYS]);
calls('row_to_json', 'row_to_json', ['pair'], [PAIRS]);
calls('row_to_json_pretty', 'row_to_json', ['pair', 'bool'], [PAIRS, BOOLS]);

for (const name of ['record_image_eq', 'record_image_ne']) calls(name, name, ['pair', 'pair'], [PAIRS, PAIRS]);
for (const name of ['record_eq', 'record_ne', 'record_lt', 'record_le', 'record_gt', 'record_ge', 'btrecordcmp'])
  calls(name, name, ['pair', 'pair'], [PAIRS, PAIRS]);
for (const name of [
  'enum_eq',
  'enum_ne',
  'enum_lt',
  'enum_le',
  'enum_gt',
  'enum_ge',
  'enum_cmp',
  'enum_larger',
  'enum_smaller',
])
  calls(
    name,
    name,
    ['mood', 'mood'],
    [
      ['sad', 'ok', 'happy'],
      ['sad', 'ok', 'happy'],
    ],
  );
calls('enum_first', 'enum_first', ['mood'], [[null]]);
calls('enum_last', 'enum_last', ['mood'], [['sad']]);
calls('enum_range_all', 'enum_range', ['mood'], [[null]]);
calls(
  'enum_range_bounds',
  'enum_range',
  ['mood', 'mood'],
  [
    ['sad', 'ok', 'happy', null],
    ['sad', 'ok', 'happy', null],
  ],
);
for (const name of [
  'oidvectoreq',
  'oidvectorne',
  'oidvectorlt',
  'oidvectorle',
  'oidvectorgt',
  'oidvectorge',
  'btoidvectorcmp',
])
  calls(
    name,
    name,
    ['oidvector', 'oidvector'],
    [
      ['', '1', '2', '1 2', '4294967295'],
      ['', '1', '2', '1 2', '4294967295'],
    ],
  );

for (const name of [
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'cmp',
  'contains',
  'contained_by',
  'overlaps',
  'adjacent',
  'before',
  'after',
  'overleft',
  'overright',
  'union',
  'merge',
  'intersect',
  'minus',
]) {
  calls(`range_${name}`, `range_${name}`, ['int4range', 'int4range'], [RANGES, RANGES], 70);
  calls(`range_${name}`, `range_${name}`, ['numrange', 'numrange'], [RANGES, RANGES], 70);
}
for (const [prosrc, name] of [
  ['range_lower', 'lower'],
  ['range_upper', 'upper'],
  ['range_empty', 'isempty'],
  ['range_lower_inc', 'lower_inc'],
  ['range_upper_inc', 'upper_inc'],
  ['range_lower_inf', 'lower_inf'],
  ['range_upper_inf', 'upper_inf'],
]) {
  calls(prosrc, name, ['int4range'], [RANGES]);
  calls(prosrc, name, ['numrange'], [RANGES]);
  calls(`multi${prosrc}`, name, ['int4multirange'], [MULTIRANGES]);
}
calls(
  'range_constructor2',
  'int4range',
  ['int4', 'int4'],
  [
    ['1', '5', null],
    ['1', '5', null],
  ],
);
calls(
  'range_constructor3',
  'numrange',
  ['numeric', 'numeric', 'text'],
  [
    ['1', '5', null],
    ['1', '5', null],
    ['[]', '()', '[)', '(]', 'x', '', null],
  ],
);
calls('range_contains_elem', 'range_contains_elem', ['int4range', 'int4'], [RANGES, ['0', '1', '4', '5', '9']]);
calls(
  'elem_contained_by_range',
  'elem_contained_by_range',
  ['numeric', 'numrange'],
  [['0', '1', '4.5', '5', '9'], RANGES],
);
for (const name of ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'cmp', 'union', 'minus', 'intersect'])
  calls(`multirange_${name}`, `multirange_${name}`, ['int4multirange', 'int4multirange'], [MULTIRANGES, MULTIRANGES]);
for (const name of ['contains', 'contained_by', 'overlaps', 'before', 'after', 'overleft', 'overright', 'adjacent']) {
  calls(`range_${name}_multirange`, `range_${name}_multirange`, ['numrange', 'nummultirange'], [RANGES, MULTIRANGES]);
  calls(`multirange_${name}_range`, `multirange_${name}_range`, ['nummultirange', 'numrange'], [MULTIRANGES, RANGES]);
  calls(
    `multirange_${name}_multirange`,
    `multirange_${name}_multirange`,
    ['int4multirange', 'int4multirange'],
    [MULTIRANGES, MULTIRANGES],
  );
}
calls(
  'multirange_contains_elem',
  'multirange_contains_elem',
  ['int4multirange', 'int4'],
  [MULTIRANGES, ['0', '1', '5', '8']],
);
calls(
  'elem_contained_by_multirange',
  'elem_contained_by_multirange',
  ['int4', 'int4multirange'],
  [['0', '1', '5', '8'], MULTIRANGES],
);
calls('multirange_constructor1', 'int4multirange', ['int4range'], [RANGES]);
calls('range_merge_from_multirange', 'range_merge', ['int4multirange'], [MULTIRANGES]);
calls('multirange_unnest', 'unnest', ['int4multirange'], [MULTIRANGES]);

const PATHS = [
  '$',
  '$.a',
  '$.*',
  '$[*]',
  '$[0]',
  '$[last]',
  '$[0 to 1]',
  '$[1,0]',
  '$[5]',
  '$.a.b.c',
  '$.**',
  '$.**{2}',
  '$.**{1 to 2}',
  '$.**{last}',
  '$.**.a',
  'strict $.a',
  'strict $.*',
  'strict $[*]',
  'strict $[0]',
  'strict $.**.a',
  'strict $[0 to 9]',
  '$ ? (@ > 1)',
  '$[*] ? (@ > 1)',
  '$[*] ? (@ == "a")',
  '$ ? (exists (@.a))',
  '$ ? (@.a == null)',
  '$.** ? (@ starts with "a")',
  '$ ? (@.a > 1 || @.b == "x")',
  '$ ? (@.a > 1 && @.b == "x")',
  '$ ? (!(@.a > 1))',
  '$ ? ((@.a > "x") is unknown)',
  '$[*] ? (@ like_regex "^a")',
  '$[*] ? (@ like_regex "^A" flag "i")',
  '$.a + 1',
  '$ + 1',
  '-$',
  '-$[*]',
  '+$',
  '$.a * 2 - 3',
  '$ / 3',
  '$ % 2',
  '1 / 0',
  '$ > 1',
  '$.a == 1',
  '$[*] == 1',
  '$ == $',
  '$.a < $.b',
  '$.type()',
  '$.size()',
  '$.abs()',
  '$.floor()',
  '$.ceiling()',
  '$.double()',
  '$[*].double()',
  '$.*.type()',
  'strict $.size()',
  '$.keyvalue()',
  '$.keyvalue().key',
  '$x',
  '$ ? (@ == $x)',
  '$.a[$x]',
  '"str"',
  'null',
  'true',
  '1.50',
  '$[$.a]',
  '$["x"]',
  '$[1.7]',
  '$[last - 1]',
  '$.a ? (@ > 0).type()',
  'lax $.a.b',
  '$."a"',
  '$.a ? (@.b ? (@.c.size() > 2).c[*] > 1)',
  'strict $ ? (@.nope > 1)',
  '$ <> 1',
  '$ != "a"',
  '($ > 1).type()',
  '1 + 2 * 3',
  '(1 + 2) * 3',
  '10.5 % 3',
  '-7 % 3',
  '2.50 * 2',
  '1.1 + 2.22',
  '7 / 2.0',
  '0.001 / 3',
  '123456789 / 0.007',
  '$.**{0}',
  '$.**{0 to 1}',
  '$[0 to last]',
];
const BAD_PATHS = [
  '',
  ' ',
  '$.',
  '$ $',
  '@',
  'last',
  '$ ? (1)',
  '$ > 1 > 2',
  '$.a like_regex "x" flag "z"',
  '$.a like_regex "x" flag "x"',
  '1a',
  '"abc',
  '$.abs(1)',
  '$[*',
  '$.a.',
  '$x',
  '$"x y"',
  ' $ . a ',
  '$.a /* c */',
  '+$.a',
  '- 1',
  '1 + -2',
  '$.a.b?(@>1)?(@<2)',
  '!($.a == 1)',
  '($.a == 1).type()',
  '(($.a))',
  '$.a ? (@ like_regex "^a" flag "smi")',
  '$.a ? (@ like_regex "a.b" flag "qi")',
  '$.a ? (@ starts with $x)',
  '$.datetime()',
  '$.datetime("yyyy")',
  '"a\\u0041\\n\\x41"',
  '.5',
  '1.',
  '1e3',
  '1.5e-2',
  'STRICT $',
  'Lax $',
  '$.true.last',
  '$.a-1',
  '$a-b',
  '$.**{2 to last}',
  '$.**{last to 2}',
  '((1 + 2) + 3) * 4',
  '1 - (2 - 3)',
  '$ == 1 && $ == 2 || $ == 3',
  '$ == 1 && ($ == 2 || $ == 3)',
  '(-$).abs()',
  '-$.abs()',
  '$.a[1 to 2, last]',
  '$.foo()',
  'foo',
  '$ || $',
  '$[]',
  '{',
  '$.a = 1',
  "$.'a'",
  '$.é',
  '$.a\\u0062',
  '$ ? (@.a)',
  '\u00a0$',
  '/* x',
  '$ ?',
  '$ is unknown',
  'exists($.a)',
  'exists($.a) && $.b == 1',
  '$.a starts with "x"',
  '$.a starts with 1',
];
const VARS = ['{"x": 1}', '{"x": "a"}', '{}'];

inputs('jsonpath', PATHS, BAD_PATHS);
for (const name of [
  'jsonb_path_query',
  'jsonb_path_query_array',
  'jsonb_path_query_first',
  'jsonb_path_exists',
  'jsonb_path_match',
])
  calls(name, name, ['jsonb', 'jsonpath', 'jsonb', 'bool'], [JSONS, PATHS, VARS, BOOLS], 400);
calls(
  'jsonb_path_query',
  'jsonb_path_query',
  ['jsonb', 'jsonpath', 'jsonb', 'bool'],
  [JSONS.slice(0, 6), PATHS, ['{"x": 1}'], ['false']],
  700,
);
calls('jsonb_path_exists_opr', 'jsonb_path_exists_opr', ['jsonb', 'jsonpath'], [JSONS, PATHS], 300);
calls('jsonb_path_match_opr', 'jsonb_path_match_opr', ['jsonb', 'jsonpath'], [JSONS, PATHS], 300);
calls('jsonb_path_query', 'jsonb_path_query', ['jsonb', 'jsonpath', 'jsonb', 'bool'], [['1'], [null], VARS, BOOLS]);
