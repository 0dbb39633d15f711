/** TypeName nodes to type OIDs and typmods. */
import type { Node, TypeName } from '@pgsql/types';
import type { TypeDesc } from '../../catalog/descriptors.js';
import { SqlError } from '../../errors/sql-error.js';
import * as oid from '../../types/oids.js';
import { bitTypmod, charTypmod, intervalTypmod, numericTypmod, timeTypmod } from '../../types/typmods.js';
import { nameParts, splitName } from './ast.js';
import type { BindContext } from './bind-context.js';
import { refuseOtherDatabase } from './database-qualifier.js';
import { requireUsage } from './schema-usage.js';

export interface ResolvedType {
  readonly type: number;
  readonly typmod: number;
}

/** As written, for messages. */
export function typeNameText(name: TypeName): string {
  const parts = nameParts(name.names);
  const base = (parts[0] === 'pg_catalog' ? parts.slice(1) : parts).join('.');
  return base + '[]'.repeat(name.arrayBounds?.length ?? 0);
}

/** @throws SqlError 42704 `type "x" does not exist` */
export function resolveTypeName(cx: BindContext, name: TypeName): ResolvedType {
  const found = findTypeName(cx, name);
  if (found !== undefined) return found;
  throw cx.error('undefined_object', `type "${typeNameText(name)}" does not exist`, name.location);
}

export function findTypeName(cx: BindContext, name: TypeName): ResolvedType | undefined {
  if (name.pct_type) return columnType(cx, name);
  const parts = nameParts(name.names);
  refuseOtherDatabase(cx, parts, undefined);
  const { schema, name: base } = splitName(parts);
  const desc = lookup(cx, schema, base, name.location);
  if (desc === undefined) return undefined;
  const typmod = resolveTypmod(cx, desc, name);
  if ((name.arrayBounds?.length ?? 0) === 0) return { type: desc.oid, typmod };
  if (desc.array === 0) {
    throw cx.error('undefined_object', `type "${typeNameText(name)}" does not exist`, name.location);
  }
  return { type: desc.array, typmod };
}

function lookup(cx: BindContext, schema: string | null, base: string, location?: number): TypeDesc | undefined {
  if (schema === null) return cx.catalog.typeByName(base, null);
  const namespace = cx.catalog.namespaceByName(schema);
  if (namespace === undefined) throw cx.error('invalid_schema_name', `schema "${schema}" does not exist`, location);
  requireUsage(cx, namespace.oid, location);
  return cx.catalog.typeByName(base, namespace.oid);
}

/** table.column%TYPE */
function columnType(cx: BindContext, name: TypeName): ResolvedType {
  const parts = nameParts(name.names);
  const column = parts[parts.length - 1];
  const { schema, name: table } = splitName(parts.slice(0, -1));
  const namespace = schema === null ? null : (cx.catalog.namespaceByName(schema)?.oid ?? 0);
  const relation = cx.catalog.relationByName(table, namespace);
  if (relation === undefined) throw cx.error('undefined_table', `relation "${table}" does not exist`, name.location);
  const attribute = relation.attributes.find((candidate) => candidate.name === column && !candidate.dropped);
  if (attribute === undefined) {
    throw cx.error('undefined_column', `column "${column}" of relation "${table}" does not exist`, name.location);
  }
  return { type: attribute.type, typmod: attribute.typmod };
}

function resolveTypmod(cx: BindContext, desc: TypeDesc, name: TypeName): number {
  const modifiers = name.typmods ?? [];
  if (modifiers.length === 0) return name.typemod ?? -1;
  const numbers = modifiers.map((node) => modifierNumber(cx, desc, node, name.location));
  try {
    switch (desc.oid) {
      case oid.BPCHAR:
      case oid.VARCHAR:
        return charTypmod(numbers, desc.oid === oid.BPCHAR ? 'char' : 'varchar');
      case oid.BIT:
      case oid.VARBIT:
        return bitTypmod(numbers, desc.oid === oid.BIT ? 'bit' : 'varbit');
      case oid.NUMERIC:
        return numericTypmod(numbers);
      case oid.TIME:
      case oid.TIMETZ:
      case oid.TIMESTAMP:
      case oid.TIMESTAMPTZ:
        return timeTypmod(numbers, desc.name, (message) => cx.services.notice('WARNING', message));
      case oid.INTERVAL:
        return intervalTypmod(numbers, (message) => cx.services.notice('WARNING', message));
    }
  } catch (error) {
    if (error instanceof SqlError) throw error.at(cx.position(name.location));
    throw error;
  }
  throw cx.error('syntax_error', `type modifier is not allowed for type "${typeNameText(name)}"`, name.location);
}

function modifierNumber(cx: BindContext, desc: TypeDesc, node: Node, location?: number): number {
  if ('A_Const' in node) {
    if (node.A_Const.ival !== undefined) return node.A_Const.ival.ival ?? 0;
    const text = node.A_Const.sval?.sval ?? node.A_Const.fval?.fval;
    if (text !== undefined) {
      const value = Number(text);
      if (Number.isInteger(value) && Math.abs(value) <= 2147483647) return value;
      throw cx.error('invalid_text_representation', `invalid input syntax for type integer: "${text}"`, location);
    }
  }
  throw cx.error('syntax_error', `type modifiers must be simple constants or identifiers`, location ?? -1, {
    detail: `type ${desc.name}`,
  });
}
