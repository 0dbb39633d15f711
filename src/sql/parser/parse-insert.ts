/**
 * Parsing of a long INSERT … VALUES some rows at a time, so that its tree never exists as a whole: first the statement
 * with its first row only, then the other rows, packed. Runs in the parser's thread.
 */
import type { Node, RawStmt } from '@pgsql/types';
import { GrammarError, parseText } from './grammar.js';
import { type InsertText, scanInsert } from './insert-text.js';
import { findNumericJunk } from './numeric-junk.js';
import { ItemKind, type PackedPart, type PackedValue } from './packed-rows.js';

/** Fewer rows are parsed with the rest of their statement. */
const MIN_ROWS = 50;
/** Text that is parsed at a time: UTF-16 units. */
const PART = 32 * 1024;
const PREFIX = 'VALUES ';
/** Items that need more than the statement's tables and parameters, which are settled before these rows are bound. */
const REFUSED = /"(?:SubLink|ParamRef)":/;

export interface PackedInsert {
  /** The InsertStmt, with the first row. */
  readonly node: Node;
  /** As in ParsedStatement. */
  readonly start: number;
  readonly width: number;
  readonly allDefault: boolean[];
  readonly parts: readonly PackedPart[];
}

/** Null for every other text, also for one that has a fault: parsed as a whole it gives the right error. */
export function parseInsert(sql: string): PackedInsert | null {
  const text = scanInsert(sql);
  if (text === null || text.starts.length < MIN_ROWS || findNumericJunk(sql) !== null) return null;
  try {
    return packInsert(sql, text);
  } catch (error) {
    if (error instanceof GrammarError) return null;
    throw error;
  }
}

function packInsert(sql: string, { starts, ends }: InsertText): PackedInsert | null {
  const count = starts.length;
  // Blanks keep the places of what follows the rows, as far as they count: bytes.
  const removed = Buffer.byteLength(sql.slice(ends[0], ends[count - 1]));
  const statement = onlyStatement(sql.slice(0, ends[0]) + ' '.repeat(removed) + sql.slice(ends[count - 1]));
  const first = statement?.stmt === undefined ? null : valuesOf(statement.stmt);
  if (statement?.stmt === undefined || first === null) return null;
  const width = first.length;
  const packer = new Packer(width, first.map(isDefault));
  let offset = Buffer.byteLength(sql.slice(0, starts[1]));
  for (let row = 1; row < count; ) {
    const begin = row;
    while (row < count && (row === begin || ends[row] - starts[begin] < PART)) row++;
    const lists = onlyLists(PREFIX + sql.slice(starts[begin], ends[row - 1]));
    if (lists === null || lists.length !== row - begin) return null;
    if (!packer.add(lists, offset - PREFIX.length)) return null;
    offset += Buffer.byteLength(sql.slice(starts[begin], row < count ? starts[row] : ends[row - 1]));
  }
  const start = statement.stmt_location ?? 0;
  return { node: statement.stmt, start, width, allDefault: packer.allDefault, parts: packer.parts };
}

function onlyStatement(sql: string): RawStmt | null {
  const statements = parseText(sql).stmts ?? [];
  return statements.length === 1 ? statements[0] : null;
}

/** The only row of an INSERT … VALUES. */
function valuesOf(statement: Node): readonly Node[] | null {
  if (!('InsertStmt' in statement)) return null;
  const { selectStmt, withClause } = statement.InsertStmt;
  if (selectStmt === undefined || withClause !== undefined || !('SelectStmt' in selectStmt)) return null;
  const { sortClause, limitCount, limitOffset, lockingClause, op } = selectStmt.SelectStmt;
  const plain = op === 'SETOP_NONE' && !sortClause && !limitCount && !limitOffset && !lockingClause;
  const lists = plain ? selectStmt.SelectStmt.valuesLists : undefined;
  const refused = REFUSED.test(JSON.stringify(statement));
  return lists?.length === 1 && !refused ? itemsOf(lists[0]) : null;
}

function onlyLists(sql: string): readonly Node[] | null {
  const statement = onlyStatement(sql)?.stmt;
  return statement !== undefined && 'SelectStmt' in statement ? (statement.SelectStmt.valuesLists ?? null) : null;
}

function itemsOf(list: Node): readonly Node[] {
  return 'List' in list ? (list.List.items ?? []) : [];
}

function isDefault(item: Node): boolean {
  return 'SetToDefault' in item;
}

class Packer {
  readonly parts: PackedPart[] = [];

  constructor(
    private readonly width: number,
    readonly allDefault: boolean[],
  ) {}

  /** Packs rows whose places are `shift` bytes further back in the whole text. False when they cannot be packed. */
  add(lists: readonly Node[], shift: number): boolean {
    const count = lists.length * this.width;
    const kinds = new Uint8Array(count);
    const locations = new Uint32Array(count);
    const values: PackedValue[] = [];
    for (const list of lists) {
      const items = itemsOf(list);
      if (items.length !== this.width) return false;
      for (const [column, item] of items.entries()) {
        if (!isDefault(item)) this.allDefault[column] = false;
        const packed = pack(item, shift);
        if (packed === null) return false;
        kinds[values.length] = packed.kind;
        locations[values.length] = packed.location;
        values.push(packed.value);
      }
    }
    this.parts.push({ rows: lists.length, kinds, values, locations });
    return true;
  }
}

function pack(item: Node, shift: number): { kind: number; value: PackedValue; location: number } | null {
  if (!('A_Const' in item) || item.A_Const.bsval !== undefined) {
    const json = JSON.stringify(shifted(item, shift));
    return REFUSED.test(json) ? null : { kind: ItemKind.Node, value: json, location: 0 };
  }
  const { isnull, ival, fval, boolval, sval } = item.A_Const;
  const location = (item.A_Const.location ?? 0) + shift;
  if (isnull) return { kind: ItemKind.Null, value: null, location };
  if (ival !== undefined) return { kind: ItemKind.Integer, value: ival.ival ?? 0, location };
  if (fval !== undefined) return { kind: ItemKind.Float, value: fval.fval ?? '', location };
  if (boolval !== undefined) return { kind: ItemKind.Boolean, value: boolval.boolval ?? false, location };
  return { kind: ItemKind.String, value: sval?.sval ?? '', location };
}

/** The node with its places moved. */
function shifted<T>(node: T, shift: number): T {
  return JSON.parse(JSON.stringify(node), (key, value: unknown) =>
    key === 'location' && typeof value === 'number' ? value + shift : value,
  );
}
