/**
 * The layout of the system tables and their indexes, as the code relies on it: positions of columns by name, key
 * columns of indexes. It comes from the exported facts and is the same for every store.
 * Invariant: the storage of a shared table or index, and of those of the home database, has its OID.
 */
import type { Datum, Row } from '../types/datum.js';
import { PgArray } from '../types/datum.js';
import * as oid from '../types/oids.js';
import { type JsonValue, readSystemData, type SystemData } from './system-data.js';
import { SystemRow } from './system-row.js';

export interface SystemColumn {
  readonly name: string;
  readonly type: number;
  readonly notNull: boolean;
}

export interface SystemIndex {
  readonly oid: number;
  readonly name: string;
  readonly unique: boolean;
  readonly primary: boolean;
  /** Positions in the row, from 0. */
  readonly columns: readonly number[];
  readonly types: readonly number[];
}

export class SystemTable {
  private readonly positions: ReadonlyMap<string, number>;

  constructor(
    readonly oid: number,
    readonly name: string,
    readonly namespace: number,
    readonly columns: readonly SystemColumn[],
    readonly indexes: readonly SystemIndex[],
    /** Whether all databases have it together. */
    readonly shared: boolean,
  ) {
    this.positions = new Map(columns.map((column, position) => [column.name, position]));
  }

  /** Position of a column in a row, from 0. */
  position(column: string): number {
    const position = this.positions.get(column);
    if (position === undefined) throw new Error(`system table ${this.name} has no column ${column}`);
    return position;
  }

  /** A row from named values; columns not given are null. */
  row(values: Readonly<Record<string, Datum>>): Row {
    const row: Row = new Array<Datum>(this.columns.length).fill(null);
    for (const name of Object.keys(values)) row[this.position(name)] = values[name];
    return row;
  }
}

/** The value of a fact as a datum of the column's type. */
export function datumOfJson(value: JsonValue, type: number): Datum {
  if (value === null || !Array.isArray(value)) return value as Exclude<typeof value, readonly JsonValue[]>;
  const elements: readonly JsonValue[] = value;
  const element = ELEMENT_TYPES[type];
  if (element === undefined) throw new Error(`no element type is known for type ${type}`);
  return systemArray(
    type,
    element,
    elements.map((item) => datumOfJson(item, element)),
  );
}

const ELEMENT_TYPES: Readonly<Record<number, number>> = {
  [oid.INT2VECTOR]: oid.INT2,
  [oid.OIDVECTOR]: oid.OID,
  1002: oid.CHAR,
  1005: oid.INT2,
  1009: oid.TEXT,
  1021: oid.FLOAT4,
  1028: oid.OID,
  1034: oid.ACLITEM,
};

/** Vectors (int2vector, oidvector) always have one dimension, and count from 0. */
function systemArray(type: number, element: number, elements: readonly Datum[]): PgArray {
  if (type === oid.INT2VECTOR || type === oid.OIDVECTOR) return new PgArray(element, [elements.length], [0], elements);
  return PgArray.of(element, elements);
}

/** `int2vector` and `oidvector` values. */
export const int2vector = (values: readonly number[]): PgArray => systemArray(oid.INT2VECTOR, oid.INT2, values);
export const oidvector = (values: readonly number[]): PgArray => systemArray(oid.OIDVECTOR, oid.OID, values);

export class SystemTables {
  private readonly byName = new Map<string, SystemTable>();
  private readonly byOid = new Map<number, SystemTable>();
  private readonly relations: ReadonlySet<number>;
  /** OIDs of the tables that all databases share, and of their indexes. */
  readonly sharedRelations: ReadonlySet<number>;
  private readonly indexOwners = new Map<string, { readonly table: SystemTable; readonly index: SystemIndex }>();

