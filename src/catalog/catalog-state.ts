/**
 * Everything known of the catalogs in one state of affairs: the committed one, shared by all transactions without
 * DDL of their own, or that of one transaction with uncommitted DDL. Descriptors are built on first use and kept
 * until a table they come from changes. Lookups that depend on the search path are in search-path-view.ts.
 */

import type { Transaction } from '../storage/api.js';
import type { Datum, Row } from '../types/datum.js';
import type { CollationFacts } from '../types/text/collator.js';
import type { TypeCatalog } from '../types/type-context.js';
import { aclOf } from './acl/stored-acl.js';
import { buildExtendedStatistics, buildStatistics } from './build-statistics.js';
import * as build from './descriptor-builders.js';
import type {
  AggregateDesc,
  AttributeDesc,
  CastDesc,
  ColumnStatistics,
  ConstraintDesc,
  EnumValueDesc,
  ExtendedStatistics,
  IndexDesc,
  NamespaceDesc,
  OpclassDesc,
  OperatorDesc,
  OperatorStrategy,
  ProcDesc,
  RangeDesc,
  RelationDesc,
  RoleDesc,
  TriggerDesc,
  TypeDesc,
} from './descriptors.js';
import { BTREE_AM, GIN_AM } from './known-oids.js';
import { Memo } from './memo.js';
import { rolesOf } from './role-membership.js';
import type { SystemAccess } from './system-access.js';
import { SystemRow } from './system-row.js';
import type { CodecSource } from './type-codecs.js';

const RELATION_TABLES = [
  'pg_class',
  'pg_attribute',
  'pg_attrdef',
  'pg_index',
  'pg_constraint',
  'pg_rewrite',
  'pg_trigger',
] as const;
const OPCLASS_TABLES = ['pg_opclass', 'pg_opfamily', 'pg_amop', 'pg_amproc', 'pg_am'] as const;
const MEMBERSHIP_TABLES = ['pg_auth_members', 'pg_authid', 'pg_database'] as const;
const RETURN_RULE = '_RETURN';
const EMPTY: readonly never[] = [];
const WITHOUT_STORAGE = new Set(['v', 'c', 'f', 'p', 'I']);

export class CatalogState {
  private readonly memos: Memo<never, unknown>[] = [];
  /** Unique over all states: no two contents have the same number. */
  version: number;
  /** For codecs of types that are made of others. Names are looked up in pg_catalog only. */
  readonly typeCatalog: TypeCatalog;

  readonly types: Memo<number, TypeDesc | undefined>;
  readonly procs: Memo<number, ProcDesc | undefined>;
  readonly procNames: Memo<string, readonly ProcDesc[]>;
  readonly operators: Memo<number, OperatorDesc | undefined>;
  readonly operatorNames: Memo<string, readonly OperatorDesc[]>;
  readonly relations: Memo<number, RelationDesc | undefined>;
  /** The table of an index, 0 when there is no such index. */
  readonly indexTables: Memo<number, number>;
  readonly casts: Memo<number, ReadonlyMap<number, CastDesc>>;
  readonly aggregates: Memo<number, AggregateDesc | undefined>;
  readonly constraints: Memo<number, ConstraintDesc | undefined>;
  readonly foreignKeys: Memo<'all', ReadonlyMap<number, readonly ConstraintDesc[]>>;
  readonly opclasses: Memo<number, OpclassDesc | undefined>;
  readonly methodOpclasses: Memo<string, readonly OpclassDesc[]>;
  readonly familyOperators: Memo<number, ReadonlyMap<string, number>>;
  readonly familyFunctions: Memo<number, ReadonlyMap<string, number>>;
  readonly strategies: Memo<number, readonly OperatorStrategy[]>;
  readonly ginStrategies: Memo<number, readonly OperatorStrategy[]>;
  readonly collations: Memo<number, CollationFacts | undefined>;
  readonly namespaces: Memo<number, NamespaceDesc | undefined>;
  readonly namespaceNames: Memo<string, NamespaceDesc | undefined>;
  readonly databaseNames: Memo<number, string | undefined>;
  readonly roles: Memo<number, RoleDesc | undefined>;
  readonly roleNames: Memo<string, RoleDesc | undefined>;
  readonly actingRoles: Memo<number, ReadonlySet<number>>;
  readonly memberRoles: Memo<number, ReadonlySet<number>>;
  readonly enums: Memo<number, readonly EnumValueDesc[]>;
  readonly enumOids: Memo<number, EnumValueDesc | undefined>;
  readonly ranges: Memo<number, RangeDesc | undefined>;
  /** By relation and attribute. */
  readonly statistics: Memo<string, ColumnStatistics | null>;
  readonly extendedStatistics: Memo<number, readonly ExtendedStatistics[]>;
  readonly methods: Memo<number, string>;
  readonly methodNames: Memo<string, number>;

