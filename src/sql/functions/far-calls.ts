/**
 * Calls over large values are made in worker threads: what takes long there holds nobody up, and a call that is given up
 * ends with its thread. Here is which functions can be called so, and from which size of their arguments on that pays.
 */
import { fromSentError } from '../../errors/sent-error.js';
import { sqlError } from '../../errors/sql-error.js';
import { Interval } from '../../types/datetime/interval.js';
import { type Datum, PgArray } from '../../types/datum.js';
import { isJsonbNode, JsonbArray } from '../../types/json/jsonb.js';
import { formatLargeJsonb, parseLongJsonb } from '../../types/json/jsonb-codec.js';
import { isLargeJsonb } from '../../types/json/jsonb-format.js';
import { Numeric } from '../../types/numeric/numeric.js';
import { TEXT } from '../../types/oids.js';
import { ELEMENT_BYTES, requireHeap } from '../../util/heap-guard.js';
import { inSlices, type Task } from '../../util/task.js';
import { WorkerLost, WorkerPool } from '../../util/worker-pool.js';
import { buffersOf, type CallAnswer, type CallQuestion, fromSent, type SentDatum, toSent } from './call-message.js';
import { printedInstant, printedInterval } from './datetime-format-functions.js';
import type { PrintedTime } from './datetime-pattern-writer.js';
import { PackedTexts } from './packed-texts.js';
import type { CallContext, FunctionEntry, FunctionFamily, LongCalls } from './registry.js';

/** A backtracking matcher takes a level of the stack for each turn: MiB. */
const STACK = 64;

/** More than there are processors: some may be at a pattern that never ends, and others must not wait for them. */
const THREADS = 16;

const pool = new WorkerPool(new URL('./call-worker.js', import.meta.url), STACK, THREADS);

/** Worker threads that are there now, for tests. */
export function callThreads(): number {
  return pool.size;
}

/** Calls the plain function registered as `source` in a worker thread. */
export function* callFar(source: string, args: readonly Datum[]): Task<Datum> {
  const sent: SentDatum[] = [];
  for (const arg of args)
    sent.push(isJsonbNode(arg) && isLargeJsonb(arg) ? { json: yield* formatLargeJsonb(arg) } : toSent(arg));
  const question: CallQuestion = { source, args: sent };
  const answer = (yield* ask(question)) as CallAnswer;
  if ('error' in answer) throw fromSentError(answer.error);
  if ('fault' in answer) throw new Error(answer.fault);
  const { value } = answer;
  if (value !== null && typeof value === 'object' && 'json' in value) return yield* parseLongJsonb(value.json);
  return fromSent(value);
}

function* ask(question: CallQuestion): Task<unknown> {
  try {
    return yield* pool.run(question, buffersOf(question.args));
  } catch (error) {
    if (!(error instanceof WorkerLost)) throw error;
    throw sqlError('out_of_memory', 'out of memory', { detail: `Failed in ${question.source} over a large value.` });
  }
}

type Measure = (args: readonly Datum[]) => boolean;

function units(args: readonly Datum[]): number {
  let sum = 0;
  for (const arg of args) {
    if (typeof arg === 'string') sum += arg.length;
    else if (arg instanceof Uint8Array) sum += arg.length;
  }
  return sum;
}

/** Texts and bytea of so many units together. */
const longerThan =
  (limit: number): Measure =>
  (args) =>
    units(args) > limit;

/** A text of so many units with a pattern as long as here is left to an attempt, which gives up when it takes long. */
const UNITS_TIMES_PATTERN = 1024 * 1024;
const MATCHED_UNITS = 128 * 1024;

const matching: Measure = ([text, pattern]) =>
  typeof text === 'string' &&
  typeof pattern === 'string' &&
  (text.length > MATCHED_UNITS || text.length * (pattern.length + 1) > UNITS_TIMES_PATTERN);

/** Numbers of some thousand digits. */
const LARGE_COEFFICIENT = 10n ** 5000n;

const manyDigits: Measure = (args) =>
  args.some(
    (arg) =>
      arg instanceof Numeric &&
      typeof arg.coefficient === 'bigint' &&
      (arg.coefficient > LARGE_COEFFICIENT || arg.coefficient < -LARGE_COEFFICIENT),
  );

