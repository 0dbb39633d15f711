/**
 * Bound expressions: names are resolved, every node has its type, casts are explicit. Columns are referred to by
 * `ColumnId`, a number unique within one statement; where the value stands in a row is settled when the executor
 * compiles the expression against the `columns` of its input.
 *
 * A column id that the input does not have is a correlated reference: it names a column of an enclosing query (or of
 * the outer side of a nested loop) and is read from a cell that the enclosing operator fills.
 */
import type { AggregateDesc, OperatorDesc, ProcDesc } from '../../catalog/descriptors.js';
import type { Datum } from '../../types/datum.js';
import type { PlanNode } from './plan-node.js';

export type ColumnId = number;

interface Typed {
  readonly type: number;
  /** -1 for none. */
  readonly typmod: number;
  /** 0 for types without collation, -1 where the parts leave it open. */
  readonly collation: number;
  /** Byte offset in the statement's text, -1 when unknown. */
  readonly location: number;
}

export interface ConstExpr extends Typed {
  readonly kind: 'const';
  readonly value: Datum;
}

/** A field of an anonymous record whose making is known. */
export interface RecordField {
  readonly name: string;
  readonly type: number;
  readonly typmod: number;
}

export interface ColumnExpr extends Typed {
  readonly kind: 'column';
  readonly id: ColumnId;
  /** For EXPLAIN and messages. */
  readonly name: string;
  /** Of an anonymous record that a subquery made. */
  readonly fields?: readonly RecordField[] | undefined;
}

/** `$1` is index 0. */
export interface ParamExpr extends Typed {
  readonly kind: 'param';
  readonly index: number;
  /** Of a variable of type record, whose fields are known while the statement is bound. */
  readonly recordFields?: readonly RecordField[] | undefined;
}

/** A function or operator call, or a cast through a function. Default arguments are already filled in. */
export interface FunctionExpr extends Typed {
  readonly kind: 'function';
  readonly proc: ProcDesc;
  readonly args: readonly Expr[];
  /** The last argument was written `VARIADIC array`. */
  readonly variadicArray: boolean;
  readonly operator: OperatorDesc | null;
  /** 'sql syntax': written with words of its own, e.g. EXTRACT(year FROM x). */
  readonly form: 'call' | 'sql syntax' | 'operator' | 'explicit cast' | 'implicit cast';
  /** The collation that the function works with, where its order is not that of the code points. */
  readonly inputCollation?: number;
  /** What OUT parameters or a column definition list say of the records that the call gives. */
  readonly resultColumns?: readonly RecordField[];
}

/** Same value, other type (binary-coercible cast). */
export interface RelabelExpr extends Typed {
  readonly kind: 'relabel';
  readonly arg: Expr;
  readonly explicit: boolean;
}

/** Output function of one type, input function of the other (with `typmod`). */
export interface CoerceViaIoExpr extends Typed {
  readonly kind: 'coerce via io';
  readonly arg: Expr;
  readonly explicit: boolean;
  /** Of a literal too long to be read while the statement is planned: where it is, in characters from 1. */
  readonly position?: number | undefined;
}

/** Applies `element` (over the column `elementColumn`) to each element of an array. */
export interface ArrayCoerceExpr extends Typed {
  readonly kind: 'array coerce';
  readonly arg: Expr;
  readonly elementColumn: ColumnId;
  readonly element: Expr;
  readonly explicit: boolean;
}

/** Checks a domain's constraints; each check is an expression over `valueColumn`. */
export interface CoerceToDomainExpr extends Typed {
  readonly kind: 'coerce to domain';
  readonly arg: Expr;
  readonly domainName: string;
  readonly notNull: boolean;
  readonly valueColumn: ColumnId;
  readonly checks: readonly { readonly name: string; readonly expr: Expr }[];
}

export interface BooleanExpr extends Typed {
  readonly kind: 'and' | 'or';
  readonly args: readonly Expr[];
}

export interface NotExpr extends Typed {
  readonly kind: 'not';
  readonly arg: Expr;
}

export interface NullTestExpr extends Typed {
  readonly kind: 'null test';
  readonly arg: Expr;
  readonly negated: boolean;
  /** The argument is a row: tests every field. */
  readonly row: boolean;
}

export interface BooleanTestExpr extends Typed {
  readonly kind: 'boolean test';
  readonly arg: Expr;
  readonly value: boolean | null;
  readonly negated: boolean;
}

/** `operand` is null for CASE WHEN; otherwise conditions compare over `operandColumn`. */
export interface CaseExpr extends Typed {
  readonly kind: 'case';
  readonly operand: Expr | null;
  readonly operandColumn: ColumnId;
  readonly branches: readonly { readonly condition: Expr; readonly result: Expr }[];
  readonly otherwise: Expr;
}

export interface CoalesceExpr extends Typed {
  readonly kind: 'coalesce';
  readonly args: readonly Expr[];
}

/** The first argument unless the comparison (a bound equality of the two) is true. */
export interface NullIfExpr extends Typed {
  readonly kind: 'nullif';
  readonly left: Expr;
  readonly right: Expr;
  readonly equality: FunctionExpr;
}

export interface MinMaxExpr extends Typed {
  readonly kind: 'greatest' | 'least';
  readonly args: readonly Expr[];
}

/** IS DISTINCT FROM: `equality` is the bound `left = right`. */
export interface DistinctExpr extends Typed {
  readonly kind: 'distinct from';
  readonly left: Expr;
  readonly right: Expr;
  readonly equality: FunctionExpr;
  readonly negated: boolean;
}

/** `left op ANY|ALL (array)`; `comparison` is the bound operator over `left` and the column `elementColumn`. */
export interface ArrayComparisonExpr extends Typed {
  readonly kind: 'array comparison';
  readonly quantifier: 'any' | 'all';
  readonly left: Expr;
  readonly array: Expr;
  readonly elementColumn: ColumnId;
  readonly comparison: FunctionExpr;
}

