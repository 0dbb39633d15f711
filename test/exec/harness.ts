/**
 * What executor tests are built from: a store in arrays, codecs of a few types, functions under their real prosrc
 * names, and short constructors for expressions and plan nodes.
 */
import type { AggregateDesc, CatalogView, ProcDesc, RelationDesc } from '../../src/catalog/descriptors.js';
import type { ExecServices } from '../../src/exec/exec-context.js';
import { Execution } from '../../src/exec/executor.js';
import { instantiator, type WriteOperators } from '../../src/exec/instantiate.js';
import { contextFunctions, joinFamilies, plainFunctions, setFunctions } from '../../src/sql/functions/registry.js';
import type {
  AggregateCall,
  ColumnExpr,
  ConstExpr,
  Expr,
  FunctionExpr,
  SortKey,
  SubplanExpr,
} from '../../src/sql/plan/expression.js';
import type { PlanNode } from '../../src/sql/plan/plan-node.js';
import type { PlannedStatement } from '../../src/sql/plan/planned-statement.js';
import type { Datum, Row } from '../../src/types/datum.js';
import * as oid from '../../src/types/oids.js';
import type { TypeCodec } from '../../src/types/type-codec.js';
import type { TypeContext } from '../../src/types/type-context.js';
import { runTask } from '../../src/util/task.js';
import { ArrayStore } from './array-store.js';

export const store = new ArrayStore();

function codec(parse: (text: string) => Datum, encodeKey: (value: Datum) => string): TypeCodec {
  return {
    parse: (text) => parse(text),
    format: (value) => (typeof value === 'boolean' ? (value ? 't' : 'f') : String(value)),
    receive: () => {
      throw new Error('not in these tests');
    },
    send: () => {
      throw new Error('not in these tests');
    },
    compare: (a, b) => ((a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0),
    groupKey: (value) => value as number,
    encodeKey,
  };
}

const numberCodec = codec(Number, (value) => String.fromCharCode(...bigEndian(Number(value))));
const textCodec = codec(
  (text) => text,
  (value) => `${String(value)}\0`,
);

function bigEndian(value: number): number[] {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value + 2 ** 31);
  return [...buffer];
}

export const types: TypeContext = {
  settings: {
    dateStyle: 'ISO',
    dateOrder: 'MDY',
    intervalStyle: 'postgres',
    timeZone: 'UTC',
    extraFloatDigits: 1,
    byteaOutput: 'hex',
  },
  catalog: {
    enumLabel: () => undefined,
    enumValue: () => undefined,
    enumSortOrder: () => 0,
    compositeFields: () => undefined,
    elementType: (type) => (type === oid.INT4_ARRAY ? oid.INT4 : 0),
    arrayType: (type) => (type === oid.INT4 ? oid.INT4_ARRAY : 0),
    formatType: (type) => (type === oid.INT4 ? 'integer' : type === oid.TEXT ? 'text' : `type ${type}`),
    regIn: () => 0,
    regOut: (_, id) => String(id),
    roleName: () => undefined,
    roleOid: () => undefined,
    collation: () => undefined,
  },
  codec: (type) => (type === oid.TEXT ? textCodec : numberCodec),
  transactionTimestamp: 0,
  statementTimestamp: 0,
};

export const functions = joinFamilies(
  plainFunctions({
    int4pl: (a: number, b: number) => a + b,
    int4_sum: (sum: number | null, value: number | null) => (value === null ? sum : (sum ?? 0) + value),
    int4div: (a: number, b: number) => {
      if (b === 0) throw new Error('division by zero');
      return Math.trunc(a / b);
    },
    textcat: (a: string, b: string) => a + b,
    text_lt: (a: string, b: string) => a < b,
    string_agg_transfn: (state: string | null, value: string | null, separator: string | null) =>
      value === null ? state : state === null ? value : state + (separator ?? '') + value,
    in_range_int4_int4: (value: number, base: number, offset: number, sub: boolean, less: boolean) => {
      const bound = sub ? base - offset : base + offset;
      return less ? value <= bound : value >= bound;
    },
  }),
  contextFunctions({
    pg_typeof_test: (cx) => cx.argTypes[0],
  }),
  setFunctions({
    *generate_series_int4(_cx, from: number, to: number) {
      for (let i = from; i <= to; i++) yield i;
    },
  }),
);