  constructor(
    readonly access: SystemAccess,
    /** OID of the database. */
    readonly database: number,
    readonly transaction: Transaction,
    private readonly codecs: CodecSource,
    parent: CatalogState | null,
    version: number,
    typeCatalogOf: (state: CatalogState) => TypeCatalog,
  ) {
    this.version = version;
    this.typeCatalog = typeCatalogOf(this);
    const p = parent;
    const source = (oid: number): string => this.procs.get(oid)?.source ?? '';
    this.procs = this.memo(['pg_proc'], p?.procs, (oid) => this.one('pg_proc_oid_index', oid, build.buildProc));
    this.procNames = this.memo(['pg_proc'], p?.procNames, (name) => this.loadProcs(name));
    this.types = this.memo(['pg_type', 'pg_range', 'pg_proc'], p?.types, (oid) =>
      this.one('pg_type_oid_index', oid, (row) => build.buildType(row, source, this.codecs.codecOf(row, this))),
    );
    this.operators = this.memo(['pg_operator', 'pg_proc'], p?.operators, (oid) =>
      this.one('pg_operator_oid_index', oid, (row) => build.buildOperator(row, source)),
    );
    this.operatorNames = this.memo(['pg_operator', 'pg_proc'], p?.operatorNames, (name) => this.loadOperators(name));
    this.relations = this.memo(RELATION_TABLES, p?.relations, (oid) =>
      this.one('pg_class_oid_index', oid, (row) => this.buildRelation(row)),
    );
    this.indexTables = this.memo(
      ['pg_index'],
      p?.indexTables,
      (oid) => this.one('pg_index_indexrelid_index', oid, (row) => row.number('indrelid')) ?? 0,
    );
    this.casts = this.memo(['pg_cast'], p?.casts, (type) => this.loadCasts(type));
    this.aggregates = this.memo(['pg_aggregate'], p?.aggregates, (oid) =>
      this.one('pg_aggregate_fnoid_index', oid, build.buildAggregate),
    );
    this.constraints = this.memo(['pg_constraint'], p?.constraints, (oid) =>
      this.one('pg_constraint_oid_index', oid, build.buildConstraint),
    );
    this.foreignKeys = this.memo(['pg_constraint'], p?.foreignKeys, () => this.loadForeignKeys());
    const opclass = (row: SystemRow): OpclassDesc => build.buildOpclass(row, this.methods.get(row.number('opcmethod')));
    this.opclasses = this.memo(OPCLASS_TABLES, p?.opclasses, (oid) => this.one('pg_opclass_oid_index', oid, opclass));
    this.methodOpclasses = this.memo(OPCLASS_TABLES, p?.methodOpclasses, (method) =>
      this.rows('pg_opclass_am_name_nsp_index', [this.methodNames.get(method)]).map(opclass),
    );
    this.familyOperators = this.memo(OPCLASS_TABLES, p?.familyOperators, (family) => this.loadFamilyOperators(family));
    this.familyFunctions = this.memo(OPCLASS_TABLES, p?.familyFunctions, (family) => this.loadFamilyFunctions(family));
    this.strategies = this.memo(OPCLASS_TABLES, p?.strategies, (oid) => this.loadStrategies(oid, BTREE_AM));
    this.ginStrategies = this.memo(OPCLASS_TABLES, p?.ginStrategies, (oid) => this.loadStrategies(oid, GIN_AM));
    this.collations = this.memo(['pg_collation'], p?.collations, (oid) =>
      this.one('pg_collation_oid_index', oid, build.buildCollation),
    );
    this.namespaces = this.memo(['pg_namespace'], p?.namespaces, (oid) =>
      this.one('pg_namespace_oid_index', oid, build.buildNamespace),
    );
    this.namespaceNames = this.memo(['pg_namespace'], p?.namespaceNames, (name) =>
      this.one('pg_namespace_nspname_index', name, build.buildNamespace),
    );
    this.databaseNames = this.memo(['pg_database'], p?.databaseNames, (oid) =>
      this.one('pg_database_oid_index', oid, (row) => row.text('datname')),
    );
    this.roles = this.memo(['pg_authid'], p?.roles, (oid) => this.one('pg_authid_oid_index', oid, build.buildRole));
    this.roleNames = this.memo(['pg_authid'], p?.roleNames, (name) =>
      this.one('pg_authid_rolname_index', name, build.buildRole),
    );
    this.actingRoles = this.memo(MEMBERSHIP_TABLES, p?.actingRoles, (role) => rolesOf(this, role, true));
    this.memberRoles = this.memo(MEMBERSHIP_TABLES, p?.memberRoles, (role) => rolesOf(this, role, false));
    this.enums = this.memo(['pg_enum'], p?.enums, (type) =>
      this.rows('pg_enum_typid_sortorder_index', [type]).map(buildEnumValue),
    );
    this.enumOids = this.memo(['pg_enum'], p?.enumOids, (oid) => this.one('pg_enum_oid_index', oid, buildEnumValue));
    this.ranges = this.memo(['pg_range'], p?.ranges, (oid) => this.loadRange(oid));
    this.statistics = this.memo(['pg_statistic'], p?.statistics, (key) => {
      const [found] = this.rows('pg_statistic_relid_att_inh_index', [...key.split(' ').map(Number), false]);
      return found === undefined ? null : buildStatistics(found);
    });
    this.extendedStatistics = this.memo(
      ['pg_statistic_ext', 'pg_statistic_ext_data'],
      p?.extendedStatistics,
      (relation) => this.loadExtendedStatistics(relation),
    );
    this.methods = this.memo(['pg_am'], p?.methods, (oid) =>
      oid === 0 ? '' : (this.one('pg_am_oid_index', oid, (row) => row.text('amname')) ?? ''),
    );
    this.methodNames = this.memo(
      ['pg_am'],
      p?.methodNames,
      (name) => this.one('pg_am_name_index', name, (row) => row.number('oid')) ?? 0,
    );
  }

