/**
 * Fills a new store with the system tables: the facts of data/pg_catalog/, and the rows that depend on the
 * configuration (superuser, database). One transaction, so that a store is bootstrapped wholly or not at all. Later
 * databases get the facts when they are first connected to.
 * The version of the facts is kept in the store, for later releases that have to migrate.
 */
import type { Store, Transaction } from '../storage/api.js';
import { bitsOfLetters, encodeAclItem, PUBLIC_ROLE } from '../types/acl/acl-item.js';
import { type Datum, PgArray } from '../types/datum.js';
import { ACLITEM } from '../types/oids.js';
import type { TypeCodec } from '../types/type-codec.js';
import { GIVE_WAY, type Task } from '../util/task.js';
import { addInitialPrivileges } from './initial-privileges.js';
import * as known from './known-oids.js';
import { OidAllocator } from './oid-allocator.js';
import { refreshViews } from './refresh-views.js';
import { SystemAccess } from './system-access.js';
import { readSystemData } from './system-data.js';
import { datumOfJson, type SystemTable, SystemTables } from './system-tables.js';
import { systemViewQueries } from './system-views/index.js';
import { addDatabases } from './upgrade-catalog.js';

/** Raised when data/pg_catalog/ or the system views change. 2: several databases. 3: access control lists.
 * 4: views of statistics. 5: views of progress and of functions' calls. */
export const BOOTSTRAP_VERSION = 5;
const META_KEY = 'catalog.bootstrap_version';

export interface BootstrapOptions {
  /** Name of the bootstrap superuser. */
  readonly superuser: string;
  /** Name of the database. */
  readonly database: string;
  /** Password of the superuser as pg_authid.rolpassword holds it, null for none. */
  readonly password?: string | null;
}

/** Tables whose rows come from the facts as they are. */
const EXPORTED = [
  'pg_class pg_attribute pg_index pg_constraint pg_rewrite pg_type pg_proc pg_operator pg_cast pg_aggregate',
  'pg_opclass pg_opfamily pg_amop pg_amproc pg_am pg_language pg_collation pg_conversion pg_range pg_namespace',
  'pg_ts_config pg_ts_config_map pg_ts_dict pg_ts_parser pg_ts_template pg_extension pg_authid pg_auth_members pg_init_privs',
  'sql_features sql_implementation_info sql_parts sql_sizing',
]
  .join(' ')
  .split(' ');

/** The version of the facts in a store, 0 when it is new. */
export function bootstrapVersion(store: Store): number {
  return store.readMeta(META_KEY)?.readUInt32BE(0) ?? 0;
}

/** Fills the store unless that has been done. Returns whether it did anything. */
export function* bootstrapCatalog(
  store: Store,
  codecs: ReadonlyMap<string, TypeCodec>,
  options: BootstrapOptions,
  tables: SystemTables = SystemTables.load(),
): Task<boolean> {
  const version = bootstrapVersion(store);
  if (version === BOOTSTRAP_VERSION) return false;
  if (version > BOOTSTRAP_VERSION)
    throw new Error(`the catalog has version ${version}, this release needs ${BOOTSTRAP_VERSION}`);
  const access = new SystemAccess(store, tables, codecs, (relation) => relation);
  if (version === 0) yield* fillStore(access, options);
  if (version === 1) yield* addDatabases(access);
  if (version === 1 || version === 2) yield* addInitialPrivileges(access);
  if (version > 0) yield* refreshViews(access);
  const saved = Buffer.alloc(4);
  saved.writeUInt32BE(BOOTSTRAP_VERSION, 0);
  store.writeMeta(META_KEY, saved);
  return true;
}

function* fillStore(access: SystemAccess, options: BootstrapOptions): Task<void> {
  const { store, tables } = access;
  const transaction = store.begin('read committed');
  try {
    const loader = new Loader(access, transaction);
    for (const name of EXPORTED) yield* loader.loadFacts(tables.table(name));
    const oids = new OidAllocator(store);
    const home = loader.loadOwn(options, oids);
    oids.close();
    store.setHomeDatabase(home);
    yield* transaction.commit({ synchronous: true });
  } finally {
    if (transaction.state === 'active') transaction.rollback();
  }
}

/** Fills the system tables of one more database. The caller's transaction has made their storages. */
export function* fillDatabase(access: SystemAccess, transaction: Transaction): Task<void> {
  const loader = new Loader(access, transaction);
  for (const name of EXPORTED) {
    const table = access.tables.table(name);
    if (!table.shared) yield* loader.loadFacts(table);
  }
  loader.loadSchemaComments();
}