  private constructor(tables: readonly SystemTable[]) {
    for (const table of tables) {
      this.byName.set(table.name, table);
      this.byOid.set(table.oid, table);
      for (const index of table.indexes) this.indexOwners.set(index.name, { table, index });
    }
    const shared = tables.filter((table) => table.shared);
    this.sharedRelations = new Set(shared.flatMap(relationsOf));
    this.relations = new Set(tables.flatMap(relationsOf));
  }

  /** Builds the layout from the facts. */
  static load(): SystemTables {
    const classes = factRows('pg_class');
    const names = new Map(classes.map((fact) => [fact.number('oid'), fact.text('relname')]));
    const columns = groupBy(factRows('pg_attribute'), (fact) => fact.number('attrelid'));
    const indexes = groupBy(factRows('pg_index'), (fact) => fact.number('indrelid'));
    const tables: SystemTable[] = [];
    for (const fact of classes) {
      if (fact.text('relkind') !== 'r') continue;
      const id = fact.number('oid');
      const own = (columns.get(id) ?? [])
        .filter((column) => column.number('attnum') > 0)
        .sort((a, b) => a.number('attnum') - b.number('attnum'))
        .map((column) => ({
          name: column.text('attname'),
          type: column.number('atttypid'),
          notNull: column.boolean('attnotnull'),
        }));
      const ownIndexes = (indexes.get(id) ?? []).map((index) => systemIndex(index, names, own));
      tables.push(
        new SystemTable(
          id,
          fact.text('relname'),
          fact.number('relnamespace'),
          own,
          ownIndexes,
          fact.boolean('relisshared'),
        ),
      );
    }
    return new SystemTables(tables);
  }

  table(name: string): SystemTable {
    const table = this.byName.get(name);
    if (table === undefined) throw new Error(`there is no system table ${name}`);
    return table;
  }

  tableByOid(id: number): SystemTable | undefined {
    return this.byOid.get(id);
  }

  index(name: string): { readonly table: SystemTable; readonly index: SystemIndex } {
    const found = this.indexOwners.get(name);
    if (found === undefined) throw new Error(`there is no system index ${name}`);
    return found;
  }

  all(): Iterable<SystemTable> {
    return this.byName.values();
  }

  /** Whether a relation is a system table or an index of one. */
  isSystem(relation: number): boolean {
    return this.relations.has(relation);
  }

  /** Those that every database has for itself. */
  own(): SystemTable[] {
    return [...this.byName.values()].filter(({ shared }) => !shared);
  }
}

/** A table and its indexes. */
export function relationsOf({ oid, indexes }: SystemTable): number[] {
  return [oid, ...indexes.map((index) => index.oid)];
}

function systemIndex(
  fact: SystemRow,
  names: ReadonlyMap<number, string>,
  columns: readonly SystemColumn[],
): SystemIndex {
  const id = fact.number('indexrelid');
  const positions = fact.numbers('indkey').map((attribute) => attribute - 1);
  return {
    oid: id,
    name: names.get(id) ?? '',
    unique: fact.boolean('indisunique'),
    primary: fact.boolean('indisprimary'),
    columns: positions,
    types: positions.map((position) => columns[position].type),
  };
}

/** Facts of the layout tables, readable by column name before any layout exists. */
function factRows(name: string): SystemRow[] {
  const data: SystemData = readSystemData(name);
  const positions = new Map(data.columns.map((column, position) => [column, position]));
  const layout = {
    name,
    position(column: string): number {
      const position = positions.get(column);
      if (position === undefined) throw new Error(`${name}.json has no column ${column}`);
      return position;
    },
  };
  return data.rows.map(
    (row) =>
      new SystemRow(
        layout,
        row.map((value) => (Array.isArray(value) ? PgArray.of(0, value) : (value as Datum))),
      ),
  );
}

function groupBy(rows: readonly SystemRow[], key: (row: SystemRow) => number): Map<number, SystemRow[]> {
  const groups = new Map<number, SystemRow[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group === undefined) groups.set(key(row), [row]);
    else group.push(row);
  }
  return groups;
}
