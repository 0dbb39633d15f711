/**
 * Column definitions of CREATE TABLE and ADD COLUMN as the rest of DDL wants them: type resolved, constraints sorted
 * by kind, serial types replaced.
 */
import type { ColumnDef, Constraint, Node } from '@pgsql/types';
import type { ObjectAddress } from '../catalog/ddl/dependencies.js';
import { type SqlError, sqlError } from '../errors/sql-error.js';
import { nameParts } from '../sql/binder/ast.js';
import { resolveCollation } from '../sql/binder/bind-expression.js';
import { resolveTypeName } from '../sql/binder/type-name.js';
import * as oids from '../types/oids.js';
import { requireTypeUsage } from './access.js';
import { foldAttributes } from './constraint-attributes.js';
import type { DdlContext } from './ddl-context.js';
import { positionOf } from './relation-names.js';
import { keyConstraint, type TableConstraint } from './table-constraint.js';

/** Columns that a table may have, dropped ones included. */
export const MAX_COLUMNS = 1600;

export function tooManyColumns(): SqlError {
  return sqlError('too_many_columns', `tables can have at most ${MAX_COLUMNS} columns`);
}

/** An expression of the statement, or one that the catalog has as text already. */
export type ExpressionSource = Node | string;

export interface ColumnDefinition {
  readonly name: string;
  readonly type: number;
  readonly typmod: number;
  /** Undefined: the type's. */
  readonly collation: number | undefined;
  readonly dimensions: number;
  notNull: boolean;
  default: ExpressionSource | null;
  generated: ExpressionSource | null;
  identity: { readonly always: boolean; readonly options: readonly Node[] } | null;
  readonly serial: boolean;
  readonly constraints: readonly TableConstraint[];
  /** Extra things that `default` refers to. */
  readonly references?: readonly ObjectAddress[];
}

const SERIALS: Readonly<Record<string, number>> = {
  smallserial: oids.INT2,
  serial2: oids.INT2,
  serial: oids.INT4,
  serial4: oids.INT4,
  bigserial: oids.INT8,
  serial8: oids.INT8,
};

/** Throws 42704, 42601, 42P16, 42804. `table`: for messages. */
export function columnDefinition(cx: DdlContext, def: ColumnDef, table: string): ColumnDefinition {
  const name = def.colname ?? '';
  const { type, typmod, serial } = columnType(cx, def);
  const collation = columnCollation(cx, def, type);
  const column: ColumnDefinition = {
    name,
    type,
    typmod,
    collation,
    dimensions: def.typeName?.arrayBounds?.length ?? 0,
    notNull: serial,
    default: null,
    generated: null,
    identity: null,
    serial,
    constraints: [],
  };
  return { ...column, ...readConstraints(cx, def, column, table) };
}

function columnType(cx: DdlContext, def: ColumnDef): { type: number; typmod: number; serial: boolean } {
  const { typeName } = def;
  if (typeName === undefined) throw sqlError('syntax_error', `column "${def.colname}" has no type`);
  const parts = nameParts(typeName.names);
  const serial = parts.length === 1 ? SERIALS[parts[0]] : undefined;
  if (serial !== undefined && Object.hasOwn(SERIALS, parts[0])) {
    if (typeName.arrayBounds !== undefined) {
      throw sqlError('feature_not_supported', 'array of serial is not implemented').at(
        positionOf(cx, typeName.location),
      );
    }
    return { type: serial, typmod: -1, serial: true };
  }
  const { type, typmod } = resolveTypeName(cx.bindContext(), typeName);
  refusePseudoType(cx, type, def.colname ?? '');
  requireTypeUsage(cx, type);
  return { type, typmod, serial: false };
}

/** Throws 42P16 `column "a" has pseudo-type record`. */
export function refusePseudoType(cx: DdlContext, type: number, column: string): void {
  const desc = cx.view().type(type);
  if (desc?.kind !== 'p') return;
  throw sqlError('invalid_table_definition', `column "${column}" has pseudo-type ${cx.bindContext().formatType(type)}`);
}

export function columnCollation(cx: DdlContext, def: ColumnDef, type: number): number | undefined {
  const clause = def.collClause;
  if (clause === undefined) return undefined;
  return typeCollation(cx, nameParts(clause.collname), clause.location, type);
}

/** The collation of a COLLATE clause behind a type. @throws SqlError 42704, 42804 */
export function typeCollation(
  cx: DdlContext,
  parts: readonly string[],
  location: number | undefined,
  type: number,
): number {
  const bind = cx.bindContext();
  const collation = resolveCollation(bind, parts, location ?? -1);
  if (bind.collationOf(type) === 0) {
    throw bind.error('datatype_mismatch', `collations are not supported by type ${bind.formatType(type)}`, location);
  }
  return collation;
}

function readConstraints(
  cx: DdlContext,
  def: ColumnDef,
  column: ColumnDefinition,
  table: string,
): Partial<ColumnDefinition> {
  const constraints: TableConstraint[] = [];
  let { notNull } = column;
  let nullable = false;
  let { default: value, generated, identity }: Pick<ColumnDefinition, 'default' | 'generated' | 'identity'> = column;
  const place = `for column "${column.name}" of table "${table}"`;
  const fault = (message: string, node: Constraint): Error =>
    sqlError('syntax_error', `${message} ${place}`).at(positionOf(cx, node.location));
  for (const node of foldAttributes(cx, def.constraints)) {
    switch (node.contype) {
      case 'CONSTR_NULL':
        if (notNull) throw fault('conflicting NULL/NOT NULL declarations', node);
        nullable = true;
        break;
      case 'CONSTR_NOTNULL':
        if (nullable) throw fault('conflicting NULL/NOT NULL declarations', node);
        notNull = true;
        break;
      case 'CONSTR_DEFAULT':
        if (value !== null || column.serial) throw fault('multiple default values specified', node);
        value = node.raw_expr ?? null;
        break;
      case 'CONSTR_IDENTITY':
        if (identity !== null) throw fault('multiple identity specifications', node);
        if (nullable) throw fault('conflicting NULL/NOT NULL declarations', node);
        identity = { always: node.generated_when === 'a', options: node.options ?? [] };
        notNull = true;
        break;
      case 'CONSTR_GENERATED':
        if (generated !== null) throw fault('multiple generation clauses specified', node);
        generated = node.raw_expr ?? null;
        break;
      default:
        constraints.push(keyConstraint(node, column.name));
    }
    if (value !== null && identity !== null) throw fault('both default and identity specified', node);
    if (value !== null && generated !== null) throw fault('both default and generation expression specified', node);
    if (identity !== null && generated !== null) {
      throw fault('both identity and generation expression specified', node);
    }
  }
  if (column.serial && identity !== null) throw fault('both default and identity specified', {});
  if (def.raw_default !== undefined && value === null) value = def.raw_default;
  return { notNull, default: value, generated, identity, constraints };
}