/** Templates may be connected to, but temporary objects are not for everybody. */
const TEMPLATE_ACL = [
  { grantee: PUBLIC_ROLE, privileges: bitsOfLetters('c') },
  { grantee: known.BOOTSTRAP_SUPERUSER, privileges: bitsOfLetters('CTc') },
].map((item) => encodeAclItem({ ...item, options: 0, grantor: known.BOOTSTRAP_SUPERUSER }));
/** What initdb says of the schemas; pg_dump knows that of public, and leaves it out. */
const SCHEMA_COMMENTS: readonly (readonly [number, string])[] = [
  [11, 'system catalog schema'],
  [99, 'reserved schema for TOAST tables'],
  [known.PUBLIC_NAMESPACE, 'standard public schema'],
];

/** Inserts rows without any check: nobody else is there yet. */
class Loader {
  constructor(
    private readonly access: SystemAccess,
    private readonly transaction: Transaction,
  ) {}

  insert(table: SystemTable, row: Datum[]): void {
    const rowId = this.access.heap(table).insert(this.transaction, row);
    for (const index of table.indexes) {
      this.access.index(index).insert(this.transaction, this.access.keyOfRow(index, row), rowId);
    }
  }

  *loadFacts(table: SystemTable): Task<void> {
    const data = readSystemData(table.name);
    const types = table.columns.map((column) => column.type);
    const queries = table.name === 'pg_rewrite' ? systemViewQueries() : null;
    const owner = table.name === 'pg_rewrite' ? table.position('ev_class') : 0;
    for (const fact of data.rows) {
      const row = fact.map((value, position) => datumOfJson(value, types[position]));
      const query = queries?.get(Number(row[owner]));
      if (query !== undefined) row[table.position('ev_action')] = query;
      this.insert(table, row);
    }
    yield GIVE_WAY;
  }

  /** Returns the OID of the home database. */
  loadOwn(options: BootstrapOptions, oids: OidAllocator): number {
    this.insertNamed('pg_authid', {
      oid: known.BOOTSTRAP_SUPERUSER,
      rolname: options.superuser,
      rolsuper: true,
      rolinherit: true,
      rolcreaterole: true,
      rolcreatedb: true,
      rolcanlogin: true,
      rolreplication: true,
      rolbypassrls: true,
      rolconnlimit: -1,
      rolpassword: options.password ?? null,
    });
    this.insertNamed('pg_tablespace', { oid: known.DEFAULT_TABLESPACE, spcname: 'pg_default', spcowner: 10 });
    this.insertNamed('pg_tablespace', { oid: known.GLOBAL_TABLESPACE, spcname: 'pg_global', spcowner: 10 });
    this.loadSchemaComments();
    const { database } = options;
    this.insertDatabase(known.TEMPLATE1, 'template1', true, true);
    this.insertDatabase(known.TEMPLATE0, 'template0', true, false);
    this.insertDatabase(known.POSTGRES, 'postgres', false, true);
    const isOwn = database !== 'postgres' && database !== 'template1' && database !== 'template0';
    const home = isOwn ? oids.allocate() : known.POSTGRES;
    if (isOwn) this.insertDatabase(home, database, false, true);
    for (const [objoid, description] of known.DATABASE_COMMENTS)
      this.insertNamed('pg_shdescription', { objoid, classoid: known.CLASS.pg_database, description });
    return home;
  }

  loadSchemaComments(): void {
    for (const [objoid, description] of SCHEMA_COMMENTS)
      this.insertNamed('pg_description', { objoid, classoid: known.CLASS.pg_namespace, objsubid: 0, description });
  }

  private insertDatabase(oid: number, name: string, template: boolean, connections: boolean): void {
    this.insertNamed('pg_database', {
      oid,
      datname: name,
      datdba: known.BOOTSTRAP_SUPERUSER,
      encoding: 6,
      datlocprovider: 'c',
      datistemplate: template,
      datallowconn: connections,
      datconnlimit: -1,
      datfrozenxid: 716,
      datminmxid: 1,
      dattablespace: known.DEFAULT_TABLESPACE,
      datcollate: 'C',
      datctype: 'C',
      datacl: template ? PgArray.of(ACLITEM, TEMPLATE_ACL) : null,
    });
  }

  private insertNamed(name: string, values: Readonly<Record<string, Datum>>): void {
    const table = this.access.tables.table(name);
    this.insert(table, table.row(values));
  }
}
