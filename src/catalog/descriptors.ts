/**
 * What the catalogs say about the objects that statements use, decoded once and shared. Descriptors are immutable;
 * a change of the catalog makes new ones. Field names follow the catalog columns without their prefix.
 */

import type { AclItem } from '../types/acl/acl-item.js';
import type { Datum, Row } from '../types/datum.js';
import type { CollationFacts } from '../types/text/collator.js';
import type { TypeCodec } from '../types/type-codec.js';
import type { SystemRow } from './system-row.js';

export interface TypeDesc {
  readonly oid: number;
  readonly name: string;
  readonly namespace: number;
  readonly owner: number;
  /** Null: the default of the kind (acl/privileges.ts). */
  readonly acl: readonly AclItem[] | null;
  readonly len: number;
  readonly byval: boolean;
  /** b base, c composite, d domain, e enum, p pseudo, r range, m multirange */
  readonly kind: 'b' | 'c' | 'd' | 'e' | 'p' | 'r' | 'm';
  readonly category: string;
  readonly preferred: boolean;
  readonly delimiter: string;
  readonly relation: number;
  /** Element type when this is subscriptable, else 0. `isArray`: a true array type (typsubscript = array_subscript_handler). */
  readonly element: number;
  readonly isArray: boolean;
  readonly array: number;
  /** Names of the functions (prosrc): input, output, typmodin. */
  readonly input: string;
  readonly output: string;
  readonly typmodIn: string | null;
  readonly notNull: boolean;
  readonly baseType: number;
  readonly typmod: number;
  readonly collation: number;
  readonly defaultText: string | null;
  /** Undefined for types that have a row but no code. */
  readonly codec: TypeCodec | undefined;
}

export interface ProcDesc {
  readonly oid: number;
  readonly name: string;
  readonly namespace: number;
  readonly owner: number;
  /** Null: the default of the kind (acl/privileges.ts). */
  readonly acl: readonly AclItem[] | null;
  readonly language: number;
  /** f function, p procedure, a aggregate, w window */
  readonly kind: 'f' | 'p' | 'a' | 'w';
  readonly strict: boolean;
  readonly returnsSet: boolean;
  /** i immutable, s stable, v volatile */
  readonly volatility: 'i' | 's' | 'v';
  /** Types of the input arguments. */
  readonly argTypes: readonly number[];
  readonly argDefaults: number;
  /** Element type of the VARIADIC argument, or 0. */
  readonly variadic: number;
  readonly resultType: number;
  readonly allArgTypes: readonly number[] | null;
  readonly argModes: readonly string[] | null;
  readonly argNames: readonly string[] | null;
  /** The SQL text of each default, last arguments first missing; null when none. */
  readonly defaultTexts: readonly string[] | null;
  /** Key of the function registry (sql/functions/registry.ts). */
  readonly source: string;
  /** The statements of a body in SQL-standard form (RETURN, BEGIN ATOMIC); null for others, whose body is `source`. */
  readonly body: string | null;
  readonly securityDefiner: boolean;
  /** `name=value` of SET clauses. */
  readonly config: readonly string[];
  readonly rows: number;
}

export interface OperatorDesc {
  readonly oid: number;
  readonly name: string;
  readonly namespace: number;
  /** b infix, l prefix */
  readonly kind: 'b' | 'l';
  /** 0 for prefix operators. */
  readonly left: number;
  readonly right: number;
  readonly result: number;
  /** OID of the function. */
  readonly code: number;
  readonly commutator: number;
  readonly negator: number;
  readonly canHash: boolean;
  readonly canMerge: boolean;
  /** Names of the selectivity estimators, e.g. eqsel. */
  readonly restrict: string | null;
}

export interface CastDesc {
  readonly source: number;
  readonly target: number;
  /** OID of the function, 0 for binary-coercible and I/O casts. */
  readonly func: number;
  /** i implicit, a assignment, e explicit */
  readonly context: 'i' | 'a' | 'e';
  /** f function, i I/O, b binary-coercible */
  readonly method: 'f' | 'i' | 'b';
}

