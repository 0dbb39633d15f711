/**
 * A `CatalogView`: a state of the catalogs seen along a search path. Lookups by OID are those of the state; lookups by
 * name are memoised here.
 */

import { PRIVILEGE } from '../types/acl/acl-item.js';
import type { Datum } from '../types/datum.js';
import type { CollationFacts } from '../types/text/collator.js';
import { schemaRights } from './acl/rights.js';
import { isBinaryCoercible } from './binary-coercible.js';
import type { CatalogState } from './catalog-state.js';
import { familyKey } from './catalog-state.js';
import type {
  AggregateDesc,
  CastDesc,
  CatalogView,
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
  TypeDesc,
} from './descriptors.js';
import { UTF8_ENCODING } from './encodings.js';
import { PG_CATALOG_NAMESPACE } from './known-oids.js';
import type { Memo } from './memo.js';
import type { SystemRow } from './system-row.js';

/** A search path as set, and what its special names stand for. */
export interface SearchPath {
  /** Schema names in order; `$user` and `pg_temp` have their special meaning. */
  readonly names: readonly string[];
  /** Name of the current user. */
  readonly user: string;
  /** OID of the session's temporary schema, 0 while it has none. */
  readonly temporary: number;
}

interface ResolvedPath {
  readonly searched: readonly number[];
  readonly creation: number;
}

/** What a search path depends on: schemas that the user may not use are left out. */
const PATH_TABLES = ['pg_namespace', 'pg_authid', 'pg_auth_members', 'pg_database'] as const;
const ANY_ENCODING = -1;

export class SearchPathView implements CatalogView {
  private readonly path: Memo<'path', ResolvedPath>;
  private readonly typeNames: Memo<string, number>;
  private readonly relationNames: Memo<string, number>;
  private readonly procNames: Memo<string, readonly ProcDesc[]>;
  private readonly operatorNames: Memo<string, readonly OperatorDesc[]>;
  private readonly collationNames: Memo<string, number | undefined>;

  constructor(
    readonly state: CatalogState,
    private readonly names: SearchPath,
  ) {
    this.path = state.memo(PATH_TABLES, undefined, () => this.resolvePath());
    this.typeNames = state.memo(['pg_type', ...PATH_TABLES], undefined, (name) =>
      this.nearest('pg_type_typname_nsp_index', name, 'typnamespace'),
    );
    this.relationNames = state.memo(['pg_class', ...PATH_TABLES], undefined, (name) =>
      this.nearest('pg_class_relname_nsp_index', name, 'relnamespace'),
    );
    this.procNames = state.memo(['pg_proc', ...PATH_TABLES], undefined, (name) =>
      this.alongPath(state.procNames.get(name), (proc) => proc.argTypes.join()),
    );
    this.operatorNames = state.memo(['pg_operator', 'pg_proc', ...PATH_TABLES], undefined, (name) =>
      this.alongPath(state.operatorNames.get(name), (operator) => `${operator.left},${operator.right}`),
    );
    this.collationNames = state.memo(['pg_collation', ...PATH_TABLES], undefined, (name) => this.findCollation(name));
  }

  get version(): number {
    return this.state.version;
  }

  get searchPath(): readonly number[] {
    return this.path.get('path').searched;
  }

  get creationNamespace(): number {
    return this.path.get('path').creation;
  }

  type(oid: number): TypeDesc | undefined {
    return this.state.types.get(oid);
  }

  typeByName(name: string, namespace: number | null): TypeDesc | undefined {
    const oid =
      namespace === null ? this.typeNames.get(name) : this.inNamespace('pg_type_typname_nsp_index', name, namespace);
    return oid === 0 ? undefined : this.state.types.get(oid);
  }

  namespaceByName(name: string): NamespaceDesc | undefined {
    if (name === 'pg_temp') return this.names.temporary === 0 ? undefined : this.namespace(this.names.temporary);
    return this.state.namespaceNames.get(name);
  }

  namespace(oid: number): NamespaceDesc | undefined {
    return this.state.namespaces.get(oid);
  }

  relation(oid: number): RelationDesc | undefined {
    return this.state.relations.get(oid);
  }

