/**
 * What tests of data-modifying statements stand on: the storage engine in memory, the catalogs, the binder and the
 * optimizer. Tables are made through the catalog's helpers; statements are SQL, run by connections that keep a
 * transaction open between `begin` and `commit`.
 */
import type { Catalog } from '../../../src/catalog/catalog.js';
import type { CatalogWriter } from '../../../src/catalog/catalog-writer.js';
import { createConstraint, createDefault } from '../../../src/catalog/ddl/create-constraint.js';
import { createIndex } from '../../../src/catalog/ddl/create-index.js';
import { createRelation } from '../../../src/catalog/ddl/create-relation.js';
import type { RelationDesc } from '../../../src/catalog/descriptors.js';
import type { CascadeBinding } from '../../../src/exec/cascade-binding.js';
import { DeferredChecks } from '../../../src/exec/deferred-checks.js';
import type { ExecServices } from '../../../src/exec/exec-context.js';
import { Execution } from '../../../src/exec/executor.js';
import { instantiator } from '../../../src/exec/instantiate.js';
import { writeOperators } from '../../../src/exec/write-operators.js';
import { planStatement } from '../../../src/session/planner.js';
import { SessionTypes } from '../../../src/session/session-types.js';
import { BindContext, type BinderServices } from '../../../src/sql/binder/bind-context.js';
import { bindWriteTarget, defaultExpr, generatedExpr } from '../../../src/sql/binder/write-target.js';
import { builtinFunctions } from '../../../src/sql/functions/all.js';
import type { SessionServices } from '../../../src/sql/functions/registry.js';
import { loadParser, parseSql } from '../../../src/sql/parser/parse.js';
import type { IsolationLevel, Store, Transaction } from '../../../src/storage/api.js';
import { openStore } from '../../../src/storage/open-store.js';
import { builtinCodecs } from '../../../src/types/codecs.js';
import type { Datum, Row } from '../../../src/types/datum.js';
import { runTask, type Task } from '../../../src/util/task.js';
import { openCatalogs } from '../../catalog/open-catalog.js';

const PATH = { names: ['public'], user: 'orbit', temporary: 0 };
const PUBLIC = 2200;
const BTREE = 403;
const INT4_EQ = 96;
const TYPES: Record<string, number> = { int2: 21, int4: 23, int8: 20, text: 25, bool: 16, numeric: 1700 };
const instantiate = instantiator(writeOperators);

export interface TableSpec {
  /** `name: 'int4 not null'`. */
  readonly columns: Readonly<Record<string, string>>;
  readonly defaults?: Readonly<Record<string, string>>;
  readonly generated?: Readonly<Record<string, string>>;
  readonly primaryKey?: readonly string[];
  readonly indexes?: readonly IndexSpec[];
  readonly checks?: Readonly<Record<string, string>>;
  readonly foreignKeys?: readonly ForeignKeySpec[];
}

export interface IndexSpec {
  readonly name: string;
  /** Column names, or expressions in parentheses. */
  readonly on: readonly string[];
  readonly unique?: boolean;
  readonly nullsNotDistinct?: boolean;
  readonly where?: string;
  /** Deferrable constraints: the check waits for the end of the statement or of the transaction. */
  readonly deferrable?: 'immediate' | 'deferred';
}

export interface ForeignKeySpec {
  readonly name: string;
  readonly columns: readonly string[];
  readonly references: string;
  readonly key: readonly string[];
  readonly onDelete?: string;
  readonly onUpdate?: string;
  readonly match?: string;
  readonly setColumns?: readonly string[];
  readonly deferrable?: 'immediate' | 'deferred';
}

export interface Result {
  readonly rows: Row[];
  readonly affected: number;
}

export class Bench {
  private constructor(
    readonly store: Store,
    readonly catalog: Catalog,
  ) {}

  static async open(): Promise<Bench> {
    await loadParser();
    const store = await openStore({
      dataDir: '',
      provider: 'memory',
      blockCacheSize: 64 << 20,
      writeBufferSize: 4 << 20,
      maxWalSize: 64 << 20,
      writeSetMemory: 2 << 20,
      changeSetMemory: 256 << 20,
      entryMemory: 256 << 20,
      ignoreChecksumFailure: false,
      walSegmentSize: 1 << 20,
      compression: false,
      maxOpenTables: 100,
      maxTemporaryFiles: 16,
    });
    const catalogs = await openCatalogs(store, builtinCodecs);
    return new Bench(store, await runTask(catalogs.load(store.homeDatabase)));
  }

  connect(): Connection {
    return new Connection(this);
  }

  async close(): Promise<void> {
    this.catalog.close();
    await this.store.close();
  }

  /** Runs a change of the catalogs in a transaction of its own. */
  async change(work: (writer: CatalogWriter) => Task<void>): Promise<void> {
    const transaction = this.store.begin('read committed');
    await runTask(work(this.catalog.writer(transaction)));
    await runTask(transaction.commit({ synchronous: true }));
  }

