/** The words of date and time input, in lower case. */

export type Keyword =
  | { readonly kind: 'month' | 'weekday' | 'meridiem' | 'era'; readonly value: number }
  | { readonly kind: 'reserved'; readonly value: Reserved }
  | { readonly kind: 'unit'; readonly value: UnitLabel }
  | { readonly kind: 'time' | 'ignore' | 'summer' };

export type Reserved = 'now' | 'today' | 'tomorrow' | 'yesterday' | 'allballs' | 'epoch' | 'infinity' | '-infinity';
/** What a letter before a number says of it; the last ones fit nowhere. */
export type UnitLabel = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'julian' | 'other';

export const AM = 1;
export const PM = 2;
export const BC = 1;

const MONTHS = 'january february march april may june july august september october november december'.split(' ');
const WEEKDAYS = 'sunday monday tuesday wednesday thursday friday saturday'.split(' ');
const RESERVED: Reserved[] = ['now', 'today', 'tomorrow', 'yesterday', 'allballs', 'epoch', 'infinity', '-infinity'];
const UNITS: [string, UnitLabel][] = [
  ['y', 'year'],
  ['m', 'month'],
  ['d', 'day'],
  ['h', 'hour'],
  ['mm', 'minute'],
  ['s', 'second'],
  ['j', 'julian'],
  ['jd', 'julian'],
  ['julian', 'julian'],
  ['dow', 'other'],
  ['doy', 'other'],
  ['isodow', 'other'],
  ['isoyear', 'other'],
];

/** Words are told apart by their first ten characters. */
export const MAX_WORD = 10;

export const KEYWORDS: ReadonlyMap<string, Keyword> = new Map<string, Keyword>([
  ...MONTHS.flatMap((name, index) => forms(name, { kind: 'month', value: index + 1 })),
  ...WEEKDAYS.flatMap((name, index) => forms(name, { kind: 'weekday', value: index })),
  ['sept', { kind: 'month', value: 9 }],
  ['tues', { kind: 'weekday', value: 2 }],
  ['weds', { kind: 'weekday', value: 3 }],
  ['thur', { kind: 'weekday', value: 4 }],
  ['thurs', { kind: 'weekday', value: 4 }],
  ['am', { kind: 'meridiem', value: AM }],
  ['pm', { kind: 'meridiem', value: PM }],
  ['ad', { kind: 'era', value: 0 }],
  ['bc', { kind: 'era', value: BC }],
  ['at', { kind: 'ignore' }],
  ['on', { kind: 'ignore' }],
  ['t', { kind: 'time' }],
  ['dst', { kind: 'summer' }],
  ...RESERVED.map((name): [string, Keyword] => [name, { kind: 'reserved', value: name }]),
  ...UNITS.map(([name, value]): [string, Keyword] => [name, { kind: 'unit', value }]),
]);

function forms(name: string, keyword: Keyword): [string, Keyword][] {
  return [
    [name, keyword],
    [name.slice(0, 3), keyword],
  ];
}