  relationByName(name: string, namespace: number | null): RelationDesc | undefined {
    const oid =
      namespace === null
        ? this.relationNames.get(name)
        : this.inNamespace('pg_class_relname_nsp_index', name, namespace);
    return oid === 0 ? undefined : this.state.relations.get(oid);
  }

  index(oid: number): IndexDesc | undefined {
    const table = this.state.indexTables.get(oid);
    return table === 0 ? undefined : this.relation(table)?.indexes.find((index) => index.oid === oid);
  }

  proc(oid: number): ProcDesc | undefined {
    return this.state.procs.get(oid);
  }

  procsByName(name: string, namespace: number | null): readonly ProcDesc[] {
    if (namespace === null) return this.procNames.get(name);
    return this.state.procNames.get(name).filter((proc) => proc.namespace === namespace);
  }

  operator(oid: number): OperatorDesc | undefined {
    return this.state.operators.get(oid);
  }

  operatorsByName(name: string, namespace: number | null): readonly OperatorDesc[] {
    if (namespace === null) return this.operatorNames.get(name);
    return this.state.operatorNames.get(name).filter((operator) => operator.namespace === namespace);
  }

  cast(source: number, target: number): CastDesc | undefined {
    return this.state.casts.get(source).get(target);
  }

  aggregate(proc: number): AggregateDesc | undefined {
    return this.state.aggregates.get(proc);
  }

  constraint(oid: number): ConstraintDesc | undefined {
    return this.state.constraints.get(oid);
  }

  opclass(oid: number): OpclassDesc | undefined {
    return this.state.opclasses.get(oid);
  }

  defaultOpclass(type: number, method: string): OpclassDesc | undefined {
    const base = this.baseType(type);
    const candidates = this.state.methodOpclasses.get(method).filter((opclass) => opclass.isDefault);
    const exact = candidates.find((opclass) => opclass.inputType === base);
    if (exact !== undefined) return exact;
    const coercible = candidates.filter((opclass) => isBinaryCoercible(this, base, opclass.inputType));
    return coercible.find((opclass) => this.type(opclass.inputType)?.preferred === true) ?? coercible[0];
  }

  opclassByName(name: string, namespace: number | null, method: string): OpclassDesc | undefined {
    const named = this.state.methodOpclasses.get(method).filter((opclass) => opclass.name === name);
    if (namespace !== null) return named.find((opclass) => opclass.namespace === namespace);
    return this.alongPath(named, (opclass) => opclass.name)[0];
  }

  familyOperator(family: number, left: number, right: number, strategy: number): number {
    return this.state.familyOperators.get(family).get(familyKey(left, right, strategy)) ?? 0;
  }

  operatorStrategies(operator: number): readonly OperatorStrategy[] {
    return this.state.strategies.get(operator);
  }

  ginStrategies(operator: number): readonly OperatorStrategy[] {
    return this.state.ginStrategies.get(operator);
  }

  familyFunction(family: number, left: number, right: number, number: number): number {
    return this.state.familyFunctions.get(family).get(familyKey(left, right, number)) ?? 0;
  }

  collation(oid: number): CollationFacts | undefined {
    return this.state.collations.get(oid);
  }

  collationByName(name: string, namespace: number | null): number | undefined {
    if (namespace === null) return this.collationNames.get(name);
    return this.collationRows(name)
      .find((row) => row.number('collnamespace') === namespace)
      ?.number('oid');
  }

  role(oid: number): RoleDesc | undefined {
    return this.state.roles.get(oid);
  }

  roleByName(name: string): RoleDesc | undefined {
    return this.state.roleNames.get(name);
  }

  actingRoles(role: number): ReadonlySet<number> {
    return this.state.actingRoles.get(role);
  }

  memberRoles(role: number): ReadonlySet<number> {
    return this.state.memberRoles.get(role);
  }

  enumValues(type: number): readonly EnumValueDesc[] {
    return this.state.enums.get(type);
  }

  enumValue(oid: number): EnumValueDesc | undefined {
    return this.state.enumOids.get(oid);
  }

  range(type: number): RangeDesc | undefined {
    return this.state.ranges.get(type);
  }