const largeNumber =
  (limit: number): Measure =>
  ([value]) =>
    typeof value === 'number' && value > limit;

/** What takes tens of nanoseconds a unit, and what takes a few. */
const SLOW = longerThan(64 * 1024);
const MEDIUM = longerThan(256 * 1024);
const QUICK = longerThan(512 * 1024);

const MEASURES: readonly (readonly [Measure, readonly string[]])[] = [
  [
    matching,
    [
      ...['text', 'name'].flatMap((type) =>
        ['regexeq', 'regexne', 'icregexeq', 'icregexne'].map((test) => `${type}${test}`),
      ),
      'textregexsubstr',
      'textregexreplace_noopt',
      'textregexreplace',
      'textregexreplace_extended_no_n',
      'textregexreplace_extended_no_flags',
      'textregexreplace_extended',
      'regexp_match',
      'regexp_match_no_flags',
      'regexp_count',
      'regexp_count_no_flags',
      'regexp_count_no_start',
      'regexp_instr',
      'regexp_instr_no_subexpr',
      'regexp_instr_no_flags',
      'regexp_instr_no_endoption',
      'regexp_instr_no_n',
      'regexp_instr_no_start',
      'regexp_substr',
      'regexp_substr_no_subexpr',
      'regexp_substr_no_flags',
      'regexp_substr_no_n',
      'regexp_substr_no_start',
      'regexp_like',
      'regexp_like_no_flags',
      'substring(text,text,text)',
    ],
  ],
  [SLOW, ['upper', 'lower', 'initcap', 'text_reverse', 'similar_to_escape_1', 'similar_to_escape_2']],
  [QUICK, ['replace_text', 'translate', 'split_part', 'quote_literal', 'quote_ident']],
  [
    MEDIUM,
    [
      'json_object_field',
      'json_object_field_text',
      'json_array_element',
      'json_array_element_text',
      'json_extract_path',
      'json_extract_path_text',
      'json_array_length',
      'json_strip_nulls',
    ],
  ],
  [QUICK, ['md5_text', 'md5_bytea', 'sha224_bytea', 'sha256_bytea', 'sha384_bytea', 'sha512_bytea']],
  [QUICK, ['binary_encode', 'binary_decode', 'bytea_bit_count', 'pg_convert', 'pg_convert_from', 'pg_convert_to']],
  [QUICK, ['textpos', 'btrim', 'ltrim', 'rtrim', 'btrim1', 'ltrim1', 'rtrim1', 'unicode_normalize_func']],
  [SLOW, ['timestamp_to_char', 'numeric_to_char', 'int4_to_char', 'int8_to_char', 'float4_to_char', 'float8_to_char']],
  [QUICK, ['pg_digest', 'pg_hmac', 'pg_encrypt', 'pg_decrypt', 'pg_encrypt_iv', 'pg_decrypt_iv']],
  // Meant to take long.
  [() => true, ['pg_crypt']],
  [manyDigits, ['numeric_sqrt', 'numeric_div', 'numeric_mod', 'numeric_div_trunc', 'numeric_gcd', 'numeric_lcm']],
  [manyDigits, ['numeric_power', 'numeric_exp', 'numeric_ln', 'numeric_log', 'numeric_mul']],
  [largeNumber(5000), ['numeric_fac']],
];

/** How long these take cannot be told: they are tried, and given up after some milliseconds. */
const TRIED: Readonly<Record<string, (args: readonly Datum[]) => Task<Datum>>> = {
  ...Object.fromEntries(
    [
      'jsonb_path_exists',
      'jsonb_path_exists_opr',
      'jsonb_path_match',
      'jsonb_path_match_opr',
      'jsonb_path_query_array',
      'jsonb_path_query_first',
    ].map((source) => [source, (args: readonly Datum[]) => callFar(source, args)]),
  ),
  jsonb_path_query: queryFar,
};

function* queryFar(args: readonly Datum[]): Task<Datum> {
  const results = yield* callFar('jsonb_path_query_array', args);
  if (!(results instanceof JsonbArray)) throw new Error('results of a path are an array');
  return results.elements;
}

