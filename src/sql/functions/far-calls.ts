/**
 * Calls over large values are made in worker threads: what takes long there holds nobody up, and a call that is given up
 * ends with its thread. Here is which functions can be called so, and from which size of their arguments on that pays.
 */
import { fromSentError } from '../../errors/sent-error.js';
import { sqlError } from '../../errors/sql-error.js';
import type { Datum } from '../../types/datum.js';
import { Numeric } from '../../types/numeric/numeric.js';
import type { Task } from '../../util/task.js';
import { WorkerLost, WorkerPool } from '../../util/worker-pool.js';
import { buffersOf, type CallAnswer, type CallQuestion, fromSent, toSent } from './call-message.js';
import type { FunctionFamily, LongCalls } from './registry.js';

/** A backtracking matcher takes a level of the stack for each turn: MiB. */
const STACK = 64;

const pool = new WorkerPool(new URL('./call-worker.js', import.meta.url), STACK);

/** Worker threads that are there now, for tests. */
export function callThreads(): number {
  return pool.size;
}

/** Calls the plain function registered as `source` in a worker thread. */
export function* callFar(source: string, args: readonly Datum[]): Task<Datum> {
  const question: CallQuestion = { source, args: args.map(toSent) };
  const answer = (yield* ask(question)) as CallAnswer;
  if ('error' in answer) throw fromSentError(answer.error);
  if ('fault' in answer) throw new Error(answer.fault);
  return fromSent(answer.value);
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
  [QUICK, ['md5_text', 'md5_bytea', 'sha224_bytea', 'sha256_bytea', 'sha384_bytea', 'sha512_bytea']],
  [QUICK, ['binary_encode', 'binary_decode']],
  [manyDigits, ['numeric_sqrt', 'numeric_div', 'numeric_mod', 'numeric_div_trunc', 'numeric_gcd', 'numeric_lcm']],
  [manyDigits, ['numeric_power', 'numeric_exp', 'numeric_ln', 'numeric_log', 'numeric_mul']],
  [largeNumber(5000), ['numeric_fac']],
];

/** The same functions, with what `MEASURES` says about them. */
export function withFarCalls(functions: FunctionFamily): FunctionFamily {
  const all = new Map(functions);
  for (const [isLong, sources] of MEASURES) {
    for (const source of sources) {
      const entry = functions.get(source);
      if (entry?.kind !== 'plain') throw new Error(`no plain function ${source}`);
      const long: LongCalls = { isLong, run: (args) => callFar(source, args) };
      all.set(source, { ...entry, long });
    }
  }
  return all;
}
