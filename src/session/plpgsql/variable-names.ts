/** What the binder is told of a function's variables while it binds one of its statements. */
import { type SqlError, sqlError } from '../../errors/sql-error.js';
import { bindField } from '../../sql/binder/bind-containers.js';
import type { BindContext } from '../../sql/binder/bind-context.js';
import type { VariableNames } from '../../sql/binder/variable-names.js';
import type { Expr, RecordField } from '../../sql/plan/expression.js';
import { findName, type Names } from '../../sql/plpgsql/names.js';
import type { Variable } from '../../sql/plpgsql/syntax.js';
import * as oid from '../../types/oids.js';
import type { Frame } from './frame.js';
import { shapeOf } from './records.js';

export class FrameNames implements VariableNames {
  /** Variables that the statement reads. */
  readonly used = new Set<number>();
  /** Records whose fields the statement was bound with. */
  readonly shapes: { readonly dno: number; shape: readonly RecordField[] | null }[] = [];

  constructor(
    private readonly frame: Frame,
    private readonly names: Names,
  ) {}

  get conflict() {
    return this.frame.fn.conflict;
  }

  find(cx: BindContext, path: readonly string[], location: number): Expr | null {
    const found = findName(this.names, path);
    if (found === null) return null;
    const variable = this.frame.fn.tree.variables[found.dno];
    const rest = path.slice(found.used);
    if (rest.length === 0) return this.variable(cx, variable, location);
    if (rest.length > 1) return null;
    const shape = shapeOf(this.frame, variable);
    if (!shape.some((field) => field.name === rest[0])) return null;
    return this.field(cx, variable, shape, rest[0], location);
  }

  private field(
    cx: BindContext,
    variable: Variable,
    shape: readonly RecordField[],
    name: string,
    location: number,
  ): Expr {
    const record = this.variable(cx, variable, location);
    if (variable.type.oid !== oid.RECORD) return bindField(cx, record, name, location);
    const position = shape.findIndex((field) => field.name === name);
    const { type, typmod } = shape[position];
    return { kind: 'field', arg: record, position, name, type, typmod, collation: cx.collationOf(type), location };
  }

  private variable(cx: BindContext, variable: Variable, location: number): Expr {
    const { dno, type } = variable;
    this.used.add(dno);
    const collation = cx.collationOf(type.oid);
    const param: Expr = { kind: 'param', index: dno, type: type.oid, typmod: type.typmod, collation, location };
    if (type.oid !== oid.RECORD) return param;
    const shape = this.frame.shapes[dno];
    if (!this.shapes.some((known) => known.dno === dno)) this.shapes.push({ dno, shape });
    return shape === null ? param : { ...param, recordFields: shape };
  }

  numbered(cx: BindContext, dno: number, name: string | null): Expr {
    const variable = this.frame.fn.tree.variables[dno];
    if (name === null) return this.variable(cx, variable, -1);
    const shape = shapeOf(this.frame, variable);
    if (shape.some((field) => field.name === name)) return this.field(cx, variable, shape, name, -1);
    throw sqlError('undefined_column', `record "${variable.name}" has no field "${name}"`);
  }

  row(cx: BindContext, path: readonly string[], location: number): Expr | null {
    const found = findName(this.names, path);
    if (found === null || found.used < path.length || !found.record) return null;
    const variable = this.frame.fn.tree.variables[found.dno];
    shapeOf(this.frame, variable);
    return this.variable(cx, variable, location);
  }

  parameter(cx: BindContext, number: number, location: number): Expr | null {
    const found = findName(this.names, [`$${number}`]);
    return found === null ? null : this.variable(cx, this.frame.fn.tree.variables[found.dno], location);
  }

  missingField(path: readonly string[]): SqlError | null {
    const found = findName(this.names, path);
    if (found === null || found.used >= path.length || !found.record) return null;
    const name = path[found.used];
    const variable = this.frame.fn.tree.variables[found.dno];
    return sqlError('undefined_column', `record "${variable.name}" has no field "${name}"`);
  }

  /** Whether records still have the fields that the statement was bound with. */
  static sameShapes(frame: Frame, shapes: FrameNames['shapes']): boolean {
    for (const known of shapes) {
      const now = frame.shapes[known.dno];
      if (now === known.shape) continue;
      if (now === null || known.shape === null || !sameFields(now, known.shape)) return false;
      known.shape = now;
    }
    return true;
  }
}

function sameFields(a: readonly RecordField[], b: readonly RecordField[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, type, typmod }, i) => name === b[i].name && type === b[i].type && typmod === b[i].typmod)
  );
}
