/** The jsonb_path_* functions and the operators @? and @@. */
import { sqlError } from '../../errors/sql-error.js';
import { JSON_NULL, JsonbArray, type JsonbNode } from '../../types/json/jsonb.js';
import { parseJsonPath } from '../../types/json/jsonpath-parser.js';
import { pathExists, queryPath } from './jsonpath-exec.js';
import { type FunctionFamily, joinFamilies, plainFunctions, setFunctions } from './registry.js';

function exists(target: JsonbNode, text: string, vars: JsonbNode | null, silent: boolean): boolean | null {
  return pathExists(parseJsonPath(text), target, vars, silent);
}

function match(target: JsonbNode, text: string, vars: JsonbNode | null, silent: boolean): boolean | null {
  const results = [...queryPath(parseJsonPath(text), target, vars, silent)];
  if (results.length === 1) {
    const [result] = results;
    if (typeof result === 'boolean') return result;
    if (result === JSON_NULL) return null;
  }
  if (silent) return null;
  throw sqlError('singleton_sql_json_item_required', 'single boolean result is expected');
}

function query(target: JsonbNode, text: string, vars: JsonbNode, silent: boolean): JsonbNode[] {
  return [...queryPath(parseJsonPath(text), target, vars, silent)];
}

function queryArray(target: JsonbNode, text: string, vars: JsonbNode, silent: boolean): JsonbNode {
  return new JsonbArray(query(target, text, vars, silent));
}

function queryFirst(target: JsonbNode, text: string, vars: JsonbNode, silent: boolean): JsonbNode | null {
  return query(target, text, vars, silent)[0] ?? null;
}

export const jsonPathFunctions: FunctionFamily = joinFamilies(
  plainFunctions({
    jsonb_path_exists: exists,
    jsonb_path_exists_tz: exists,
    jsonb_path_exists_opr: (target: JsonbNode, path: string) => exists(target, path, null, true),
    jsonb_path_match: match,
    jsonb_path_match_tz: match,
    jsonb_path_match_opr: (target: JsonbNode, path: string) => match(target, path, null, true),
    jsonb_path_query_array: queryArray,
    jsonb_path_query_array_tz: queryArray,
    jsonb_path_query_first: queryFirst,
    jsonb_path_query_first_tz: queryFirst,
  }),
  setFunctions({
    jsonb_path_query: (_cx, target: JsonbNode, path: string, vars: JsonbNode, silent: boolean) =>
      query(target, path, vars, silent),
    jsonb_path_query_tz: (_cx, target: JsonbNode, path: string, vars: JsonbNode, silent: boolean) =>
      query(target, path, vars, silent),
  }),
);
