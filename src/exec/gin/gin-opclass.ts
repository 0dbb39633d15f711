/**
 * What an operator class of the access method gin knows: the items of a value, and which items a row must have for a
 * condition to hold. Rows that are found this way are candidates; the condition itself is checked on each.
 */
import { notSupported } from '../../errors/sql-error.js';
import type { Datum } from '../../types/datum.js';
import type { TypeCodec } from '../../types/type-codec.js';
import { ArrayItems } from './array-items.js';
import { JsonbItems } from './jsonb-items.js';
import { JsonbPathItems } from './jsonb-path-items.js';

/** Which rows may satisfy a condition. */
export type GinQuery =
  | { readonly kind: 'item'; readonly item: string }
  /** Of `and` at least one argument is not 'any row'. */
  | { readonly kind: 'and' | 'or'; readonly args: readonly GinQuery[] }
  /** Rows whose value has no items. */
  | { readonly kind: 'no items' }
  /** Items say nothing: every row with a value. */
  | { readonly kind: 'any row' };

export interface GinOpclass {
  /** The items of a value, each once: strings of characters below U+0100. */
  items(value: Datum): Iterable<string>;
  /** For `column OPERATOR value`; the operator by its number in the family (pg_amop.amopstrategy). */
  query(strategy: number, value: Datum): GinQuery;
}

const ANY_ROW: GinQuery = { kind: 'any row' };

/** Rows that satisfy all of `args`. */
export function allOf(args: readonly GinQuery[]): GinQuery {
  const limiting = args.filter(({ kind }) => kind !== 'any row');
  if (limiting.length === 0) return ANY_ROW;
  return limiting.length === 1 ? limiting[0] : { kind: 'and', args: limiting };
}

/** Rows that satisfy any of `args`; of none, no row. */
export function anyOf(args: readonly GinQuery[]): GinQuery {
  if (args.some(({ kind }) => kind === 'any row')) return ANY_ROW;
  return args.length === 1 ? args[0] : { kind: 'or', args };
}

/** The class by its name in pg_opclass; `element` is the codec of an array's elements. @throws SqlError 0A000 */
export function ginOpclass(name: string, element: TypeCodec | null): GinOpclass {
  if (name === 'jsonb_ops') return new JsonbItems();
  if (name === 'jsonb_path_ops') return new JsonbPathItems();
  if (name === 'array_ops' && element !== null) return new ArrayItems(element);
  throw notSupported(`the operator class "${name}" of access method "gin"`);
}