  async table(name: string, spec: TableSpec): Promise<void> {
    await this.change((writer) => this.create(writer, name, spec));
  }

  private *create(writer: CatalogWriter, name: string, spec: TableSpec): Task<void> {
    const columns = Object.entries(spec.columns).map(([column, type]) => ({
      name: column,
      type: TYPES[type.split(' ')[0]],
      typmod: -1,
      notNull: type.endsWith('not null') || (spec.primaryKey?.includes(column) ?? false),
      generated: spec.generated?.[column] === undefined ? ('' as const) : ('s' as const),
    }));
    const { oid } = yield* createRelation(writer, {
      name,
      namespace: PUBLIC,
      owner: 10,
      kind: 'r',
      persistence: 'p',
      columns,
    });
    const relation = this.find(writer, name);
    for (const [column, text] of Object.entries({ ...spec.defaults, ...spec.generated })) {
      const generated = spec.generated?.[column] !== undefined;
      yield* createDefault(writer, { relation: oid, attribute: numberOf(relation, column), text, generated });
    }
    for (const [check, text] of Object.entries(spec.checks ?? {})) yield* this.createCheck(writer, oid, check, text);
    if (spec.primaryKey !== undefined) {
      yield* this.createIndex(writer, oid, { name: `${name}_pkey`, on: spec.primaryKey, unique: true }, true);
    }
    for (const index of spec.indexes ?? []) yield* this.createIndex(writer, oid, index, false);
    for (const key of spec.foreignKeys ?? []) yield* this.createForeignKey(writer, oid, key);
  }

  async addIndex(table: string, spec: IndexSpec): Promise<void> {
    await this.change((writer) => this.createIndex(writer, this.find(writer, table).oid, spec, false));
  }

  async addForeignKey(table: string, spec: ForeignKeySpec): Promise<void> {
    await this.change((writer) => this.createForeignKey(writer, this.find(writer, table).oid, spec));
  }

  async addCheck(table: string, name: string, text: string): Promise<void> {
    await this.change((writer) => this.createCheck(writer, this.find(writer, table).oid, name, text));
  }

  private find(writer: CatalogWriter, table: string): RelationDesc {
    const found = this.catalog.view(writer.transaction, PATH).relationByName(table, null);
    if (found === undefined) throw new Error(`no table ${table}`);
    return found;
  }

  private *createCheck(writer: CatalogWriter, oid: number, name: string, check: string): Task<void> {
    yield* createConstraint(writer, { name, namespace: PUBLIC, kind: 'c', relation: oid, check });
  }

  private *createForeignKey(writer: CatalogWriter, oid: number, key: ForeignKeySpec): Task<void> {
    const parent = this.find(writer, key.references);
    const child = this.catalog.view(writer.transaction, PATH).relation(oid);
    if (child === undefined) throw new Error('no such table');
    const foreignKey = key.key.map((column) => numberOf(parent, column));
    const index = parent.indexes.find(
      (candidate) => candidate.unique && candidate.attributes.every((number) => foreignKey.includes(number)),
    );
    yield* createConstraint(writer, {
      name: key.name,
      namespace: PUBLIC,
      kind: 'f',
      relation: oid,
      index: index?.oid,
      key: key.columns.map((column) => numberOf(child, column)),
      deferrable: key.deferrable !== undefined,
      deferred: key.deferrable === 'deferred',
      foreign: {
        relation: parent.oid,
        key: foreignKey,
        onUpdate: key.onUpdate ?? 'a',
        onDelete: key.onDelete ?? 'a',
        match: key.match ?? 's',
        setColumns: key.setColumns?.map((column) => numberOf(child, column)),
        pfOperators: [INT4_EQ],
        ppOperators: [INT4_EQ],
        ffOperators: [INT4_EQ],
      },
    });
  }

  private *createIndex(writer: CatalogWriter, oid: number, spec: IndexSpec, primary: boolean): Task<void> {
    const relation = this.catalog.view(writer.transaction, PATH).relation(oid);
    if (relation === undefined) throw new Error('no such table');
    const columns = spec.on.map((text) => {
      const attribute = relation.attributes.find((candidate) => candidate.name === text);
      const type = attribute?.type ?? (text.includes('lower') ? TYPES.text : TYPES.int4);
      const opclass = this.catalog.view(writer.transaction, PATH).defaultOpclass(type, 'btree')?.oid ?? 0;
      const base = { typmod: -1, opclass, collation: type === 25 ? 100 : 0, descending: false, nullsFirst: false };
      return attribute === undefined
        ? { ...base, attribute: 0, name: 'expr', type, expression: text }
        : { ...base, attribute: attribute.number, name: text, type };
    });
    const owned = primary || spec.deferrable !== undefined;
    const index = yield* createIndex(writer, {
      name: spec.name,
      relation,
      method: BTREE,
      columns,
      keyColumns: columns.length,
      unique: spec.unique ?? false,
      nullsNotDistinct: spec.nullsNotDistinct,
      primary,
      immediate: spec.deferrable === undefined,
      predicate: spec.where,
      forConstraint: owned,
    });
    if (!owned) return;
    yield* createConstraint(writer, {
      name: spec.name,
      namespace: PUBLIC,
      kind: primary ? 'p' : 'u',
      relation: oid,
      index: index.oid,
      key: columns.map(({ attribute }) => attribute),
      deferrable: spec.deferrable !== undefined,
      deferred: spec.deferrable === 'deferred',
    });
  }
}

