/** Values, units, zones and patterns of dates and times, and a source of random ones, for the recorder of golden answers. */
import type { GoldenSettings } from '../sql/functions/datetime-golden.js';

export type Random = () => number;

export const SETTINGS: readonly GoldenSettings[] = [
  { timeZone: 'UTC', dateStyle: 'ISO', dateOrder: 'MDY', intervalStyle: 'postgres' },
  { timeZone: 'America/New_York', dateStyle: 'Postgres', dateOrder: 'MDY', intervalStyle: 'postgres_verbose' },
  { timeZone: 'Europe/Berlin', dateStyle: 'SQL', dateOrder: 'DMY', intervalStyle: 'sql_standard' },
  { timeZone: 'Asia/Kolkata', dateStyle: 'German', dateOrder: 'DMY', intervalStyle: 'iso_8601' },
  { timeZone: 'Australia/Lord_Howe', dateStyle: 'ISO', dateOrder: 'YMD', intervalStyle: 'postgres' },
  { timeZone: '<+0330>-03:30', dateStyle: 'Postgres', dateOrder: 'DMY', intervalStyle: 'postgres' },
  { timeZone: 'CET-1CEST,M3.5.0,M10.5.0/3', dateStyle: 'SQL', dateOrder: 'MDY', intervalStyle: 'iso_8601' },
  { timeZone: 'America/Sao_Paulo', dateStyle: 'Postgres', dateOrder: 'YMD', intervalStyle: 'postgres_verbose' },
];

const EDGES: Readonly<Record<string, readonly string[]>> = {
  date: [
    '2000-01-01',
    '1970-01-01',
    'infinity',
    '-infinity',
    '4714-11-24 BC',
    '5874897-12-31',
    '294276-12-31',
    '294277-01-01',
    '0001-01-01',
    '0001-12-31 BC',
    '2000-02-29',
    '1900-02-28',
    '1999-12-31',
    '2004-12-31',
    '2005-01-01',
    '2020-03-29',
    '2020-10-25',
    '0100-01-01 BC',
    '2001-01-01',
    '1900-12-31',
  ],
  time: ['00:00', '24:00:00', '23:59:59.999999', '12:34:56.789', '00:00:00.000001', '11:59:59', '01:30'],
  timetz: [
    '00:00+00',
    '24:00:00-15:59',
    '23:59:59.999999+15:59',
    '12:34:56.789+02',
    '01:30-08',
    '10:00:00+05:30',
    '12:00+03:04:05',
  ],
  timestamp: [
    'infinity',
    '-infinity',
    '2000-01-01',
    '1970-01-01',
    '4714-11-24 BC',
    '294276-12-31 23:59:59.999999',
    '2020-03-29 02:30',
    '2020-10-25 02:30',
    '2021-03-14 02:30:00.5',
    '2021-11-07 01:30',
    '1999-12-31 23:59:59.999999',
    '0001-01-01 00:00',
    '0044-03-15 12:00 BC',
    '2000-02-29 13:14:15.161718',
    '2005-01-01 00:00:01',
    '1714-07-26 12:00',
    '2285-06-05 12:00:00.000001',
    '1945-08-14 23:00',
    '1916-04-30 23:30',
    '2040-07-01 00:00',
  ],
  interval: [
    '0',
    '1 day',
    '24 hours',
    '1 mon',
    '30 days',
    '-1 day',
    '1 year 2 mons 3 days 04:05:06.789',
    '-1 year -2 mons +3 days -04:05:06.7',
    '1 mon -1 day',
    '100 years',
    '178956970 years',
    '-178956970 years',
    '2147483647 days',
    '-2147483648 days',
    '2562047788:00:54.775807',
    '-00:00:00.000001',
    '23:59:59.999999',
    '12 mons',
    '-11 mons',
    '1000 hours',
    '3 days -01:00',
    '-3 days 01:00',
    '00:30',
    '15 days 12:00:01.5',
  ],
  int4: ['0', '1', '-1', '12', '13', '31', '60', '2001', '-44', '100', '2147483647', '-2147483648', '6', '24', '59'],
  float8: [
    '0',
    '1',
    '-1',
    '0.5',
    '1.5',
    '-2.25',
    '0.333333333333',
    '1e10',
    'NaN',
    'Infinity',
    '59.999999',
    '60',
    '3.0000005',
    '1e-10',
    '-0.1',
    '1257894000.5',
    '1e13',
    '2.5e11',
  ],
  bool: ['t', 'f'],
};