export interface AggregateDesc {
  readonly func: number;
  /** n normal, o ordered-set, h hypothetical-set */
  readonly kind: 'n' | 'o' | 'h';
  readonly directArgs: number;
  readonly transition: number;
  readonly final: number;
  readonly combine: number;
  readonly finalExtra: boolean;
  readonly sortOperator: number;
  readonly transitionType: number;
  /** Text form of the initial state, null for none. */
  readonly initial: string | null;
}

export interface AttributeDesc {
  readonly relation: number;
  readonly name: string;
  readonly type: number;
  readonly typmod: number;
  /** From 1. */
  readonly number: number;
  readonly notNull: boolean;
  /** The default's or generation expression's text (pg_attrdef.adbin), null for none. */
  readonly defaultText: string | null;
  readonly identity: '' | 'a' | 'd';
  readonly generated: '' | 's';
  readonly dropped: boolean;
  /** What is granted on the column itself. */
  readonly acl: readonly AclItem[] | null;
  readonly collation: number;
  /** Value of rows stored before the column was added. */
  readonly missing: Datum;
}

export interface IndexDesc {
  readonly oid: number;
  readonly name: string;
  readonly relation: number;
  readonly storage: number;
  /** pg_am.amname: btree, hash, gin, … */
  readonly method: string;
  readonly unique: boolean;
  readonly nullsNotDistinct: boolean;
  readonly primary: boolean;
  readonly immediate: boolean;
  readonly valid: boolean;
  /** Number of key columns; the columns behind them are INCLUDEd. */
  readonly keyColumns: number;
  /** Attribute numbers; 0 stands for the next entry of `expressionTexts`. */
  readonly attributes: readonly number[];
  readonly expressionTexts: readonly string[];
  readonly predicateText: string | null;
  readonly opclasses: readonly number[];
  readonly collations: readonly number[];
  /** One per key column. */
  readonly descending: readonly boolean[];
  readonly nullsFirst: readonly boolean[];
  /** OID of the constraint that owns the index, or 0. */
  readonly constraint: number;
}

/** A plain unique index: its columns are a key that foreign keys may refer to. */
export function isReferableKey({ unique, predicateText, attributes }: IndexDesc): boolean {
  return unique && predicateText === null && attributes.every((number) => number !== 0);
}

export interface ConstraintDesc {
  readonly oid: number;
  readonly name: string;
  readonly namespace: number;
  /** c check, f foreign key, p primary key, u unique, t trigger, x exclusion */
  readonly kind: 'c' | 'f' | 'p' | 'u' | 't' | 'x';
  readonly deferrable: boolean;
  readonly deferred: boolean;
  readonly validated: boolean;
  readonly relation: number;
  readonly domain: number;
  readonly index: number;
  readonly foreignRelation: number;
  /** a no action, r restrict, c cascade, n set null, d set default */
  readonly onUpdate: string;
  readonly onDelete: string;
  /** f full, s simple */
  readonly match: string;
  readonly key: readonly number[];
  readonly foreignKey: readonly number[];
  /** Equality operators, primary side = foreign side. */
  readonly pfOperators: readonly number[];
  readonly setColumns: readonly number[] | null;
  /** Text of a CHECK expression. */
  readonly checkText: string | null;
  readonly noInherit: boolean;
}

export type TriggerEvent = 'INSERT' | 'DELETE' | 'UPDATE' | 'TRUNCATE';

export interface TriggerDesc {
  readonly oid: number;
  readonly name: string;
  readonly function: number;
  readonly timing: 'BEFORE' | 'AFTER' | 'INSTEAD OF';
  readonly level: 'ROW' | 'STATEMENT';
  readonly events: readonly TriggerEvent[];
  /** Of UPDATE OF: attribute numbers; empty for updates of any columns. */
  readonly columns: readonly number[];
  readonly args: readonly string[];
  /** Text of the WHEN condition, over `old` and `new`. */
  readonly whenText: string | null;
  /** O: not in replicas, D: never, R: only in replicas, A: always */
  readonly enabled: string;
  /** The constraint of a constraint trigger, or 0. */
  readonly constraint: number;
  readonly initiallyDeferred: boolean;
  /** Names of the transition tables, null for none. */
  readonly oldTable: string | null;
  readonly newTable: string | null;
}

