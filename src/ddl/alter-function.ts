/** ALTER FUNCTION, PROCEDURE and ROUTINE: the attributes that CREATE FUNCTION gives, one by one. */
import type { AlterFunctionStmt } from '@pgsql/types';
import type { ColumnValues } from '../catalog/catalog-writer.js';
import { sqlError } from '../errors/sql-error.js';
import { PgArray } from '../types/datum.js';
import * as oids from '../types/oids.js';
import type { Task } from '../util/task.js';
import { requireOwner } from './access.js';
import type { DdlContext } from './ddl-context.js';
import { findFunction, missingFunction } from './function-names.js';
import { type FunctionOptions, functionOptions } from './function-options.js';

const WORDS: Readonly<Record<string, 'function' | 'procedure' | 'routine'>> = {
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'procedure',
  OBJECT_ROUTINE: 'routine',
};

export function* alterFunctionStatement(cx: DdlContext, statement: AlterFunctionStmt): Task<string> {
  const word = WORDS[statement.objtype ?? 'OBJECT_FUNCTION'] ?? 'function';
  const object = statement.func ?? {};
  const proc = findFunction(cx, object, word);
  if (proc === undefined) throw missingFunction(cx, object, word);
  requireOwner(cx, proc.owner, proc.kind === 'p' ? 'procedure' : 'function', proc.name);
  if (proc.kind === 'a') throw sqlError('wrong_object_type', `"${proc.name}" is an aggregate function`);
  const options = functionOptions(cx, statement.actions, proc.kind === 'p');
  if (options.rows !== undefined && !proc.returnsSet)
    throw sqlError('invalid_parameter_value', 'ROWS is not applicable when function does not return a set');
  const row = cx.writer.findOne('pg_proc_oid_index', [proc.oid]);
  if (row === undefined) throw new Error(`function ${proc.oid} does not exist`);
  yield* cx.writer.update(row, { ...changedColumns(options), ...changedSettings(cx, proc.config, options) });
  return `ALTER ${word.toUpperCase()}`;
}

function changedColumns(options: FunctionOptions): ColumnValues {
  const columns: Record<string, string | number | boolean> = {};
  if (options.volatility !== undefined) columns.provolatile = options.volatility;
  if (options.strict !== undefined) columns.proisstrict = options.strict;
  if (options.security !== undefined) columns.prosecdef = options.security;
  if (options.leakproof !== undefined) columns.proleakproof = options.leakproof;
  if (options.parallel !== undefined) columns.proparallel = options.parallel;
  if (options.cost !== undefined) columns.procost = options.cost;
  if (options.rows !== undefined) columns.prorows = options.rows;
  return columns;
}

/** SET and RESET, in their order. */
function changedSettings(cx: DdlContext, before: readonly string[], { settings }: FunctionOptions): ColumnValues {
  if (settings.length === 0) return {};
  let config = [...before];
  for (const setting of settings) {
    const name = setting.name ?? '';
    if (setting.kind === 'VAR_RESET_ALL') {
      config = [];
      continue;
    }
    const value = cx.settingValue(setting);
    const at = config.findIndex((item) => item.startsWith(`${name}=`));
    if (at >= 0) config.splice(at, 1, ...(value === null ? [] : [`${name}=${value}`]));
    else if (value !== null) config.push(`${name}=${value}`);
  }
  return { proconfig: config.length === 0 ? null : PgArray.of(oids.TEXT, config) };
}