/** ARRAY[…]; `multidimensional` when the elements are themselves arrays. */
export interface ArrayExpr extends Typed {
  readonly kind: 'array';
  readonly elementType: number;
  readonly multidimensional: boolean;
  readonly elements: readonly Expr[];
}

export interface RowExpr extends Typed {
  readonly kind: 'row';
  readonly fields: readonly Expr[];
  readonly names: readonly string[];
}

/** ROW(a, b) < ROW(c, d); pairs are compared left to right: `equal` and `less` per pair. */
export interface RowComparisonExpr extends Typed {
  readonly kind: 'row comparison';
  readonly operator: '<' | '<=' | '>' | '>=';
  readonly pairs: readonly { readonly equal: FunctionExpr; readonly less: FunctionExpr }[];
}

export interface FieldExpr extends Typed {
  readonly kind: 'field';
  readonly arg: Expr;
  /** 0-based position in the composite value. */
  readonly position: number;
  readonly name: string;
}

/** Replaces fields of a composite value (UPDATE t SET c.f = …). */
export interface FieldAssignExpr extends Typed {
  readonly kind: 'field assign';
  readonly arg: Expr;
  readonly assignments: readonly { readonly position: number; readonly value: Expr }[];
}

/** `arg[i]`, `arg[l:u]`; with `assign` the value of the container after the assignment. jsonb subscripts too. */
export interface SubscriptExpr extends Typed {
  readonly kind: 'subscript';
  readonly container: 'array' | 'jsonb';
  readonly arg: Expr;
  readonly subscripts: readonly { readonly lower: Expr | null; readonly upper: Expr | null; readonly slice: boolean }[];
  readonly assign: Expr | null;
  readonly elementType: number;
}

/**
 * A subquery in an expression. `correlation` lists the columns of enclosing queries that the plan reads.
 * - scalar: the single column of at most one row (21000 for more); `exists`; `array`: ARRAY(…)
 * - any/all: `test` is the bound comparison over the outer row's columns and the plan's output columns;
 *   `hash` gives the same as key pairs where it is a conjunction of hashable equalities.
 * - multi: a row of several columns for UPDATE … SET (a, b) = (…); gives a PgRecord.
 */
export interface SubplanExpr extends Typed {
  readonly kind: 'subplan';
  readonly mode: 'scalar' | 'exists' | 'array' | 'any' | 'all' | 'multi';
  readonly plan: PlanNode;
  readonly correlation: readonly ColumnId[];
  readonly test: Expr | null;
  readonly hash: readonly { readonly outer: Expr; readonly inner: ColumnId }[] | null;
}

/** CURRENT_DATE, CURRENT_TIMESTAMP(3), CURRENT_USER, … as PostgreSQL names the operations. */
export interface SqlValueExpr extends Typed {
  readonly kind: 'sql value';
  readonly op:
    | 'current_date'
    | 'current_time'
    | 'current_timestamp'
    | 'localtime'
    | 'localtimestamp'
    | 'current_role'
    | 'current_user'
    | 'user'
    | 'session_user'
    | 'current_catalog'
    | 'current_schema';
}

/** GROUPING(…): bit mask over the grouping columns, known to the Aggregate node below through `groupingColumn`. */
export type Expr =
  | ConstExpr
  | ColumnExpr
  | ParamExpr
  | FunctionExpr
  | RelabelExpr
  | CoerceViaIoExpr
  | ArrayCoerceExpr
  | CoerceToDomainExpr
  | BooleanExpr
  | NotExpr
  | NullTestExpr
  | BooleanTestExpr
  | CaseExpr
  | CoalesceExpr
  | NullIfExpr
  | MinMaxExpr
  | DistinctExpr
  | ArrayComparisonExpr
  | ArrayExpr
  | RowExpr
  | RowComparisonExpr
  | FieldExpr
  | FieldAssignExpr
  | SubscriptExpr
  | SubplanExpr
  | SqlValueExpr;

export interface SortKey {
  readonly expr: Expr;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface AggregateCall {
  readonly proc: ProcDesc;
  readonly aggregate: AggregateDesc;
  readonly args: readonly Expr[];
  /** Ordered-set aggregates: the arguments before WITHIN GROUP, over the group columns of the Aggregate node. */
  readonly directArgs: readonly Expr[];
  readonly orderBy: readonly SortKey[];
  readonly filter: Expr | null;
  readonly distinct: boolean;
  readonly variadicArray: boolean;
  readonly type: number;
  readonly typmod: number;
  readonly collation: number;
  /** Type of the state, polymorphism resolved. */
  readonly transitionType: number;
  readonly location: number;
}

export type FrameBound =
  | { readonly kind: 'unbounded preceding' | 'current row' | 'unbounded following' }
  | { readonly kind: 'preceding' | 'following'; readonly offset: Expr };

export interface WindowFrame {
  readonly mode: 'rows' | 'range' | 'groups';
  readonly start: FrameBound;
  readonly end: FrameBound;
  readonly exclusion: 'no others' | 'current row' | 'group' | 'ties';
  /** in_range function (OID) for RANGE with offsets, else 0. */
  readonly startInRange: number;
  readonly endInRange: number;
}

/** A window function, or an aggregate used as one. */
export interface WindowCall {
  readonly proc: ProcDesc;
  readonly aggregate: AggregateDesc | null;
  readonly args: readonly Expr[];
  readonly filter: Expr | null;
  readonly variadicArray: boolean;
  readonly type: number;
  readonly typmod: number;
  readonly collation: number;
  readonly transitionType: number;
  readonly location: number;
}