const BASE_PROC: ProcDesc = {
  oid: 0,
  name: '',
  namespace: 11,
  owner: 10,
  acl: null,
  language: 12,
  kind: 'f',
  strict: true,
  returnsSet: false,
  volatility: 'i',
  argTypes: [],
  argDefaults: 0,
  variadic: 0,
  resultType: oid.INT4,
  allArgTypes: null,
  argModes: null,
  argNames: null,
  defaultTexts: null,
  body: null,
  securityDefiner: false,
  config: [],
  source: '',
  rows: 0,
};

const procs = new Map<number, ProcDesc>();

export function proc(fields: Partial<ProcDesc>): ProcDesc {
  const made = { ...BASE_PROC, name: fields.source ?? fields.name ?? '', oid: procs.size + 20000, ...fields };
  procs.set(made.oid, made);
  return made;
}

// Tests look at a few methods of the catalog only.
const catalog = {
  proc: (id: number) => procs.get(id),
  type: () => undefined,
  namespace: () => undefined,
} as unknown as CatalogView;

export const services: ExecServices = {
  store,
  catalog,
  functions,
  types,
  session: {
    database: 'test',
    currentUser: 'me',
    sessionUser: 'me',
    backendPid: 1,
    searchPath: () => ['public'],
    getSetting: () => undefined,
    setSetting: (_, value) => value,
    notice: () => {},
    nextval: () => 1,
    currval: () => 1,
    lastval: () => 1,
    setval: () => {},
    random: () => 0.5,
    setSeed: () => {},
    clockTimestamp: () => 0,
  },
};

const noWrites: WriteOperators = {
  insert: () => {
    throw new Error('no writes in these tests');
  },
  update: () => {
    throw new Error('no writes in these tests');
  },
  merge: () => {
    throw new Error('no writes in these tests');
  },
  delete: () => {
    throw new Error('no writes in these tests');
  },
  'lock rows': () => {
    throw new Error('no writes in these tests');
  },
};

export function statement(root: PlanNode): PlannedStatement {
  return {
    command: 'select',
    root,
    fields: [],
    parameterTypes: [],
    relations: [],
    readOnly: true,
    access: { tables: [], functions: new Set(), passedFor: 0 },
    catalogVersion: 1,
    columnNames: new Map(),
  };
}

export function prepare(root: PlanNode): Execution {
  return new Execution(statement(root), services, instantiator(noWrites));
}

/** Runs a plan and gives copies of its rows. */
export function run(root: PlanNode, params: readonly Datum[] = []): Promise<Row[]> {
  return runAgain(prepare(root), params);
}

export async function runAgain(execution: Execution, params: readonly Datum[] = []): Promise<Row[]> {
  const transaction = store.begin('read committed');
  execution.start(transaction, transaction.snapshot(), params);
  const rows: Row[] = [];
  try {
    for (;;) {
      const ready = execution.tryNextBatch();
      const batch = ready === undefined ? await runTask(execution.nextBatch()) : ready;
      if (batch === null) return rows;
      for (let i = 0; i < batch.length; i++) rows.push([...batch.rows[i]]);
    }
  } finally {
    execution.close();
  }
}

const at = { typmod: -1, collation: 0, location: -1 };
const sizes = { rows: 0, cost: 0 };

export const col = (id: number, type: number = oid.INT4): ColumnExpr => ({
  kind: 'column',
  id,
  name: `c${id}`,
  type,
  ...at,
});
export const lit = (value: Datum, type: number = oid.INT4): ConstExpr => ({ kind: 'const', value, type, ...at });
export const param = (index: number, type: number = oid.INT4): Expr => ({ kind: 'param', index, type, ...at });