  columnStatistics(relation: number, attribute: number): ColumnStatistics | null {
    return this.state.statistics.get(`${relation} ${attribute}`);
  }

  extendedStatistics(relation: number): readonly ExtendedStatistics[] {
    return this.state.extendedStatistics.get(relation);
  }

  accessMethod(oid: number): string {
    return this.state.methods.get(oid);
  }

  rows(index: string, values: readonly Datum[]): SystemRow[] {
    return this.state.rows(index, values);
  }

  relationVisible(oid: number): boolean {
    const found = this.state.relations.get(oid);
    return found !== undefined && this.relationNames.get(found.name) === oid;
  }

  typeVisible(oid: number): boolean {
    const found = this.state.types.get(oid);
    return found !== undefined && this.typeNames.get(found.name) === oid;
  }

  procVisible(oid: number): boolean {
    const found = this.state.procs.get(oid);
    return found !== undefined && this.procNames.get(found.name).includes(found);
  }

  operatorVisible(oid: number): boolean {
    const found = this.state.operators.get(oid);
    return found !== undefined && this.operatorNames.get(found.name).includes(found);
  }

  private baseType(oid: number): number {
    let type = this.type(oid);
    while (type !== undefined && type.kind === 'd') type = this.type(type.baseType);
    return type?.oid ?? oid;
  }

  /** The temporary schema and pg_catalog are searched first unless the path names them. */
  private resolvePath(): ResolvedPath {
    const listed: number[] = [];
    let creation = 0;
    for (const name of this.names.names) {
      const oid = this.schemaOfPath(name);
      if (oid === 0 || listed.includes(oid) || !this.mayUse(oid)) continue;
      listed.push(oid);
      if (creation === 0) creation = oid;
    }
    const searched = listed.slice();
    if (!searched.includes(PG_CATALOG_NAMESPACE)) searched.unshift(PG_CATALOG_NAMESPACE);
    const { temporary } = this.names;
    if (temporary !== 0 && !searched.includes(temporary)) searched.unshift(temporary);
    return { searched, creation };
  }

  private mayUse(schema: number): boolean {
    const role = this.roleByName(this.names.user);
    if (role === undefined || role.superuser || schema === this.names.temporary) return true;
    return ((schemaRights(this, role.oid, schema)?.privileges ?? 0) & PRIVILEGE.USAGE) !== 0;
  }

  private schemaOfPath(name: string): number {
    return this.namespaceByName(name === '$user' ? this.names.user : name)?.oid ?? 0;
  }

  private nearest(index: string, name: string, namespaceColumn: string): number {
    const rows = this.state.rows(index, [name]);
    for (const namespace of this.searchPath) {
      const row = rows.find((candidate) => candidate.number(namespaceColumn) === namespace);
      if (row !== undefined) return row.number('oid');
    }
    return 0;
  }

  private inNamespace(index: string, name: string, namespace: number): number {
    return this.state.rows(index, [name, namespace])[0]?.number('oid') ?? 0;
  }

  /** Objects of the path's schemas, nearest first; a farther one of the same identity is hidden. */
  private alongPath<T extends { readonly namespace: number }>(all: readonly T[], identity: (item: T) => string): T[] {
    const seen = new Set<string>();
    const found: T[] = [];
    for (const namespace of this.searchPath) {
      // Functions and operators are never looked up in the temporary schema.
      if (namespace === this.names.temporary) continue;
      for (const item of all) {
        if (item.namespace !== namespace || seen.has(identity(item))) continue;
        seen.add(identity(item));
        found.push(item);
      }
    }
    return found;
  }

  private collationRows(name: string): SystemRow[] {
    return this.state
      .rows('pg_collation_name_enc_nsp_index', [name])
      .filter((row) => [UTF8_ENCODING, ANY_ENCODING].includes(row.number('collencoding')));
  }

  private findCollation(name: string): number | undefined {
    const rows = this.collationRows(name);
    for (const namespace of this.searchPath) {
      const row = rows.find((candidate) => candidate.number('collnamespace') === namespace);
      if (row !== undefined) return row.number('oid');
    }
    return undefined;
  }
}
