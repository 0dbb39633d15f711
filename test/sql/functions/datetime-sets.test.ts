/** Clocks, series, zone lists, frames and aggregates of dates and times, which the recorded calls leave out. */
import t from 'tap';
import { datetimeFunctionFamilies } from '../../../src/sql/functions/datetime-families.js';
import {
  currentDate,
  currentTime,
  currentTimestamp,
  localTime,
  localTimestamp,
} from '../../../src/sql/functions/datetime-values.js';
import { joinFamilies } from '../../../src/sql/functions/registry.js';
import { Interval } from '../../../src/types/datetime/interval.js';
import { TimeTz } from '../../../src/types/datetime/timetz.js';
import { type Datum, PgArray, type Row } from '../../../src/types/datum.js';
import * as oid from '../../../src/types/oids.js';
import { codecOf, goldenContext, readGolden } from './datetime-golden.js';

const registered = joinFamilies(...datetimeFunctionFamilies);
const golden = { ...readGolden(), now: 820_000_000_123_456 };
const context = (timeZone: string) => goldenContext(golden, { ...golden.settings[0], timeZone });

function call(name: string, timeZone: string, ...args: Datum[]): Datum {
  const entry = registered.get(name);
  if (entry === undefined || entry.kind === 'set') throw new Error(name);
  return entry.kind === 'plain' ? entry.call(...args) : entry.call(context(timeZone), ...args);
}

function rows(name: string, timeZone: string, ...args: Datum[]): (Datum | Row)[] {
  const entry = registered.get(name);
  if (entry?.kind !== 'set') throw new Error(name);
  return [...entry.call(context(timeZone), ...args)];
}

const value = (type: string, text: string, timeZone = 'UTC') => codecOf(type).parse(text, context(timeZone), -1);
const text = (type: string, datum: Datum, timeZone = 'UTC') => codecOf(type).format(datum, context(timeZone));

t.test('series count in the calendar of the zone', async (t) => {
  const zone = 'Europe/Berlin';
  const days = rows(
    'generate_series_timestamptz',
    zone,
    value('timestamptz', '2020-03-28 12:00', zone),
    value('timestamptz', '2020-03-30 12:00', zone),
    value('interval', '1 day'),
  );
  t.same(
    days.map((day) => text('timestamptz', day as Datum, zone)),
    ['2020-03-28 12:00:00+01', '2020-03-29 12:00:00+02', '2020-03-30 12:00:00+02'],
  );
  const months = rows(
    'generate_series_timestamp',
    zone,
    value('timestamp', '2020-01-31'),
    value('timestamp', '2019-11-01'),
    value('interval', '-1 mon'),
  );
  t.same(
    months.map((month) => text('timestamp', month as Datum)),
    ['2020-01-31 00:00:00', '2019-12-31 00:00:00', '2019-11-30 00:00:00'],
  );
  t.throws(() => rows('generate_series_timestamp', zone, 0, 10, Interval.ZERO), {
    code: '22023',
    message: 'step size cannot equal zero',
  });
});

t.test('the current date and time are those of the transaction', async (t) => {
  const cx = context('Asia/Kolkata');
  t.equal(text('date', currentDate(cx)), '2025-12-25');
  t.equal(text('timetz', currentTime(cx, 2)), '23:16:40.12+05:30');
  t.equal(text('time', localTime(cx, -1)), '23:16:40.123456');
  t.equal(text('timestamp', localTimestamp(cx, 3)), '2025-12-25 23:16:40.123');
  t.equal(currentTimestamp(cx, -1), golden.now);
  t.equal(currentTimestamp(cx, 0), 820_000_000_000_000);
  t.equal(call('now', 'UTC'), golden.now);
  t.equal(call('statement_timestamp', 'UTC'), golden.now);
  t.equal(call('timeofday', 'UTC'), 'Sat Jan 01 00:00:00.000000 2000 UTC');
});

t.test('lists of zones', async (t) => {
  const names = rows('pg_timezone_names', 'UTC');
  t.ok(names.length > 590);
  t.same(
    names.find((row) => Array.isArray(row) && row[0] === 'America/New_York'),
    ['America/New_York', 'EST', new Interval(0, 0, -18_000_000_000), false],
  );
  const abbreviations = rows('pg_timezone_abbrevs', 'UTC');
  t.same(abbreviations[0], ['ACDT', new Interval(0, 0, 37_800_000_000), true]);
  t.same(
    abbreviations.find((row) => Array.isArray(row) && row[0] === 'MSK'),
    ['MSK', new Interval(0, 0, 10_800_000_000), false],
  );
});

t.test('sums and averages of intervals', async (t) => {
  let state: Datum = PgArray.of(oid.INTERVAL, [Interval.ZERO, Interval.ZERO]);
  for (const each of ['1 day', '2 mons 3 days', '-04:00'])
    state = call('interval_accum', 'UTC', state, value('interval', each));
  t.equal(text('interval', call('interval_avg', 'UTC', state)), '21 days 06:40:00');
  const less = call('interval_accum_inv', 'UTC', state, value('interval', '1 day'));
  t.equal(text('interval', call('interval_avg', 'UTC', less)), '1 mon 1 day 10:00:00');
  const both = call('interval_combine', 'UTC', state, less);
  t.equal(text('interval', call('interval_avg', 'UTC', both)), '25 days 08:00:00');
  const empty = PgArray.of(oid.INTERVAL, [Interval.ZERO, Interval.ZERO]);
  t.equal(call('interval_avg', 'UTC', empty), null);
});

t.test('frames reject negative offsets', async (t) => {
  const error = { code: '22013', message: 'invalid preceding or following size in window function' };
  t.throws(() => call('in_range_date_interval', 'UTC', 0, 0, value('interval', '-1 day'), false, false), error);
  t.throws(() => call('in_range_time_interval', 'UTC', 0, 0, value('interval', '-1 us'), false, false), error);
  t.equal(call('in_range_date_interval', 'UTC', 5, 3, value('interval', '2 days'), false, true), true);
  t.equal(
    call(
      'in_range_timetz_interval',
      'UTC',
      new TimeTz(0, 0),
      new TimeTz(0, 3600),
      value('interval', '1 hour'),
      false,
      false,
    ),
    false,
  );
});