export function fn(source: string, type: number, args: readonly Expr[], more: Partial<ProcDesc> = {}): FunctionExpr {
  return {
    kind: 'function',
    proc: proc({ source, resultType: type, argTypes: args.map((arg) => arg.type), ...more }),
    args,
    variadicArray: false,
    operator: null,
    form: 'call',
    type,
    ...at,
  };
}

export const op = (source: string, left: Expr, right: Expr): FunctionExpr => fn(source, oid.BOOL, [left, right]);
export const bool = (kind: 'and' | 'or', ...args: Expr[]): Expr => ({ kind, args, type: oid.BOOL, ...at });

export function subplan(
  mode: SubplanExpr['mode'],
  plan: PlanNode,
  more: Partial<SubplanExpr> & { type?: number } = {},
): SubplanExpr {
  return { kind: 'subplan', mode, plan, correlation: [], test: null, hash: null, type: oid.INT4, ...at, ...more };
}

export function values(columns: readonly number[], rows: readonly Row[], columnTypes?: readonly number[]): PlanNode {
  const tuples = rows.map((row) => row.map((value, i) => lit(value, columnTypes?.[i] ?? typeOf(value))));
  return { kind: 'values', columns, tuples, ...sizes };
}

function typeOf(value: Datum): number {
  return typeof value === 'string' ? oid.TEXT : typeof value === 'boolean' ? oid.BOOL : oid.INT4;
}

export const sortKey = (expr: Expr, descending = false, nullsFirst = descending): SortKey => ({
  expr,
  descending,
  nullsFirst,
});

export function node<K extends PlanNode['kind']>(
  kind: K,
  fields: Omit<Extract<PlanNode, { kind: K }>, 'kind' | 'rows' | 'cost'>,
): PlanNode {
  return { kind, ...sizes, ...fields } as unknown as PlanNode;
}

/** A table in the store, with a unique index on its first column when asked for. */
export function table(
  rows: readonly Row[],
  options: { slow?: boolean; columnTypes?: readonly number[] } = {},
): RelationDesc {
  const storage = store.addHeap(rows, options.slow ?? false);
  const width = rows[0]?.length ?? 1;
  const attributes = Array.from({ length: width }, (_, i) => ({
    relation: storage,
    name: `a${i}`,
    type: options.columnTypes?.[i] ?? oid.INT4,
    typmod: -1,
    number: i + 1,
    notNull: false,
    defaultText: null,
    identity: '' as const,
    generated: '' as const,
    dropped: false,
    collation: 0,
    missing: null,
  }));
  return {
    oid: storage,
    name: `t${storage}`,
    storage,
    attributes,
    indexes: [],
    populated: true,
  } as unknown as RelationDesc;
}

export function seqScan(relation: RelationDesc, columns: readonly number[], filter: Expr | null = null): PlanNode {
  return node('seq scan', { columns, relation, alias: 't', system: [], filter });
}

const BASE_AGGREGATE: AggregateDesc = {
  func: 0,
  kind: 'n',
  directArgs: 0,
  transition: 0,
  final: 0,
  combine: 0,
  finalExtra: false,
  sortOperator: 0,
  transitionType: oid.INT8,
  initial: null,
};

export function aggregate(
  name: string,
  args: readonly Expr[],
  more: Partial<AggregateCall> & { transition?: string; kind?: 'n' | 'o' | 'h'; strict?: boolean } = {},
): AggregateCall {
  const { transition, kind = 'n', strict = false, ...rest } = more;
  const declared = proc({ name, source: 'aggregate_dummy', kind: 'a', argTypes: args.map((arg) => arg.type) });
  const step = transition === undefined ? 0 : proc({ source: transition, strict }).oid;
  return {
    proc: { ...declared, name },
    aggregate: { ...BASE_AGGREGATE, kind, transition: step },
    args,
    directArgs: [],
    orderBy: [],
    filter: null,
    distinct: false,
    variadicArray: false,
    type: oid.INT8,
    transitionType: oid.INT8,
    ...at,
    ...rest,
  };
}