export interface RelationDesc {
  readonly oid: number;
  readonly name: string;
  readonly namespace: number;
  readonly rowType: number;
  readonly owner: number;
  /** Null: the default of the kind (acl/privileges.ts). */
  readonly acl: readonly AclItem[] | null;
  /** Storage id; 0 when the relation has none (views). */
  readonly storage: number;
  /** r table, i index, S sequence, v view, m materialized view, c composite type, t toast, f foreign, p partitioned, I partitioned index */
  readonly kind: 'r' | 'i' | 'S' | 'v' | 'm' | 'c' | 't' | 'f' | 'p' | 'I';
  /** p permanent, u unlogged, t temporary */
  readonly persistence: 'p' | 'u' | 't';
  /** By attribute number - 1, dropped columns included: the layout of a stored row. */
  readonly attributes: readonly AttributeDesc[];
  readonly indexes: readonly IndexDesc[];
  readonly constraints: readonly ConstraintDesc[];
  /** Foreign keys of other (or the same) relations that point here. */
  readonly referencedBy: readonly ConstraintDesc[];
  /** The defining query of a view (text), null otherwise. */
  readonly viewQuery: string | null;
  /** False for a materialized view WITH NO DATA. */
  readonly populated: boolean;
  /** Users' triggers by name, which is the order in which they fire. */
  readonly triggers: readonly TriggerDesc[];
  readonly rowSecurity: boolean;
  readonly options: readonly string[];
  /** pg_class.reltuples as last set, -1 unknown. */
  readonly tuples: number;
}

export interface NamespaceDesc {
  readonly oid: number;
  readonly name: string;
  readonly owner: number;
  /** Null: the default of the kind (acl/privileges.ts). */
  readonly acl: readonly AclItem[] | null;
}

export interface OpclassDesc {
  readonly oid: number;
  readonly name: string;
  readonly namespace: number;
  readonly method: string;
  readonly family: number;
  readonly inputType: number;
  readonly isDefault: boolean;
}

export interface RoleDesc {
  readonly oid: number;
  readonly name: string;
  readonly superuser: boolean;
  readonly inherit: boolean;
  readonly createRole: boolean;
  readonly createDb: boolean;
  readonly canLogin: boolean;
  readonly replication: boolean;
  readonly bypassRls: boolean;
  readonly connectionLimit: number;
  readonly password: string | null;
  /** When the password ends: timestamptz; null: never. */
  readonly validUntil: number | bigint | null;
}

export interface EnumValueDesc {
  readonly oid: number;
  readonly type: number;
  readonly label: string;
  readonly sortOrder: number;
}

/** A range type and its multirange. */
export interface RangeDesc {
  readonly range: number;
  readonly subtype: number;
  readonly multirange: number;
  readonly collation: number;
  readonly opclass: number;
  readonly canonical: number;
  readonly difference: number;
}

/** What ANALYZE has stored of a column of a table, or of an expression (pg_statistic). */
export interface ColumnStatistics {
  readonly nullFraction: number;
  /** Average bytes of a value. */
  readonly width: number;
  /** Above 0: so many; below 0: a fraction of the rows; 0: not known. */
  readonly distinct: number;
  /** Most common values, most frequent first, and the fraction of all rows that has each. */
  readonly common: { readonly values: readonly Datum[]; readonly frequencies: readonly number[] } | null;
  /** Bounds of buckets with as many of the other values each, in order. */
  readonly histogram: readonly Datum[] | null;
  readonly correlation: number | null;
  /** Elements of arrays, in order. Behind a frequency for each: the least, the largest, and that of NULL. */
  readonly elements: { readonly values: readonly Datum[]; readonly frequencies: readonly number[] } | null;
}

/** What ANALYZE has stored of several columns together. Members are columns by number, and expressions as -1, -2, … */
export interface ExtendedStatistics {
  readonly columns: readonly number[];
  /** SQL texts; `figures` has what is known of each by itself. */
  readonly expressions: readonly string[];
  readonly figures: readonly ColumnStatistics[];
  readonly distinct: readonly { readonly members: readonly number[]; readonly count: number }[];
  readonly dependencies: readonly {
    readonly from: readonly number[];
    readonly to: number;
    readonly degree: number;
  }[];
  readonly common: {
    readonly members: readonly number[];
    /** Values in the order of the members. */
    readonly rows: readonly Row[];
    readonly frequencies: readonly number[];
    readonly baseFrequencies: readonly number[];
  } | null;
}

