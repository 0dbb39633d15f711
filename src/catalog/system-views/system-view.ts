/**
 * The form of a system view's definition. Names, types, order and OIDs of the columns are facts of data/pg_catalog/;
 * ours are the expressions behind them, and where the rows come from. A column without an expression is NULL.
 * Expressions are cast to the column's type. Queries are bound when somebody uses the view; tables behind FROM and
 * JOIN get their schema's name, functions and operators are found through the search path.
 */
export interface SystemView {
  readonly schema: 'pg_catalog' | 'information_schema';
  readonly name: string;
  /** Expressions by column; 'q' takes every column from the FROM item `q` by its name. */
  readonly columns: Readonly<Record<string, string>> | 'q';
  /** FROM and whatever follows. */
  readonly from: string;
}

export const catalogView = (name: string, columns: SystemView['columns'], from: string): SystemView => ({
  schema: 'pg_catalog',
  name,
  columns,
  from,
});

export const informationView = (name: string, columns: SystemView['columns'], from: string): SystemView => ({
  schema: 'information_schema',
  name,
  columns,
  from,
});

/** Columns that have the name of a column of `alias`. */
export function columnsOf(alias: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, `${alias}.${name}`]));
}
