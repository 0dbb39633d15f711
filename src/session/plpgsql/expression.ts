/**
 * Expressions of a function: bound when they are first reached, with variables as parameters by their numbers. What neither
 * waits nor calls other functions is a closure over the variables; other expressions without tables are evaluated with a
 * context of their own, and the rest runs as a query.
 */
import type { Node } from '@pgsql/types';
import { sqlError } from '../../errors/sql-error.js';
import { ExecContext } from '../../exec/exec-context.js';
import { Compiler } from '../../exec/expression/compile.js';
import type { Evaluator } from '../../exec/expression/evaluator.js';
import { hasLongCalls } from '../../exec/expression/function-code.js';
import { routinesFor } from '../../exec/expression/routine-call.js';
import { addContext } from '../../exec/row-context.js';
import { Suspend } from '../../exec/suspend.js';
import { coerceForVariable, soleExpression, withColumn } from '../../sql/binder/assigned-value.js';
import { BindContext } from '../../sql/binder/bind-context.js';
import { bindStatement } from '../../sql/binder/bind-statement.js';
import { coerce } from '../../sql/binder/coercion.js';
import { parseSql } from '../../sql/parser/parse.js';
import { someExpr } from '../../sql/plan/expr-children.js';
import type { Expr, RecordField } from '../../sql/plan/expression.js';
import type { PlanAccess } from '../../sql/plan/plan-access.js';
import type { Fragment } from '../../sql/plpgsql/syntax.js';
import type { Datum, Row } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import type { Task, Wait } from '../../util/task.js';
import type { Frame } from './frame.js';
import { keptVariables, release } from './owned-arrays.js';
import { type BoundQuery, PlQuery } from './query.js';
import type { PlRuntime } from './runtime.js';
import { inFragment, sqlOf } from './sql-context.js';
import { FrameNames } from './variable-names.js';

/** The type that a value is wanted in. */
export interface Wanted {
  readonly type: number;
  readonly typmod: number;
}

interface Common {
  readonly epoch: number;
  readonly shapes: FrameNames['shapes'];
  /** Variables whose values it may keep. */
  readonly kept: ReadonlySet<number>;
  readonly type: number;
  readonly typmod: number;
  /** It is nothing but a variable. */
  readonly isVariable: boolean;
  /** What the result is made of, where it is a record that is known. */
  readonly fields: readonly RecordField[] | undefined;
}

interface Pure extends Common {
  readonly kind: 'pure';
  readonly evaluate: Evaluator;
  /** It calls functions and reads no variables. */
  readonly constant: boolean;
}

interface Calls extends Common {
  readonly kind: 'calls';
  readonly expr: Expr;
  readonly access: PlanAccess;
  /** Contexts that no call is using. */
  readonly idle: CallContext[];
  readonly needsSnapshot: boolean;
}

interface Query extends Common {
  readonly kind: 'query';
  readonly query: PlQuery;
}

interface CallContext {
  readonly cx: ExecContext;
  readonly evaluate: Evaluator;
}

interface Pending {
  readonly context: CallContext;
  readonly wait: Wait;
}

const ROW: Row = [];

export class PlExpression {
  private state: Pure | Calls | Query | null = null;
  private parsed: Node | null = null;
  private pending: Pending | null = null;

  constructor(
    private readonly runtime: PlRuntime,
    readonly fragment: Fragment,
    private readonly wanted: Wanted | null = null,
    /** How the source of an assignment becomes what is stored; overrides `wanted`. */
    private readonly adapt: ((cx: BindContext, value: Expr, frame: Frame) => Expr) | null = null,
  ) {}

  /** Of the value that was computed last. */
  get type(): number {
    return this.state?.type ?? oid.UNKNOWN;
  }

  get typmod(): number {
    return this.state?.typmod ?? -1;
  }

  get isVariable(): boolean {
    return this.state?.isVariable ?? false;
  }

  get fields(): readonly RecordField[] | undefined {
    return this.state?.fields;
  }

  /** The value if it can be had at once; `undefined` sends the caller to `value`. */
  tryValue(frame: Frame): Datum | undefined {
    const { runtime } = this;
    let { state } = this;
    if (state === null || state.epoch !== runtime.epoch || !this.fits(frame, state)) state = this.bind(frame);
    if (frame.owned !== null) release(frame, state.kept);
    if (state.kind === 'pure') {
      runtime.cx.params = frame.values;
      if (!state.constant) return state.evaluate(ROW);
      try {
        return state.evaluate(ROW);
      } catch (error) {
        throw inFragment(error, this.fragment);
      }
    }
    return state.kind === 'calls' ? this.call(frame, state) : undefined;
  }

  /** The value. REQUIRES: `tryValue` has just said that it cannot be had at once. */
  *value(frame: Frame): Task<Datum> {
    const { state } = this;
    if (state?.kind === 'query') return yield* this.first(frame, state.query);
    if (state?.kind !== 'calls' || this.pending === null) throw new Error('no value is pending');
    const { context } = this.pending;
    let { wait }: { wait: Wait } = this.pending;
    this.pending = null;
    const forget = this.runtime.session.environment.onCancel((error) => context.cx.cancel(error));
    try {
      for (;;) {
        yield wait;
        context.cx.checkInterrupt();
        try {
          return context.evaluate(ROW);
        } catch (error) {
          if (!(error instanceof Suspend)) throw error;
          wait = error.wait;
        }
      }
    } finally {
      forget();
      context.cx.end();
      state.idle.push(context);
    }
  }

  /** Both ways at once, for those that are tasks anyhow. */
  *get(frame: Frame): Task<Datum> {
    const value = this.tryValue(frame);
    return value === undefined ? yield* this.value(frame) : value;
  }

