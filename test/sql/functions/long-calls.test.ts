/**
 * Calls over large values leave the thread that serves clients free: for each family the registry must know that a call
 * takes long, has a worker thread or slices for it, and must give what the call gives at once.
 */
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { builtinFunctions } from '../../../src/sql/functions/all.js';
import { type Datum, PgArray } from '../../../src/types/datum.js';
import { EMPTY_OBJECT, JsonbArray, JsonbObject } from '../../../src/types/json/jsonb.js';
import { Numeric } from '../../../src/types/numeric/numeric.js';
import * as oid from '../../../src/types/oids.js';
import { runTask, type Task } from '../../../src/util/task.js';
import { testCallContext } from '../../types/container/test-context.js';

const TEXT = 'Some Text, '.repeat(60_000);
const BYTES = Buffer.from(TEXT);
const INTEGERS = PgArray.of(
  oid.INT4,
  Array.from({ length: 20_000 }, (_, i) => i),
);
const TEXTS = PgArray.of(
  oid.TEXT,
  Array.from({ length: 20_000 }, (_, i) => (i % 7 === 0 ? null : `text ${i}`)),
);
const JSON_ARRAY = new JsonbArray(Array.from({ length: 20_000 }, (_, i) => i));
const JSON_OBJECT = new JsonbObject(['a', 'b'], [JSON_ARRAY, 'x']);
const NUMBER = new Numeric(10n ** 30_000n + 7n, 100);

/** By source: arguments that take long. */
const CALLS: Readonly<Record<string, readonly Datum[]>> = {
  textregexeq: [TEXT, 'xy'],
  textregexreplace: [TEXT, 'Te', 'x', 'g'],
  upper: [TEXT],
  initcap: [TEXT],
  text_reverse: [TEXT],
  replace_text: [TEXT, 'Some', 'none'],
  translate: [TEXT, 'Se', 'xy'],
  split_part: [TEXT, ',', 50_000],
  quote_literal: [TEXT],
  textpos: [TEXT, 'nothing'],
  btrim: [TEXT, 'Some Text,'],
  textlen: [`${TEXT}ä😀`.repeat(2)],
  md5_text: [TEXT],
  unicode_normalize_func: [TEXT, 'NFD'],
  pg_convert_to: [TEXT, 'LATIN1'],
  pg_convert_from: [BYTES, 'UTF8'],
  bytea_bit_count: [BYTES],
  numeric_to_char: [new Numeric(7, 3), '9'.repeat(80_000)],
  sha256_bytea: [BYTES],
  binary_encode: [BYTES, 'base64'],
  numeric_sqrt: [NUMBER],
  numeric_div: [NUMBER, new Numeric(7, 3)],
  numeric_mul: [NUMBER, NUMBER],
  array_eq: [INTEGERS, INTEGERS],
  array_ne: [TEXTS, TEXTS],
  array_lt: [INTEGERS, PgArray.of(oid.INT4, [...INTEGERS.elements, 1])],
  array_ge: [TEXTS, TEXTS],
  arraycontains: [INTEGERS, INTEGERS],
  arraycontained: [INTEGERS, PgArray.of(oid.INT4, [1, 2])],
  arrayoverlap: [INTEGERS, PgArray.of(oid.INT4, [-1, -2])],
  array_position: [TEXTS, 'text 19999'],
  array_positions: [TEXTS, null],
  array_remove: [TEXTS, null],
  array_replace: [TEXTS, null, 'was null'],
  array_cat: [INTEGERS, INTEGERS],
  array_to_text: [TEXTS, ', '],
  array_to_text_null: [TEXTS, ', ', '*'],
  text_to_array: [TEXT, ','],
  text_to_array_null: [TEXT, ', ', 'Some Text'],
  jsonb_contains: [JSON_OBJECT, JSON_OBJECT],
  jsonb_contained: [JSON_ARRAY, JSON_OBJECT],
};

/** Runs a task, and says whether it has waited. */
async function watched(task: Task<Datum>): Promise<{ value: Datum; waited: boolean }> {
  let waited = false;
  function* watching(): Task<Datum> {
    for (let step = task.next(); ; step = task.next()) {
      if (step.done) return step.value;
      waited = true;
      yield step.value;
    }
  }
  return { value: await runTask(watching()), waited };
}

for (const [source, args] of Object.entries(CALLS)) {
  t.test(source, async (t) => {
    const entry = builtinFunctions.get(source);
    if (entry === undefined || entry.kind === 'set' || entry.long === undefined)
      throw new Error(`${source} has no way for long calls`);
    const cx = testCallContext(
      args.map((arg) => (arg === TEXTS ? '_text' : arg instanceof PgArray ? '_int4' : 'text')),
      'bool',
    );
    t.ok(entry.long.isLong(args), 'is known to take long');
    const far = await watched(entry.kind === 'plain' ? entry.long.run(args) : entry.long.run(cx, args));
    // Slices end by the clock, but an answer of another thread has to be waited for.
    if (entry.kind === 'plain') t.ok(far.waited, 'gives way');
    const atOnce = entry.kind === 'plain' ? entry.call(...args) : entry.call(cx, ...args);
    t.ok(isDeepStrictEqual(far.value, atOnce), 'gives the same');
  });
}

const PATH = '$.**.** ? (@.type() != "array" && @ > 19990)';

/** Calls that are tried before: whatever they take, a worker thread gives the same. */
const TRIED: Readonly<Record<string, readonly Datum[]>> = {
  jsonb_path_exists: [JSON_OBJECT, PATH, EMPTY_OBJECT, false],
  jsonb_path_exists_opr: [JSON_OBJECT, PATH],
  jsonb_path_match: [JSON_OBJECT, 'exists($.a[*] ? (@ == 5))', EMPTY_OBJECT, false],
  jsonb_path_match_opr: [JSON_OBJECT, '$.a[*] == 19999'],
  jsonb_path_query_array: [JSON_OBJECT, PATH, EMPTY_OBJECT, false],
  jsonb_path_query_first: [JSON_OBJECT, '$.b', EMPTY_OBJECT, false],
  jsonb_path_query: [JSON_OBJECT, PATH, EMPTY_OBJECT, false],
};

for (const [source, args] of Object.entries(TRIED)) {
  t.test(source, async (t) => {
    const entry = builtinFunctions.get(source);
    if (entry === undefined || entry.kind === 'context' || entry.long === undefined)
      throw new Error(`${source} has no way for long calls`);
    const far = await watched(entry.long.run(args));
    t.ok(far.waited, 'gives way');
    const atOnce = entry.kind === 'set' ? entry.call(testCallContext([], 'jsonb'), ...args) : entry.call(...args);
    t.ok(isDeepStrictEqual(far.value, atOnce), 'gives the same');
  });
}

t.test('arrays as text', async (t) => {
  const cx = testCallContext(['_int4'], 'text');
  for (const array of [INTEGERS, TEXTS]) {
    const codec = cx.codec(array.elementType === oid.INT4 ? oid.INT4_ARRAY : 1009);
    const { slow } = codec;
    if (slow === undefined) throw new Error('arrays are written at once');
    t.ok(slow.isLarge(array));
    const written = await watched(slow.format(array, cx));
    t.equal(written.value, codec.format(array, cx));
    const text = String(written.value);
    t.ok(text.length > slow.longText);
    const read = await watched(slow.parse(text, cx));
    t.ok(isDeepStrictEqual(read.value, array));
  }
});
