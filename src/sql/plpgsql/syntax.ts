/**
 * Functions in PL/pgSQL as trees: variables by number, statements with their lines, and SQL fragments as text with the
 * names that they may use. Trees are immutable; what a session remembers of a fragment stands elsewhere.
 */
import type { Names } from './names.js';

/** A piece of SQL. */
export interface Fragment {
  /** 'expression': what may stand behind SELECT; 'assignment': `target := expression`; 'statement': a whole one. */
  readonly kind: 'expression' | 'assignment' | 'statement';
  readonly text: string;
  /** Where it stands in the source. */
  readonly offset: number;
  /** Where the expression of an assignment begins in the text; 0 for others. */
  readonly start: number;
  readonly names: Names;
}

/** A resolved type of a variable. */
export interface PlType {
  readonly oid: number;
  readonly typmod: number;
  /** Record and composite types: the variable has fields. */
  readonly composite: boolean;
}

export interface CursorDeclaration {
  readonly query: Fragment;
  /** Variables that stand for the arguments. */
  readonly parameters: readonly number[];
  readonly scroll: boolean | null;
}

export interface Variable {
  readonly dno: number;
  readonly name: string;
  readonly line: number;
  readonly type: PlType;
  readonly constant: boolean;
  readonly notNull: boolean;
  readonly initial: Fragment | null;
  /** A bound cursor. */
  readonly cursor: CursorDeclaration | null;
}

/** What gets a value: a variable, or a field of one. */
export interface Target {
  readonly dno: number;
  readonly field: string | null;
  /** As it is written. */
  readonly name: string;
}

/** Where a row goes: into one variable with fields, or into a list. */
export interface IntoTarget {
  readonly record: Target | null;
  readonly list: readonly Target[];
}

interface Placed {
  readonly line: number;
}

interface Labelled {
  /** '' for none. */
  readonly label: string;
}

export type Statements = readonly Statement[];

export interface ExceptionHandler {
  readonly line: number;
  readonly conditions: readonly string[];
  readonly body: Statements;
}

export interface BlockStatement extends Placed, Labelled {
  readonly kind: 'block';
  /** Variables that get their initial values at its entry. */
  readonly variables: readonly number[];
  readonly body: Statements;
  readonly handlers: readonly ExceptionHandler[] | null;
  /** SQLSTATE and SQLERRM inside of the handlers. */
  readonly sqlstate: number;
  readonly sqlerrm: number;
}

export interface AssignStatement extends Placed {
  readonly kind: 'assign';
  readonly target: Target;
  /** Fields and subscripts behind the variable, as SQL; '' for none. */
  readonly path: string;
  readonly value: Fragment;
}

export interface IfStatement extends Placed {
  readonly kind: 'if';
  readonly branches: readonly { readonly condition: Fragment; readonly body: Statements }[];
  readonly otherwise: Statements | null;
}

export interface CaseStatement extends Placed {
  readonly kind: 'case';
  readonly operand: Fragment | null;
  /** The variable that holds the operand; -1 for none. */
  readonly variable: number;
  readonly branches: readonly { readonly condition: Fragment; readonly body: Statements }[];
  readonly otherwise: Statements | null;
}

interface LoopBody extends Placed, Labelled {
  readonly body: Statements;
}

export interface LoopStatement extends LoopBody {
  readonly kind: 'loop';
}

export interface WhileStatement extends LoopBody {
  readonly kind: 'while';
  readonly condition: Fragment;
}

export interface ForIntegerStatement extends LoopBody {
  readonly kind: 'for integer';
  readonly variable: number;
  readonly reverse: boolean;
  readonly lower: Fragment;
  readonly upper: Fragment;
  readonly step: Fragment | null;
}

export interface ForQueryStatement extends LoopBody {
  readonly kind: 'for query';
  readonly into: IntoTarget;
  readonly query: Fragment;
}

export interface ForExecuteStatement extends LoopBody {
  readonly kind: 'for execute';
  readonly into: IntoTarget;
  readonly query: Fragment;
  readonly using: readonly Fragment[];
}

export interface ForCursorStatement extends LoopBody {
  readonly kind: 'for cursor';
  readonly into: IntoTarget;
  readonly cursor: number;
  /** A list of expressions; null where the cursor has no parameters. */
  readonly args: Fragment | null;
}

export interface ForeachStatement extends LoopBody {
  readonly kind: 'foreach';
  readonly into: IntoTarget;
  readonly slice: number;
  readonly array: Fragment;
}

export interface ExitStatement extends Placed {
  readonly kind: 'exit';
  readonly exit: boolean;
  readonly label: string;
  readonly condition: Fragment | null;
}

export interface ReturnStatement extends Placed {
  readonly kind: 'return';
  readonly value: Fragment | null;
}

export interface ReturnNextStatement extends Placed {
  readonly kind: 'return next';
  readonly value: Fragment | null;
}