  /** Drops what came from the given tables. `own`: they were changed by this state's transaction. */
  forget(changed: ReadonlySet<string>, own: boolean, version: number): void {
    for (const memo of this.memos) memo.forget(changed, own);
    this.version = version;
  }

  /** Drops what this state holds itself, after a rollback to a savepoint. */
  clear(version: number): void {
    for (const memo of this.memos) memo.clear();
    this.version = version;
  }

  /** Rows whose first columns of a system index equal `values`. */
  rows(index: string, values: readonly Datum[]): SystemRow[] {
    const { table } = this.access.tables.index(index);
    return this.access.find(this.transaction, index, values).map(({ row }) => new SystemRow(table, row));
  }

  /** The same, undecorated, for SQL functions that show catalog contents. */
  rawRows(index: string, values: readonly Datum[]): Row[] {
    return this.access.find(this.transaction, index, values).map(({ row }) => row);
  }

  private one<T>(index: string, key: Datum, make: (row: SystemRow) => T): T | undefined {
    const found = this.rows(index, [key]);
    return found.length === 0 ? undefined : make(found[0]);
  }

  /** Makes a memo that empties with this state; also for the views over it. */
  memo<K, V>(tables: readonly string[], parent: Memo<K, V> | undefined, load: (key: K) => V): Memo<K, V> {
    const memo = new Memo<K, V>(tables, load, parent ?? null);
    this.memos.push(memo as unknown as Memo<never, unknown>);
    return memo;
  }

