/** Conversions of values between types while a function runs: made once for a pair of types, and forgotten with the epoch. */
import { Compiler } from '../../exec/expression/compile.js';
import { standaloneContext } from '../../exec/standalone-expression.js';
import { coerceForVariable } from '../../sql/binder/assigned-value.js';
import { BindContext } from '../../sql/binder/bind-context.js';
import type { Expr, RecordField } from '../../sql/plan/expression.js';
import { type Datum, PgRecord } from '../../types/datum.js';
import * as oid from '../../types/oids.js';
import { recordShape } from './records.js';
import type { PlRuntime } from './runtime.js';

type Cast = (value: Datum) => Datum;

const SAME: Cast = (value) => value;

export class Casts {
  private known = new Map<string, Cast>();
  private epoch = -1;

  constructor(private readonly runtime: PlRuntime) {}

  /** What makes a value of one type one of another. */
  between(from: number, fromTypmod: number, to: number, toTypmod: number): Cast {
    if (from === to && (toTypmod < 0 || fromTypmod === toTypmod)) return SAME;
    if (this.epoch !== this.runtime.epoch) {
      this.known = new Map();
      this.epoch = this.runtime.epoch;
    }
    const key = `${from}/${fromTypmod}/${to}/${toTypmod}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const cast = this.make(from, fromTypmod, to, toTypmod);
    this.known.set(key, cast);
    return cast;
  }

  private make(from: number, fromTypmod: number, to: number, toTypmod: number): Cast {
    const { session } = this.runtime;
    const cx = new BindContext(session.environment, '', [from], false);
    if (from === oid.RECORD && cx.type(to).kind === 'c') return (value) => this.toComposite(value, to);
    const collation = cx.collationOf(from);
    const value: Expr = { kind: 'param', index: 0, type: from, typmod: fromTypmod, collation, location: -1 };
    const settled: Expr = from === oid.UNKNOWN ? { ...value, type: oid.TEXT } : value;
    const converted = coerceForVariable(cx, settled, to, toTypmod);
    if (converted === value) return SAME;
    const exec = standaloneContext(session.environment);
    const evaluate = new Compiler(exec, []).compile(converted);
    return (input) => {
      const transaction = session.block.ensure();
      exec.begin(transaction, transaction.latest(), [input]);
      return evaluate([]);
    };
  }

  /** A record as a row of a composite type: field by field in their order, missing ones are NULL. */
  toComposite(value: Datum, to: number): Datum {
    if (!(value instanceof PgRecord)) return null;
    const fields = this.runtime.session.environment.types.catalog.compositeFields(to) ?? [];
    return this.fit(value, fields, to);
  }

  fit(value: PgRecord, fields: readonly RecordField[], to: number): PgRecord {
    const shape = recordShape(this.runtime, value);
    const values = fields.map((field, i) => {
      const from = shape[i];
      return from === undefined
        ? this.between(oid.UNKNOWN, -1, field.type, field.typmod)(null)
        : this.between(from.type, from.typmod, field.type, field.typmod)(value.values[i] ?? null);
    });
    return new PgRecord(
      to,
      fields.map(({ type }) => type),
      values,
      fields.map(({ name }) => name),
    );
  }
}