  private fits(frame: Frame, state: Common): boolean {
    return state.shapes.length === 0 || FrameNames.sameShapes(frame, state.shapes);
  }

  private call(frame: Frame, state: Calls): Datum | undefined {
    const { session } = this.runtime;
    const context = state.idle.pop() ?? this.callContext(state);
    const transaction = session.block.ensure();
    session.environment.requirePrivileges(state.access);
    const own = state.needsSnapshot && !frame.fn.readOnly ? transaction.snapshot() : null;
    let suspended = false;
    try {
      context.cx.begin(transaction, own ?? frame.call.snapshot ?? transaction.latest(), frame.values);
      return context.evaluate(ROW);
    } catch (error) {
      if (!(error instanceof Suspend)) throw error;
      suspended = true;
      this.pending = { context, wait: error.wait };
      return undefined;
    } finally {
      if (!suspended) {
        context.cx.end();
        state.idle.push(context);
      }
      if (own !== null && !suspended && transaction.state === 'active') transaction.releaseSnapshot(own);
    }
  }

  private callContext({ expr }: Calls): CallContext {
    const cx = new ExecContext(this.runtime.session.environment, () => {
      throw new Error('an expression without queries has one');
    });
    cx.mayWait = true;
    return { cx, evaluate: new Compiler(cx, []).compile(expr) };
  }

  private *first(frame: Frame, query: PlQuery): Task<Datum> {
    const rows: Row[] = [];
    yield* query.run(frame, frame.values, (row) => {
      rows.push(row);
      return rows.length < 2;
    });
    if (rows.length > 1)
      throw addContext(
        sqlError('cardinality_violation', 'query returned more than one row'),
        `query: ${this.fragment.text}`,
      );
    return rows.length === 0 ? null : rows[0][0];
  }

  private bind(frame: Frame): Pure | Calls | Query {
    const { runtime } = this;
    const names = new FrameNames(frame, this.fragment.names);
    try {
      const { bound } = this.bound(frame, names);
      const expr = soleExpression(bound);
      const kind = expr === null ? 'query' : this.kindOf(expr);
      const [field] = bound.fields ?? [];
      const common: Common = {
        epoch: runtime.epoch,
        shapes: names.shapes,
        kept: expr === null ? names.used : keptVariables(expr),
        type: expr?.type ?? field.type,
        typmod: expr?.typmod ?? field.typmod,
        isVariable: expr?.kind === 'param',
        fields: expr === null ? undefined : knownFields(expr),
      };
      if (expr === null || kind === 'query') {
        const query = new PlQuery(runtime, this.fragment, (caller) =>
          this.bound(caller, new FrameNames(caller, this.fragment.names)),
        );
        this.state = { ...common, kind: 'query', query };
      } else if (kind === 'calls') {
        const needsSnapshot = someExpr(expr, (part) => part.kind === 'function' && part.proc.volatility !== 'v');
        this.state = { ...common, kind, expr, access: bound.access, idle: [], needsSnapshot };
      } else {
        runtime.session.environment.requirePrivileges(bound.access);
        const evaluate = new Compiler(runtime.cx, []).compile(expr);
        this.state = { ...common, kind, evaluate, constant: isFolded(expr) };
      }
      return this.state;
    } catch (error) {
      throw inFragment(error, this.fragment);
    }
  }

  private kindOf(expr: Expr): 'pure' | 'calls' | 'query' {
    const services = this.runtime.session.environment;
    if (someExpr(expr, (part) => part.kind === 'subplan')) return 'query';
    const waits = someExpr(
      expr,
      (part) =>
        part.kind === 'function' &&
        (routinesFor(services, part.proc) !== undefined || hasLongCalls(services, part.proc)),
    );
    return waits ? 'calls' : 'pure';
  }

  private bound(frame: Frame, names: FrameNames): BoundQuery {
    const sql = sqlOf(this.fragment);
    this.parsed ??= parseSql(sql)[0]?.node ?? null;
    if (this.parsed === null) throw sqlError('syntax_error', 'missing expression');
    const types = frame.fn.tree.variables.map(({ type }) => type.oid);
    const cx = new BindContext(this.runtime.session.environment, sql, types, false);
    cx.variables = names;
    cx.keepUnknown = true;
    const bound = bindStatement(cx, this.parsed);
    const columns = bound.fields?.length ?? 0;
    if (columns !== 1) {
      const plural = columns === 1 ? 'column' : 'columns';
      if (this.fragment.kind === 'assignment')
        throw sqlError('syntax_error', `assignment source returned ${columns} ${plural}`);
      throw addContext(sqlError('syntax_error', `query returned ${columns} ${plural}`), `query: ${this.fragment.text}`);
    }
    return { cx, bound: withColumn(cx, bound, (value) => this.converted(cx, value, frame)) };
  }

  private converted(cx: BindContext, value: Expr, frame: Frame): Expr {
    if (this.adapt !== null) return this.adapt(cx, value, frame);
    const isText = value.type === oid.UNKNOWN && this.fragment.kind !== 'assignment';
    const settled = isText ? coerce(cx, value, oid.TEXT, -1, 'implicit') : value;
    if (this.wanted !== null) return coerceForVariable(cx, settled, this.wanted.type, this.wanted.typmod);
    return settled;
  }
}

/** Whether PostgreSQL computes the value while it plans: then its errors tell of the expression. */
function isFolded(expr: Expr): boolean {
  if (expr.kind === 'relabel' || expr.kind === 'coerce to domain') return isFolded(expr.arg);
  return expr.kind === 'function' && expr.form !== 'implicit cast' && !someExpr(expr, (part) => part.kind === 'param');
}

function knownFields(expr: Expr): readonly RecordField[] | undefined {
  if (expr.kind === 'param') return expr.recordFields;
  return expr.kind === 'function' ? expr.resultColumns : undefined;
}