  private loadProcs(name: string): readonly ProcDesc[] {
    const rows = this.rows('pg_proc_proname_args_nsp_index', [name]);
    return rows.flatMap((row) => this.procs.get(row.number('oid')) ?? []);
  }

  private loadOperators(name: string): readonly OperatorDesc[] {
    const rows = this.rows('pg_operator_oprname_l_r_n_index', [name]);
    return rows.flatMap((row) => this.operators.get(row.number('oid')) ?? []);
  }

  private loadCasts(type: number): ReadonlyMap<number, CastDesc> {
    const casts = this.rows('pg_cast_source_target_index', [type]).map(build.buildCast);
    return new Map(casts.map((cast) => [cast.target, cast]));
  }

  private loadForeignKeys(): ReadonlyMap<number, readonly ConstraintDesc[]> {
    const table = this.access.tables.table('pg_constraint');
    const found = new Map<number, ConstraintDesc[]>();
    for (const { row } of this.access.scan(this.transaction, table)) {
      const fact = new SystemRow(table, row);
      if (fact.text('contype') !== 'f') continue;
      const constraint = this.constraints.get(fact.number('oid'));
      if (constraint === undefined) continue;
      const group = found.get(constraint.foreignRelation);
      if (group === undefined) found.set(constraint.foreignRelation, [constraint]);
      else group.push(constraint);
    }
    return found;
  }

  private loadFamilyOperators(family: number): ReadonlyMap<string, number> {
    const rows = this.rows('pg_amop_fam_strat_index', [family]).filter((row) => row.text('amoppurpose') === 's');
    return new Map(
      rows.map((row) => [
        familyKey(row.number('amoplefttype'), row.number('amoprighttype'), row.number('amopstrategy')),
        row.number('amopopr'),
      ]),
    );
  }

  private loadFamilyFunctions(family: number): ReadonlyMap<string, number> {
    return new Map(
      this.rows('pg_amproc_fam_proc_index', [family]).map((row) => [
        familyKey(row.number('amproclefttype'), row.number('amprocrighttype'), row.number('amprocnum')),
        row.number('amproc'),
      ]),
    );
  }

  private loadStrategies(operator: number, method: number): readonly OperatorStrategy[] {
    return this.rows('pg_amop_opr_fam_index', [operator, 's'])
      .filter((row) => row.number('amopmethod') === method)
      .map((row) => ({
        family: row.number('amopfamily'),
        strategy: row.number('amopstrategy'),
        left: row.number('amoplefttype'),
        right: row.number('amoprighttype'),
      }));
  }

  private loadExtendedStatistics(relation: number): readonly ExtendedStatistics[] {
    return this.rows('pg_statistic_ext_relid_index', [relation])
      .sort((a, b) => a.number('oid') - b.number('oid'))
      .flatMap((object) =>
        this.rows('pg_statistic_ext_data_stxoid_inh_index', [object.number('oid'), false]).map((data) =>
          buildExtendedStatistics(object, data, this.access.tables.table('pg_statistic')),
        ),
      );
  }

  private loadRange(oid: number): RangeDesc | undefined {
    const make = (row: SystemRow): RangeDesc => ({
      range: row.number('rngtypid'),
      subtype: row.number('rngsubtype'),
      multirange: row.number('rngmultitypid'),
      collation: row.number('rngcollation'),
      opclass: row.number('rngsubopc'),
      canonical: row.number('rngcanonical'),
      difference: row.number('rngsubdiff'),
    });
    return this.one('pg_range_rngtypid_index', oid, make) ?? this.one('pg_range_rngmultitypid_index', oid, make);
  }

