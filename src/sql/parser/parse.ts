/**
 * SQL text to syntax trees, through PostgreSQL 15's own grammar (libpg-query, WebAssembly). `loadParser` must have
 * completed before the first parse. Trees are the AST of @pgsql/types, shared and never modified.
 */
import type { Node, ParseResult } from '@pgsql/types';
import { stackDepthExceeded } from '../../errors/runtime-limits.js';
import { sqlError } from '../../errors/sql-error.js';
import type { ConditionName } from '../../errors/sqlstate.js';
import { GrammarError, GrammarOverflow, loadGrammar, parseText } from './grammar.js';
import { findNumericJunk } from './numeric-junk.js';

/** One statement of a query string. */
export interface ParsedStatement {
  readonly node: Node;
  /** Byte offset of the statement in the query string, where error positions are counted from. */
  readonly start: number;
  /** The statement's own text, trimmed. */
  readonly text: string;
}

const BLANK = /^(?:\s|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/|;)*$/;

/** Loads the grammar. Idempotent. */
export async function loadParser(): Promise<void> {
  await loadGrammar();
}

/**
 * The statements of `sql`; none for blank text.
 * @throws SqlError 42601 (and the other codes of the scanner) with the position of the fault
 */
export function parseSql(sql: string): ParsedStatement[] {
  if (sql.length < 4096 && BLANK.test(sql)) return [];
  const result = parse(sql);
  const statements: ParsedStatement[] = [];
  const bytes = (result.stmts?.length ?? 0) > 1 ? Buffer.from(sql, 'utf8') : null;
  for (const raw of result.stmts ?? []) {
    if (raw.stmt === undefined) continue;
    const start = raw.stmt_location ?? 0;
    const text =
      bytes === null
        ? statementText(sql)
        : bytes.toString('utf8', start, raw.stmt_len ? start + raw.stmt_len : bytes.length).trim();
    statements.push({ node: raw.stmt, start, text });
  }
  return statements;
}

/** The text of a text's only statement. */
export function statementText(sql: string): string {
  const text = sql.trim();
  return text.endsWith(';') ? text.slice(0, -1).trimEnd() : text;
}

function parse(sql: string): ParseResult {
  const junk = findNumericJunk(sql);
  try {
    const result = parseText(sql);
    if (junk !== null) throw new GrammarError(junk.message, junk.cursor);
    return result;
  } catch (error) {
    // Whichever fault comes first in the text is told.
    const first = junk !== null && error instanceof GrammarError && error.cursor >= junk.cursor;
    throw parseError(first ? new GrammarError(junk.message, junk.cursor) : error);
  }
}

function parseError(error: unknown): unknown {
  if (error instanceof GrammarOverflow) return stackDepthExceeded();
  if (!(error instanceof GrammarError)) return error;
  const { message, cursor } = error;
  const position = cursor >= 0 ? { position: cursor + 1 } : {};
  const hint = HINTS.get(message);
  return sqlError(conditionOf(message), message, hint === undefined ? position : { ...position, hint });
}

const HINTS: ReadonlyMap<string, string> = new Map([
  ['subquery in FROM must have an alias', 'For example, FROM (SELECT ...) [AS] foo.'],
  ['VALUES in FROM must have an alias', 'For example, FROM (VALUES ...) [AS] foo.'],
]);

/** The scanner reports a few faults under codes of their own; its messages are fixed strings of the grammar. */
function conditionOf(message: string): ConditionName {
  if (message.startsWith('frame st') || message.startsWith('frame end')) return 'windowing_error';
  if (message.startsWith('invalid Unicode')) return 'syntax_error';
  if (message.includes('nonstandard use of')) return 'nonstandard_use_of_escape_character';
  if (message.startsWith('invalid byte sequence')) return 'character_not_in_repertoire';
  if (message.includes('is not supported') || message.includes('not yet supported')) return 'feature_not_supported';
  if (message.includes('reserved') && message.startsWith('role name')) return 'reserved_name';
  return 'syntax_error';
}

/** 1-based character position for a byte offset in `sql`; undefined for unknown (-1). */
export function characterPosition(sql: string, byteOffset: number): number | undefined {
  if (byteOffset < 0) return undefined;
  if (counted.sql !== sql || counted.bytes > byteOffset) counted = { sql, unit: 0, bytes: 0, position: 1 };
  let { unit: i, bytes, position } = counted;
  for (; i < sql.length && bytes < byteOffset; i++) {
    const unit = sql.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00) {
      bytes += 4;
      i++;
    } else bytes += 3;
    position++;
  }
  counted.unit = i;
  counted.bytes = bytes;
  counted.position = position;
  return position;
}

/** Where the last count has ended: the statements of a long text ask for places further and further on. */
let counted = { sql: '', unit: 0, bytes: 0, position: 1 };
