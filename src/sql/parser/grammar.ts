/**
 * PostgreSQL 15's grammar as WebAssembly (libpg-query): text in, syntax tree or the scanner's error out. Owns the
 * instances. One that was left in the middle of its work (the stack ran out under it) is not to be trusted again,
 * and memory that an instance has once grown to is never given back: both are replaced by a spare one, which is
 * always made ahead because that takes a turn of the event loop.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import type { ParseResult } from '@pgsql/types';
import createModule, { type GrammarModule } from 'libpg-query/wasm/libpg-query.js';

/** Roughly the bytes of a function's code that are run before it is optimized; V8's own default is 1,800,000. */
const TIERING_BUDGET = 50_000_000;
/** An instance that has grown by more than this is given up after the statement: bytes. */
const KEEP_GROWTH = 64 * 1024 * 1024;
/** A broken instance loses some of its own stack each time; so often it may still be used when there is no spare. */
const MAX_BREAKDOWNS = 8;

/** The grammar refuses the text. */
export class GrammarError extends Error {
  override readonly name = 'GrammarError';

  /** `cursor` is the 0-based character position, -1 when there is none. */
  constructor(
    message: string,
    readonly cursor: number,
  ) {
    super(message);
  }
}

/** The statement is too large or too deep for the grammar's memory or stack. */
export class GrammarOverflow extends Error {
  override readonly name = 'GrammarOverflow';
}

let compiled: WebAssembly.Module | null = null;
let current: GrammarModule | null = null;
let spare: GrammarModule | null = null;
let breakdowns = 0;
/** Memory that an instance begins with: bytes, of which only those it uses are real. */
let initialMemory = 0;

/**
 * Loads the grammar. Idempotent. Its functions are compiled when they are first called: most of a module this size
 * never is, and compiling all of it costs 20 MB. Optimizing the parser proper takes another 20 MB: V8 would do so for the
 * first statement, and does it after some thousands.
 */
export async function loadGrammar(): Promise<void> {
  if (compiled === null) {
    setFlagsFromString('--wasm-lazy-compilation');
    setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
    const path = createRequire(import.meta.url).resolve('libpg-query/wasm/libpg-query.wasm');
    compiled = await WebAssembly.compile(await readFile(path));
  }
  current ??= await instantiate(compiled);
  spare ??= await instantiate(compiled);
  initialMemory = spare.HEAPU8.length;
}

function instantiate(code: WebAssembly.Module): Promise<GrammarModule> {
  return createModule({
    instantiateWasm(imports, done) {
      done(new WebAssembly.Instance(code, imports));
    },
  });
}

/** @throws GrammarError, GrammarOverflow. REQUIRES: `loadGrammar` has completed, `sql` holds more than blanks */
export function parseText(sql: string): ParseResult {
  if (current === null) throw new Error('the grammar is not loaded');
  if (breakdowns >= MAX_BREAKDOWNS) throw new GrammarOverflow('the grammar is being loaded again');
  let intact = false;
  try {
    const result = parseWith(current, sql);
    intact = true;
    return result;
  } catch (error) {
    intact = error instanceof GrammarError;
    if (intact) throw error;
    breakdowns++;
    throw new GrammarOverflow('the grammar ran out of stack or memory', { cause: error });
  } finally {
    if (!intact || current.HEAPU8.length > initialMemory + KEEP_GROWTH) replace();
  }
}

/** Goes on with the spare instance, if it is there already, and has a new one made. */
function replace(): void {
  if (compiled === null || spare === null) return;
  current = spare;
  spare = null;
  breakdowns = 0;
  instantiate(compiled).then((made) => {
    spare = made;
    if (breakdowns > 0) replace();
  }, reloadFailed);
}

/** Without memory for a spare the instance at hand has to do. */
function reloadFailed(): void {
  spare = null;
}

function parseWith(grammar: GrammarModule, sql: string): ParseResult {
  const size = grammar.lengthBytesUTF8(sql) + 1;
  const input = grammar._malloc(size);
  if (input === 0) throw new GrammarOverflow('no memory for the text');
  grammar.stringToUTF8(sql, input, size);
  const result = grammar._wasm_parse_query_raw(input);
  grammar._free(input);
  if (result === 0) throw new GrammarOverflow('no memory for the result');
  try {
    return readResult(grammar, result);
  } finally {
    grammar._wasm_free_parse_result(result);
  }
}

/** The result is { tree, stderr, error }, an error { message, function, file, line, cursor, context }. */
function readResult(grammar: GrammarModule, result: number): ParseResult {
  const error = grammar.getValue(result + 8, 'i32');
  if (error !== 0) {
    const message = grammar.UTF8ToString(grammar.getValue(error, 'i32'));
    throw new GrammarError(message, grammar.getValue(error + 16, 'i32') - 1);
  }
  const tree: ParseResult = JSON.parse(grammar.UTF8ToString(grammar.getValue(result, 'i32')));
  return tree;
}