export const UNITS = [
  'microseconds',
  'milliseconds',
  'second',
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'decade',
  'century',
  'millennium',
  'isoyear',
  'isodow',
  'dow',
  'doy',
  'julian',
  'epoch',
  'timezone',
  'timezone_hour',
  'timezone_minute',
  'foo',
  'Years',
  'us',
  'ms',
  'mon',
  'qtr',
  'H',
  'D',
  'y',
  'MONTH',
  'hrs',
];
export const ZONES = [
  'UTC',
  'Europe/Berlin',
  'america/new_york',
  'EST',
  'PST',
  'CEST',
  'msk',
  '+02',
  '-08:30',
  'IST',
  'Asia/Kathmandu',
  'foo',
  'VET',
  'EST5EDT',
  '<+03>-03',
  'Australia/Sydney',
  'Pacific/Apia',
  'Z',
  'BST',
  'Africa/Casablanca',
  'Europe/Dublin',
  '05',
];
export const PRINT_PATTERNS = [
  'YYYY-MM-DD HH24:MI:SS',
  'FMMonth FMDDth, YYYY',
  'Day, DD Mon YYYY',
  'DAY DY dy Dy day',
  'MONTH MON mon Mon month Month',
  'HH12:MI:SS AM',
  'HH:MI:SS.MS a.m.',
  'HH24:MI:SS.US',
  'FF1 FF2 FF3 FF4 FF5 FF6',
  'SSSS SSSSS',
  'IYYY-IW-ID IDDD',
  'Q W WW CC',
  'RM rm FMRM',
  'Y,YYY YYY YY Y',
  'TZ tz OF TZH:TZM',
  'DDDth DDth MMTH Dst D',
  'BC AD b.c. A.D. P.M.',
  '"quoted \\" text" YYYY',
  'FMHH24:FMMI:FMSS',
  'TMMonth TMDay TMMon',
  'YYYYth YYTH HH24th',
  'I IY IYY IYYY',
  'x\\"y',
  'BC J',
  'FMDay FMDDD FMWW FMIW FMCC FMYYYY',
  'HH24 HH12 HH',
  'MI SS MS US',
  'DD',
  'MM Q',
  'YYYYMMDD',
  'ab c/d-e é',
];
export const READ_PATTERNS: readonly [string, readonly string[]][] = [
  [
    'YYYY-MM-DD',
    [
      '2001-02-03',
      '2001/2/3',
      ' 2001 - 02 - 03',
      '20010203',
      '2001-13-01',
      '2001-02-30',
      '2001',
      '',
      'abc',
      '-44-03-15',
      '2001--02-03',
      '10000-1-1',
    ],
  ],
  ['YYYYMMDD', ['20010203', '2001023', '200102', '20011340', '2001 02 03', '2001-02-03']],
  [
    'DD Mon YYYY',
    ['03 Feb 2001', '3 FEB 2001', '03Feb2001', '03-Feb-2001', '3 foo 2001', '03 February 2001', ' 3  Feb  2001'],
  ],
  ['FMDD Month, YYYY', ['3 February, 2001', '3 february,2001', '3 Feb, 2001']],
  ['YY-MM-DD', ['70-01-02', '69-1-2', '1-2-3', '2001-02-03']],
  ['Y-MM', ['5-06', '05-06', '205-06']],
  ['YYY-MM', ['519-1', '520-1', '999-1', '020-1']],
  ['Y,YYY', ['2,001', '2001', '12,345']],
  ['YYYY BC', ['44 BC', '44 AD', '44 bc', '0 BC', '44']],
  ['YYYY DDD', ['2000 366', '2001 366', '2001 32', '2001 0']],
  ['DDD', ['10']],
  ['IYYY-IW-ID', ['2005-01-1', '2004-53-7', '2020-53-5', '2020-01']],
  ['IYYY IDDD', ['2005 001', '2020 366']],
  ['YYYY IW', ['2005 10']],
  ['YYYY WW', ['2005 10', '2005 54']],
  ['YYYY-MM W', ['2005-02 3']],
  ['J', ['2451545', '0', '2000000']],
  ['CC', ['21', '-1', '20']],
  ['CC YY', ['21 05', '19 00', '20 99']],
  ['CC YY BC', ['1 44', '2 00 BC', '5 10 BC']],
  ['HH24:MI:SS', ['12:34:56', '25:00:00', '12:60:00', '1:2:3', '24:00:00']],
  [
    'YYYY-MM-DD HH24:MI:SS.US',
    ['2001-02-03 04:05:06.789', '2001-02-03 04:05:06.7891234', '2001-02-03T04:05:06.5', '2001-02-03 4:5:6.'],
  ],
  ['YYYY-MM-DD HH24:MI:SS.MS', ['2001-02-03 04:05:06.7', '2001-02-03 04:05:06.78', '2001-02-03 04:05:06.789']],
  ['YYYY-MM-DD HH24:MI:SS.FF3', ['2001-02-03 04:05:06.7', '2001-02-03 04:05:06.789']],
  [
    'YYYY-MM-DD HH12:MI AM',
    ['2001-02-03 04:05 PM', '2001-02-03 12:05 am', '2001-02-03 13:05 pm', '2001-02-03 00:05 am'],
  ],
  ['YYYY HH:MI p.m.', ['2001 1:05 p.m.', '2001 1:05 pm', '2001 1:05 A.M.']],
  ['YYYY-MM-DD SSSS', ['2001-02-03 3661', '2001-02-03 86400', '2001-02-03 86399']],
  [
    'YYYY-MM-DD HH24:MI TZH:TZM',
    ['2001-02-03 04:05 +02:30', '2001-02-03 04:05 -08:00', '2001-02-03 04:05-08', '2001-02-03 04:05 16:00'],
  ],
  ['YYYY-MM-DDTZH', ['2001-02-03-08', '2001-02-03+08']],
  ['YYYY TZ', ['2001 EST']],
  ['YYYY OF', ['2001 +1']],
  ['RM YYYY', ['IV 2001', 'xii 2001', 'foo 2001']],
  ['Day DD Mon YYYY', ['Saturday 03 Feb 2001', 'Sat 03 Feb 2001']],
  ['Dy DD Mon YYYY', ['Sat 03 Feb 2001', 'sat, 03 Feb 2001']],
  ['D YYYY', ['3 2001']],
  ['Q YYYY', ['1 2001', 'x 2001']],
  ['DDth Mon YYYY', ['3rd Feb 2001', '03rd Feb 2001']],
  ['FXYYYY-MM-DD', ['2001-02-03', '2001/02/03', '2001-2-3', ' 2001-02-03']],
  ['FXFMDD-MM-YYYY', ['3-02-2001', '03-2-2001']],
  ['"text" YYYY', ['text 2001', 'x 2001', 'textt2001']],
  ['YYYY"x"MM', ['2001x02', '2001y02', '200102', '2001 02', '2001  02']],
  ['YYYY MM', ['2001//02', '2001 / 02', '2001    02', '200102', '2001-02', '2001 -02']],
  ['YYYY/MM', ['2001  02', '2001//02', '2001 /02', '2001/ 02']],
  ['YYYY  MM', ['2001 02', '2001   02', '2001//02']],
  ['  YYYY MM', ['2001 02', '    2001 02']],
  ['YYYY YYYY', ['2001 2001', '2001 2002']],
  ['MM Mon', ['02 Feb', '02 Mar']],
  ['YYYYMM-DD', ['200102-03', '20012-03']],
  ['HH12', ['12', '0', '13']],
  ['xYYYYx', ['x2001x', '2001']],
];