/** The calls of functions that give many texts: these come packed, and are unpacked as they are used. */
const PACKED: Readonly<Record<string, (args: readonly Datum[]) => Task<Datum>>> = {
  regexp_matches: manyMatches,
  regexp_matches_no_flags: manyMatches,
  regexp_split_to_table: (args) => splitTexts('regexp_split_to_table', args),
  regexp_split_to_table_no_flags: (args) => splitTexts('regexp_split_to_table', args),
  regexp_split_to_array: splitArray,
  regexp_split_to_array_no_flags: splitArray,
};

function* splitTexts(name: string, [text, pattern, flags = '']: readonly Datum[]): Task<PackedTexts> {
  return new PackedTexts(yield* callFar('regexp_split_packed', [name, text, pattern, flags]));
}

function* splitArray(args: readonly Datum[]): Task<Datum> {
  const packed = yield* splitTexts('regexp_split_to_array', args);
  requireHeap(packed.length * ELEMENT_BYTES);
  const parts: Datum[] = [];
  const texts = packed[Symbol.iterator]();
  yield* inSlices(() => {
    for (let i = 0; i < TEXTS_PER_STEP; i++) {
      const next = texts.next();
      if (next.done) return true;
      parts.push(next.value);
    }
    return false;
  });
  return PgArray.of(TEXT, parts);
}

const TEXTS_PER_STEP = 256;

function* manyMatches([text, pattern, flags = '']: readonly Datum[]): Task<Datum> {
  return new PackedMatches(new PackedTexts(yield* callFar('regexp_matches_packed', [text, pattern, flags])));
}

/** Matches as arrays of their groups. */
class PackedMatches implements Iterable<PgArray> {
  constructor(private readonly texts: PackedTexts) {}

  *[Symbol.iterator](): Generator<PgArray> {
    const texts = this.texts[Symbol.iterator]();
    const width = Number(texts.next().value ?? 0);
    for (;;) {
      const groups: Datum[] = [];
      for (let next = texts.next(); !next.done; next = texts.next()) {
        groups.push(next.value);
        if (groups.length === width) break;
      }
      if (groups.length === 0) return;
      yield PgArray.of(TEXT, groups);
    }
  }
}

/** to_char() with a long pattern: what depends on settings is worked out here. */
function printFar(time: PrintedTime, pattern: Datum): Task<Datum> {
  return callFar('printed_to_char', [pattern, JSON.stringify(time)]);
}

const longPattern: Measure = ([value, pattern]) =>
  SLOW([pattern]) && (typeof value !== 'number' || Number.isFinite(value));

function instantFar(cx: CallContext, [value, pattern]: readonly Datum[]): Task<Datum> {
  if (typeof value !== 'number' && typeof value !== 'bigint') throw new Error('a timestamp was expected');
  return printFar(printedInstant(cx, value), pattern);
}

function intervalFar([value, pattern]: readonly Datum[]): Task<Datum> {
  if (!(value instanceof Interval)) throw new Error('an interval was expected');
  return printFar(printedInterval(value), pattern);
}

/** The same functions, with what `MEASURES` says about them. */
export function withFarCalls(functions: FunctionFamily): FunctionFamily {
  const all = new Map(functions);
  for (const [isLong, sources] of MEASURES) {
    for (const source of sources) {
      all.set(source, withLong(functions, source, { isLong, run: (args) => callFar(source, args) }));
    }
  }
  for (const [source, run] of Object.entries(TRIED)) {
    all.set(source, withLong(functions, source, { isLong: () => false, run }));
  }
  for (const [source, run] of Object.entries(PACKED)) {
    all.set(source, withLong(functions, source, { isLong: matching, run }));
  }
  all.set('interval_to_char', withLong(functions, 'interval_to_char', { isLong: longPattern, run: intervalFar }));
  const instant = functions.get('timestamptz_to_char');
  if (instant?.kind !== 'context') throw new Error('timestamptz_to_char needs a context');
  all.set('timestamptz_to_char', { ...instant, long: { isLong: longPattern, run: instantFar } });
  return all;
}

function withLong(functions: FunctionFamily, source: string, long: LongCalls): FunctionEntry {
  const entry = functions.get(source);
  if (entry === undefined || entry.kind === 'context') throw new Error(`${source} cannot be called elsewhere`);
  return { ...entry, long };
}
