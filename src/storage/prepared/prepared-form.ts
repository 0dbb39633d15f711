/** The payload of a PREPARED_RECORD: the state of a prepared transaction without its changes, as JSON in UTF-8 (encoding/FORMAT.md). */
import type { RowId } from '../api.js';
import type { PreparedState } from './prepared-state.js';

type Pairs<K> = [K, number][];

type Run = [first: number, count: number, mode: number];

interface PreparedJson {
  xid: number;
  gid: string;
  owner: number;
  preparedAt: number;
  /** Absent before there were several databases. */
  database?: number;
  tables: Pairs<number>;
  objects: Pairs<string>;
  /** Consecutive rows in the same mode are one run. */
  rows: [heap: number, runs: Run[]][];
  uniqueIndexes: number[];
  /** Keys are texts of characters up to U+00FF. */
  reads: {
    whole: number[];
    rows: [heap: number, rowIds: number[]][];
    indexes: [index: number, keys: string[], ranges: [lo: string, hi: string | null][]][];
  } | null;
}

export function encodePrepared(state: PreparedState): Buffer {
  const { xid, gid, owner, preparedAt, database, tables, objects, rows, uniqueIndexes, reads } = state;
  const json: PreparedJson = {
    xid,
    gid,
    owner,
    preparedAt,
    database,
    tables: [...tables],
    objects: [...objects],
    rows: [...rows].map(([heap, locked]) => [heap, runsOf(locked)]),
    uniqueIndexes: [...uniqueIndexes],
    reads:
      reads === null
        ? null
        : {
            whole: [...reads.whole],
            rows: [...reads.rows].map(([heap, rowIds]) => [heap, [...rowIds]]),
            indexes: [...reads.indexes].map(([index, { keys, ranges }]) => [
              index,
              [...keys],
              ranges.map(({ lo, hi }) => [lo, hi]),
            ]),
          },
  };
  return Buffer.from(JSON.stringify(json));
}

export function decodePrepared(payload: Buffer): PreparedState {
  // Written by encodePrepared under the same format version, behind a checksum.
  const json = JSON.parse(payload.toString()) as PreparedJson;
  const { reads } = json;
  return {
    xid: json.xid,
    gid: json.gid,
    owner: json.owner,
    preparedAt: json.preparedAt,
    database: json.database ?? 0,
    tables: new Map(json.tables),
    objects: new Map(json.objects),
    rows: new Map(json.rows.map(([heap, runs]) => [heap, rowsOf(runs)])),
    uniqueIndexes: json.uniqueIndexes,
    reads:
      reads === null
        ? null
        : {
            whole: new Set(reads.whole),
            rows: new Map(reads.rows.map(([heap, rowIds]) => [heap, new Set(rowIds)])),
            indexes: new Map(
              reads.indexes.map(([index, keys, ranges]) => [
                index,
                { keys: new Set(keys), ranges: ranges.map(([lo, hi]) => ({ lo, hi })) },
              ]),
            ),
          },
  };
}

function runsOf(rows: ReadonlyMap<RowId, number>): Run[] {
  const runs: Run[] = [];
  for (const rowId of Float64Array.from(rows.keys()).sort()) {
    const mode = rows.get(rowId) ?? 0;
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] === rowId && last[2] === mode) last[1]++;
    else runs.push([rowId, 1, mode]);
  }
  return runs;
}

function rowsOf(runs: readonly Run[]): Map<RowId, number> {
  const rows = new Map<RowId, number>();
  for (const [first, count, mode] of runs) for (let i = 0; i < count; i++) rows.set(first + i, mode);
  return rows;
}