export interface ReturnQueryStatement extends Placed {
  readonly kind: 'return query';
  readonly query: Fragment;
  /** RETURN QUERY EXECUTE. */
  readonly dynamic: boolean;
  readonly using: readonly Fragment[];
}

export type RaiseOption =
  | 'errcode'
  | 'message'
  | 'detail'
  | 'hint'
  | 'column'
  | 'constraint'
  | 'datatype'
  | 'table'
  | 'schema';

export type RaiseLevel = 'debug' | 'log' | 'info' | 'notice' | 'warning' | 'exception';

export interface RaiseStatement extends Placed {
  readonly kind: 'raise';
  readonly level: RaiseLevel;
  /** A condition's name, or five characters of a SQLSTATE. */
  readonly condition: string | null;
  readonly format: string | null;
  readonly parameters: readonly Fragment[];
  readonly options: readonly { readonly option: RaiseOption; readonly value: Fragment }[];
}

export interface AssertStatement extends Placed {
  readonly kind: 'assert';
  readonly condition: Fragment;
  readonly message: Fragment | null;
}

export interface SqlStatement extends Placed {
  readonly kind: 'sql';
  readonly query: Fragment;
  readonly into: IntoTarget | null;
  readonly strict: boolean;
}

export interface PerformStatement extends Placed {
  readonly kind: 'perform';
  readonly query: Fragment;
}

export interface CallStatement extends Placed {
  readonly kind: 'call';
  readonly query: Fragment;
  readonly isCall: boolean;
}

export interface ExecuteStatement extends Placed {
  readonly kind: 'execute';
  readonly query: Fragment;
  readonly into: IntoTarget | null;
  readonly strict: boolean;
  readonly using: readonly Fragment[];
}

export interface DiagnosticsStatement extends Placed {
  readonly kind: 'diagnostics';
  readonly stacked: boolean;
  readonly items: readonly { readonly item: string; readonly target: Target }[];
}

export interface OpenStatement extends Placed {
  readonly kind: 'open';
  readonly cursor: number;
  readonly scroll: boolean | null;
  /** Arguments of a bound cursor: a list of expressions in the order of its parameters. */
  readonly args: Fragment | null;
  readonly query: Fragment | null;
  readonly dynamic: Fragment | null;
  readonly using: readonly Fragment[];
}

export interface FetchDirection {
  readonly direction: 'forward' | 'backward' | 'absolute' | 'relative';
  /** Null: all. */
  readonly count: number | null;
  readonly countExpression: Fragment | null;
  readonly manyRows: boolean;
}

export interface FetchStatement extends Placed {
  readonly kind: 'fetch';
  readonly cursor: number;
  readonly move: boolean;
  readonly direction: FetchDirection;
  readonly into: IntoTarget | null;
}

export interface CloseStatement extends Placed {
  readonly kind: 'close';
  readonly cursor: number;
}

export interface TransactionStatement extends Placed {
  readonly kind: 'commit' | 'rollback';
  readonly chain: boolean;
}

export interface NullStatement extends Placed {
  readonly kind: 'null';
}

export type Statement =
  | BlockStatement
  | AssignStatement
  | IfStatement
  | CaseStatement
  | LoopStatement
  | WhileStatement
  | ForIntegerStatement
  | ForQueryStatement
  | ForExecuteStatement
  | ForCursorStatement
  | ForeachStatement
  | ExitStatement
  | ReturnStatement
  | ReturnNextStatement
  | ReturnQueryStatement
  | RaiseStatement
  | AssertStatement
  | SqlStatement
  | PerformStatement
  | CallStatement
  | ExecuteStatement
  | DiagnosticsStatement
  | OpenStatement
  | FetchStatement
  | CloseStatement
  | TransactionStatement
  | NullStatement;

export type VariableConflict = 'error' | 'use_variable' | 'use_column';

/** A function that was read. */
export interface PlFunction {
  /** By number. The variable of a CASE gets its type when the operand is known. */
  readonly variables: Variable[];
  /** Variables of the parameters, in their order; -1 for those that no call gives. */
  readonly inputs: readonly number[];
  /** Variables of output parameters (OUT, INOUT and TABLE), in their order. */
  readonly outputs: readonly number[];
  readonly found: number;
  readonly trigger: TriggerVariables | null;
  readonly body: BlockStatement;
  readonly conflict: VariableConflict | null;
  readonly printStrictParameters: boolean | null;
}

/** Numbers of the variables that a trigger function is given. */
export interface TriggerVariables {
  readonly new: number;
  readonly old: number;
  readonly name: number;
  readonly when: number;
  readonly level: number;
  readonly op: number;
  readonly relid: number;
  readonly relname: number;
  readonly tableName: number;
  readonly tableSchema: number;
  readonly nargs: number;
  readonly argv: number;
}