function numberOf(relation: RelationDesc, column: string): number {
  const found = relation.attributes.find((attribute) => attribute.name === column);
  if (found === undefined) throw new Error(`no column ${column}`);
  return found.number;
}

export class Connection implements BinderServices, ExecServices {
  readonly store: Store;
  readonly functions = builtinFunctions;
  readonly types: SessionTypes;
  readonly database = 'bench';
  readonly currentRole = 10;
  readonly session: SessionServices;
  readonly cascade: CascadeBinding;
  private open: Transaction | null = null;

  constructor(private readonly bench: Bench) {
    this.store = bench.store;
    const settings = {
      dateStyle: 'ISO',
      dateOrder: 'MDY',
      intervalStyle: 'postgres',
      timeZone: 'UTC',
      extraFloatDigits: 1,
      byteaOutput: 'hex',
    } as const;
    this.types = new SessionTypes(
      { ...settings },
      () => this.catalog,
      () => ({ view: this.catalog, database: 'bench', parseTypeName: () => 0 }),
    );
    this.session = sessionServices;
    this.cascade = {
      target: (relation) => bindWriteTarget(this.bindContext(), relation).target,
      defaultOf: (relation, attribute) => defaultExpr(this.bindContext(), relation, attribute),
      generatedOf: (attribute, { relation, columns }) =>
        generatedExpr(
          this.bindContext(),
          relation,
          attribute,
          relation.attributes.map((column, i) => ({
            ...column,
            id: columns[i],
            tableOid: relation.oid,
            columnNumber: i + 1,
          })),
        ),
    };
  }

  private bindContext(): BindContext {
    return new BindContext(this, '');
  }

  private transaction(): Transaction {
    if (this.open === null) throw new Error('no transaction');
    return this.open;
  }

  get catalog() {
    return this.bench.catalog.view(this.transaction(), PATH);
  }

  rowCount(relation: RelationDesc): number {
    return this.store.heap(relation.storage, { columns: relation.attributes.length }).rowCount;
  }

  identitySequence(): number {
    return 0;
  }

  domainChecks(): never[] {
    return [];
  }

  notice(): void {}

  begin(isolation: IsolationLevel = 'read committed'): Transaction {
    this.open = this.store.begin(isolation);
    return this.open;
  }

  async commit(): Promise<void> {
    const transaction = this.transaction();
    try {
      await runTask(DeferredChecks.of(transaction).run());
      await runTask(transaction.commit({ synchronous: true }));
    } finally {
      this.rollback();
    }
  }

  rollback(): void {
    this.open?.rollback();
    this.open = null;
  }

  /** Runs one statement, in a transaction of its own unless one is open. An error rolls it back. */
  async run(sql: string, params: readonly Datum[] = []): Promise<Result> {
    const single = this.open === null;
    if (single) this.begin();
    try {
      const result = await this.execute(sql, params);
      if (single) await this.commit();
      return result;
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  /** The plan of a statement, to be run many times. */
  prepare(sql: string): Execution {
    const [statement] = parseSql(sql);
    return new Execution(planStatement(this, sql, statement.node, [], true), this, instantiate);
  }

  private async execute(sql: string, params: readonly Datum[]): Promise<Result> {
    const transaction = this.transaction();
    const execution = this.prepare(sql);
    const snapshot = transaction.snapshot();
    const rows: Row[] = [];
    try {
      execution.start(transaction, snapshot, params);
      for (;;) {
        const ready = execution.tryNextBatch();
        const batch = ready === undefined ? await runTask(execution.nextBatch()) : ready;
        if (batch === null) break;
        for (let i = 0; i < batch.length; i++) rows.push([...batch.rows[i]]);
      }
      return { rows, affected: execution.rowsAffected };
    } finally {
      execution.close();
      transaction.releaseSnapshot(snapshot);
      transaction.nextCommand();
    }
  }

  async rows(sql: string, params: readonly Datum[] = []): Promise<Row[]> {
    return (await this.run(sql, params)).rows;
  }
}

const sessionServices: SessionServices = {
  database: 'bench',
  currentUser: 'orbit',
  sessionUser: 'orbit',
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
};