export function randomSource(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function pick<T>(values: readonly T[], random: Random): T {
  return values[Math.floor(random() * values.length)];
}

const whole = (low: number, high: number, random: Random): number => low + Math.floor(random() * (high - low + 1));
const two = (value: number): string => String(value).padStart(2, '0');

function someDate(random: Random): string {
  const year = random() < 0.75 ? whole(1900, 2080, random) : whole(1, 9999, random);
  return `${String(year).padStart(4, '0')}-${two(whole(1, 12, random))}-${two(whole(1, 28, random))}`;
}

function someTime(random: Random): string {
  const clock = `${two(whole(0, 23, random))}:${two(whole(0, 59, random))}`;
  if (random() < 0.2) return clock;
  const seconds = `${clock}:${two(whole(0, 59, random))}`;
  return random() < 0.5 ? seconds : `${seconds}.${String(whole(1, 999999, random)).padStart(6, '0')}`;
}

function someZone(random: Random): string {
  const hour = whole(-12, 14, random);
  return `${hour < 0 ? '-' : '+'}${two(Math.abs(hour))}${random() < 0.3 ? ':30' : ''}`;
}

function someInterval(random: Random): string {
  const parts: string[] = [];
  if (random() < 0.5) parts.push(`${whole(-30, 30, random)} mons`);
  if (random() < 0.6) parts.push(`${whole(-400, 400, random)} days`);
  if (parts.length === 0 || random() < 0.6) parts.push(`${random() < 0.4 ? '-' : ''}${someTime(random)}`);
  return parts.join(' ');
}

/** A value of a type as text of style ISO; undefined for types without any. */
export function someValue(type: string, random: Random): string | undefined {
  const edges = EDGES[type === 'timestamptz' ? 'timestamp' : type];
  if (edges === undefined) return undefined;
  if (random() < 0.4) return pick(edges, random);
  switch (type) {
    case 'date':
      return someDate(random);
    case 'time':
      return someTime(random);
    case 'timetz':
      return someTime(random) + someZone(random);
    case 'timestamp':
    case 'timestamptz':
      return `${someDate(random)} ${someTime(random)}`;
    case 'interval':
      return someInterval(random);
    case 'int4':
      return String(whole(-40, 60, random));
    case 'float8':
      return String(Math.round((random() - 0.3) * 1e6) / 1e4);
    default:
      return pick(edges, random);
  }
}