  private buildRelation(row: SystemRow): RelationDesc {
    const oid = row.number('oid');
    const kind = relationKind(row.text('relkind'));
    const constraints = this.rows('pg_constraint_conrelid_contypid_conname_index', [oid]).flatMap(
      (found) => this.constraints.get(found.number('oid')) ?? [],
    );
    return {
      oid,
      name: row.text('relname'),
      namespace: row.number('relnamespace'),
      rowType: row.number('reltype'),
      owner: row.number('relowner'),
      acl: aclOf(row.datum('relacl')),
      storage: WITHOUT_STORAGE.has(kind) ? 0 : this.access.relationStorage(row),
      kind,
      persistence: relationPersistence(row.text('relpersistence')),
      attributes: this.loadAttributes(oid, row.number('relnatts')),
      indexes: row.boolean('relhasindex') ? this.loadIndexes(oid, constraints) : EMPTY,
      constraints,
      referencedBy: this.foreignKeys.get('all').get(oid) ?? EMPTY,
      viewQuery: kind === 'v' || kind === 'm' ? this.viewQuery(oid) : null,
      populated: kind !== 'm' || row.boolean('relispopulated'),
      triggers: row.boolean('relhastriggers') ? this.loadTriggers(oid) : EMPTY,
      rowSecurity: row.boolean('relrowsecurity'),
      options: row.textsOrNull('reloptions') ?? EMPTY,
      tuples: row.number('reltuples'),
    };
  }

  private loadAttributes(relation: number, count: number): readonly AttributeDesc[] {
    const defaults = new Map(
      this.rows('pg_attrdef_adrelid_adnum_index', [relation]).map((row) => [
        row.number('adnum'),
        row.textOrNull('adbin'),
      ]),
    );
    const attributes: AttributeDesc[] = [];
    for (const row of this.rows('pg_attribute_relid_attnum_index', [relation])) {
      const number = row.number('attnum');
      if (number > 0) attributes.push(build.buildAttribute(row, defaults.get(number) ?? null));
    }
    if (attributes.length !== count)
      throw new Error(`relation ${relation} has ${attributes.length} of ${count} columns`);
    return attributes.sort((a, b) => a.number - b.number);
  }

  private loadIndexes(relation: number, constraints: readonly ConstraintDesc[]): readonly IndexDesc[] {
    return this.rows('pg_index_indrelid_index', [relation])
      .flatMap((row) => {
        const oid = row.number('indexrelid');
        const owner = constraints.find((c) => c.index === oid && (c.kind === 'p' || c.kind === 'u' || c.kind === 'x'));
        const relationRow = this.rows('pg_class_oid_index', [oid])[0];
        if (relationRow === undefined) return [];
        const method = this.methods.get(relationRow.number('relam'));
        const storage = this.access.relationStorage(relationRow);
        return build.buildIndex(row, relationRow, storage, method, owner?.oid ?? 0);
      })
      .sort((a, b) => a.oid - b.oid);
  }

  private loadTriggers(relation: number): readonly TriggerDesc[] {
    return this.rows('pg_trigger_tgrelid_tgname_index', [relation])
      .map(build.buildTrigger)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private viewQuery(relation: number): string | null {
    const rule = this.rows('pg_rewrite_rel_rulename_index', [relation, RETURN_RULE])[0];
    return rule === undefined ? null : rule.textOrNull('ev_action');
  }
}

/** Key of an entry of an operator family. */
export function familyKey(left: number, right: number, number: number): string {
  return `${left},${right},${number}`;
}

function buildEnumValue(row: SystemRow): EnumValueDesc {
  return {
    oid: row.number('oid'),
    type: row.number('enumtypid'),
    label: row.text('enumlabel'),
    sortOrder: row.number('enumsortorder'),
  };
}

const RELATION_KINDS = ['r', 'i', 'S', 'v', 'm', 'c', 't', 'f', 'p', 'I'] as const;

function relationKind(letter: string): RelationDesc['kind'] {
  const kind = RELATION_KINDS.find((candidate) => candidate === letter);
  if (kind === undefined) throw new Error(`unexpected relkind ${letter}`);
  return kind;
}

function relationPersistence(letter: string): RelationDesc['persistence'] {
  if (letter === 'p' || letter === 'u' || letter === 't') return letter;
  throw new Error(`unexpected relpersistence ${letter}`);
}
