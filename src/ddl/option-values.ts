/** Values of options (`DefElem`) as grammar delivers them: numbers, words, lists, type names. Zero values are absent. */
import type { DefElem, Node } from '@pgsql/types';
import { sqlError } from '../errors/sql-error.js';
import { nameParts } from '../sql/binder/ast.js';
import type { DdlContext } from './ddl-context.js';
import { positionOf } from './relation-names.js';

export function defElems(nodes: readonly Node[] | undefined): DefElem[] {
  return (nodes ?? []).flatMap((node) => ('DefElem' in node ? [node.DefElem] : []));
}

/** Throws 42601 when the option has no number. */
export function optionInteger(option: DefElem): bigint {
  const { arg } = option;
  if (arg !== undefined && 'Integer' in arg) return BigInt(arg.Integer.ival ?? 0);
  if (arg !== undefined && 'Float' in arg && /^[+-]?\d+$/.test(arg.Float.fval ?? '')) {
    const value = BigInt(arg.Float.fval ?? '0');
    if (BigInt.asIntN(64, value) === value) return value;
    throw sqlError('numeric_value_out_of_range', `value "${value}" is out of range for type bigint`);
  }
  throw sqlError('syntax_error', `${option.defname ?? ''} requires an integer value`);
}

/** True without a value, as in `SUPERUSER`. */
export function optionBoolean(option: DefElem): boolean {
  const { arg } = option;
  if (arg === undefined) return true;
  if ('Boolean' in arg) return arg.Boolean.boolval ?? false;
  if ('Integer' in arg) return (arg.Integer.ival ?? 0) !== 0;
  if ('String' in arg) return ['true', 'on', 'yes', '1'].includes((arg.String.sval ?? '').toLowerCase());
  return true;
}

/** A value that is a truth value, or none. @throws SqlError 42601 */
export function strictBoolean(option: DefElem): boolean {
  const word = optionText(option)?.toLowerCase() ?? 'true';
  if (word === 'true' || word === 'on' || word === '1') return true;
  if (word === 'false' || word === 'off' || word === '0') return false;
  throw sqlError('syntax_error', `${option.defname ?? ''} requires a Boolean value`);
}

/** Any value as text; undefined without one. */
export function optionText(option: DefElem): string | undefined {
  const { arg } = option;
  if (arg === undefined) return undefined;
  if ('String' in arg) return arg.String.sval ?? '';
  if ('Integer' in arg) return String(arg.Integer.ival ?? 0);
  if ('Float' in arg) return arg.Float.fval ?? '';
  if ('Boolean' in arg) return arg.Boolean.boolval ? 'true' : 'false';
  if ('TypeName' in arg) return nameParts(arg.TypeName.names).join('.');
  return undefined;
}

/** The parts of a qualified name. */
export function optionName(option: DefElem): string[] {
  const { arg } = option;
  if (arg !== undefined && 'List' in arg) return nameParts(arg.List.items);
  const text = optionText(option);
  return text === undefined ? [] : [text];
}

export function redundantOption(cx: DdlContext, option: DefElem): Error {
  return sqlError('syntax_error', 'conflicting or redundant options').at(positionOf(cx, option.location));
}
