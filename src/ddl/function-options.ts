/** Options of CREATE FUNCTION and ALTER FUNCTION: language, volatility, cost and the like, each at most once. */
import type { DefElem, Node, VariableSetStmt } from '@pgsql/types';
import { sqlError } from '../errors/sql-error.js';
import type { DdlContext } from './ddl-context.js';
import { defElems, optionBoolean, optionName, optionText, redundantOption } from './option-values.js';
import { positionOf } from './relation-names.js';

export interface FunctionOptions {
  readonly language?: string;
  readonly as?: readonly string[];
  readonly window?: boolean;
  readonly volatility?: 'i' | 's' | 'v';
  readonly strict?: boolean;
  readonly security?: boolean;
  readonly leakproof?: boolean;
  readonly parallel?: 's' | 'r' | 'u';
  readonly cost?: number;
  readonly rows?: number;
  readonly support?: boolean;
  readonly settings: readonly VariableSetStmt[];
}

const VOLATILITY = { immutable: 'i', stable: 's', volatile: 'v' } as const;
const PARALLEL = { safe: 's', restricted: 'r', unsafe: 'u' } as const;

function keyOf<T extends object>(table: T, word: string): T[keyof T] | undefined {
  for (const [key, value] of Object.entries(table)) if (key === word) return value;
  return undefined;
}

/** `procedure`: some options make no sense there. @throws SqlError 42601, 42P13, 22023 */
export function functionOptions(
  cx: DdlContext,
  nodes: readonly Node[] | undefined,
  procedure: boolean,
): FunctionOptions {
  const seen = new Set<string>();
  const found: { -readonly [K in keyof FunctionOptions]: FunctionOptions[K] } & { settings: VariableSetStmt[] } = {
    settings: [],
  };
  for (const option of defElems(nodes)) {
    const name = option.defname ?? '';
    if (name !== 'set') {
      if (seen.has(name)) throw redundantOption(cx, option);
      seen.add(name);
    }
    if (procedure && NOT_FOR_PROCEDURES.includes(name))
      throw sqlError('invalid_function_definition', 'invalid attribute in procedure definition').at(
        positionOf(cx, option.location),
      );
    read(found, option, name);
  }
  return found;
}

const NOT_FOR_PROCEDURES = ['window', 'volatility', 'strict', 'leakproof', 'parallel', 'cost', 'rows', 'support'];

function read(
  found: { -readonly [K in keyof FunctionOptions]: FunctionOptions[K] } & { settings: VariableSetStmt[] },
  option: DefElem,
  name: string,
): void {
  switch (name) {
    case 'language':
      found.language = optionText(option) ?? '';
      return;
    case 'as':
      found.as = optionName(option);
      return;
    case 'volatility':
      found.volatility = keyOf(VOLATILITY, optionText(option) ?? '');
      return;
    case 'window':
    case 'strict':
    case 'security':
    case 'leakproof':
      found[name] = optionBoolean(option);
      return;
    case 'parallel': {
      found.parallel = keyOf(PARALLEL, optionText(option) ?? '');
      if (found.parallel !== undefined) return;
      throw sqlError('syntax_error', 'parameter "parallel" must be SAFE, RESTRICTED, or UNSAFE');
    }
    case 'cost':
    case 'rows': {
      const value = Number(optionText(option));
      if (!(value > 0)) throw sqlError('invalid_parameter_value', `${name.toUpperCase()} must be positive`);
      found[name] = value;
      return;
    }
    case 'support':
      found.support = true;
      return;
    case 'set':
      if (option.arg !== undefined && 'VariableSetStmt' in option.arg) found.settings.push(option.arg.VariableSetStmt);
      return;
    default:
      throw sqlError('syntax_error', `option "${name}" not recognized`);
  }
}