/** The place of an operator in a btree family. */
export interface OperatorStrategy {
  readonly family: number;
  readonly strategy: number;
  readonly left: number;
  readonly right: number;
}

/**
 * Lookups as one transaction sees them (newest committed state plus its own changes; not its snapshot). Synchronous:
 * the catalogs are in memory. Results are memoised and identical objects come back until something changes.
 */
export interface CatalogView {
  type(oid: number): TypeDesc | undefined;
  /** In one schema, or along the search path when `namespace` is null. Names are exact, as stored. */
  typeByName(name: string, namespace: number | null): TypeDesc | undefined;
  namespaceByName(name: string): NamespaceDesc | undefined;
  namespace(oid: number): NamespaceDesc | undefined;
  relation(oid: number): RelationDesc | undefined;
  relationByName(name: string, namespace: number | null): RelationDesc | undefined;
  index(oid: number): IndexDesc | undefined;
  proc(oid: number): ProcDesc | undefined;
  /** All functions of that name: in one schema, or of all schemas of the search path, nearest first. */
  procsByName(name: string, namespace: number | null): readonly ProcDesc[];
  operator(oid: number): OperatorDesc | undefined;
  operatorsByName(name: string, namespace: number | null): readonly OperatorDesc[];
  cast(source: number, target: number): CastDesc | undefined;
  aggregate(proc: number): AggregateDesc | undefined;
  constraint(oid: number): ConstraintDesc | undefined;
  opclass(oid: number): OpclassDesc | undefined;
  /** The default operator class of an access method for a type (binary-coercible ones count), as GetDefaultOpClass. */
  defaultOpclass(type: number, method: string): OpclassDesc | undefined;
  opclassByName(name: string, namespace: number | null, method: string): OpclassDesc | undefined;
  /** OID of the operator with `strategy` (btree: 1 < 2 <= 3 = 4 >= 5 >) for the types in an operator family, or 0. */
  familyOperator(family: number, left: number, right: number, strategy: number): number;
  /** In which btree families the operator has which strategy. */
  operatorStrategies(operator: number): readonly OperatorStrategy[];
  /** The same for gin families. */
  ginStrategies(operator: number): readonly OperatorStrategy[];
  /** Function `number` (btree: 1 compare) of a family for the types, or 0. */
  familyFunction(family: number, left: number, right: number, number: number): number;
  collationByName(name: string, namespace: number | null): number | undefined;
  collation(oid: number): CollationFacts | undefined;
  role(oid: number): RoleDesc | undefined;
  roleByName(name: string): RoleDesc | undefined;
  /** The role and those whose privileges it has without SET ROLE (memberships that it inherits). */
  actingRoles(role: number): ReadonlySet<number>;
  /** The role and every role that it is a member of, directly or not. */
  memberRoles(role: number): ReadonlySet<number>;
  enumValues(type: number): readonly EnumValueDesc[];
  enumValue(oid: number): EnumValueDesc | undefined;
  /** By the OID of the range type or of its multirange. */
  range(type: number): RangeDesc | undefined;
  /** pg_am.amname, '' when there is none. */
  accessMethod(oid: number): string;
  /** Of a column of a table, or an expression of an index; null when it has never been analysed. */
  columnStatistics(relation: number, attribute: number): ColumnStatistics | null;
  /** Of a table's statistics objects, as far as they have been analysed. */
  extendedStatistics(relation: number): readonly ExtendedStatistics[];
  /** Rows whose first columns of a system index equal `values`, for what has no descriptor. Not memoised. */
  rows(index: string, values: readonly Datum[]): SystemRow[];
  /** Whether the object's name without its schema finds this object. */
  relationVisible(oid: number): boolean;
  typeVisible(oid: number): boolean;
  procVisible(oid: number): boolean;
  operatorVisible(oid: number): boolean;
  /** Namespaces of the search path in order, implicit ones (temporary schema, pg_catalog) included. */
  readonly searchPath: readonly number[];
  /** The schema that CREATE without a schema uses, 0 for none. */
  readonly creationNamespace: number;
  /** Changes whenever anything this view can see changes. */
  readonly version: number;
}
