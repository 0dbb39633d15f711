/** Functions as text: their arguments, results and definitions (pg_get_function_arguments, pg_get_functiondef). */
import { formatType } from '../../catalog/format-type.js';
import type { SystemRow } from '../../catalog/system-row.js';
import { notSupported, sqlError } from '../../errors/sql-error.js';
import { type CallContext, contextFunctions, type FunctionFamily } from '../../sql/functions/registry.js';
import { quoteIdentifier, quoteQualified } from '../../types/quote-identifier.js';
import { sessionOf } from './session-of.js';

const MODE_NAMES: Record<string, string> = { o: 'OUT ', b: 'INOUT ', v: 'VARIADIC ', i: '', t: '' };

function functionArguments(cx: CallContext, oid: number, withDefaults: boolean): string | null {
  const { catalog } = sessionOf(cx);
  const proc = catalog.proc(oid);
  if (proc === undefined) return null;
  const types = proc.allArgTypes ?? proc.argTypes;
  const modes = proc.argModes ?? types.map(() => 'i');
  const inputs = modes.filter((mode) => 'ibv'.includes(mode)).length;
  let input = 0;
  const parts: string[] = [];
  const aggregate = proc.kind === 'a' ? catalog.aggregate(oid) : undefined;
  const direct = aggregate === undefined || aggregate.kind === 'n' ? -1 : aggregate.directArgs;
  types.forEach((type, i) => {
    const mode = modes[i];
    if (mode === 't') return;
    const name = proc.argNames?.[i] ?? '';
    const shown = proc.kind === 'p' && mode === 'i' ? 'IN ' : MODE_NAMES[mode];
    let text = `${shown}${name === '' ? '' : `${quoteIdentifier(name)} `}${formatType(catalog, type, null)}`;
    if ('ibv'.includes(mode)) {
      const defaults = proc.defaultTexts ?? [];
      const position = input - (inputs - defaults.length);
      if (withDefaults && position >= 0 && defaults[position] !== undefined) text += ` DEFAULT ${defaults[position]}`;
      input++;
    }
    parts.push(text);
  });
  return direct < 0 ? parts.join(', ') : orderedArguments(parts, direct);
}

/** Ordered-set aggregates: what is aggregated stands behind ORDER BY; a last VARIADIC argument stands on both sides. */
function orderedArguments(parts: readonly string[], direct: number): string {
  const aggregated = parts.length > direct ? parts.slice(direct) : parts.slice(-1);
  const before = parts.slice(0, direct).join(', ');
  return `${before}${before === '' ? '' : ' '}ORDER BY ${aggregated.join(', ')}`;
}

function functionResult(cx: CallContext, oid: number): string | null {
  const { catalog } = sessionOf(cx);
  const proc = catalog.proc(oid);
  if (proc === undefined || proc.kind === 'p') return null;
  const table = (proc.argModes ?? []).flatMap((mode, i) =>
    mode === 't'
      ? [`${quoteIdentifier(proc.argNames?.[i] ?? '')} ${formatType(catalog, proc.allArgTypes?.[i] ?? 0, null)}`]
      : [],
  );
  if (table.length > 0) return `TABLE(${table.join(', ')})`;
  return `${proc.returnsSet ? 'SETOF ' : ''}${formatType(catalog, proc.resultType, null)}`;
}

const VOLATILITIES: Readonly<Record<string, string>> = { i: ' IMMUTABLE', s: ' STABLE', v: '' };
const PARALLEL: Readonly<Record<string, string>> = { s: ' PARALLEL SAFE', r: ' PARALLEL RESTRICTED', u: '' };
/** What the planner assumes of a set-returning function, and of one that is not internal. */
const DEFAULT_ROWS = 1000;
const DEFAULT_COST = 100;

function attributesOf(row: SystemRow, internal: boolean): string {
  const cost = row.number('procost');
  const rows = row.number('prorows');
  return [
    row.text('prokind') === 'w' ? ' WINDOW' : '',
    VOLATILITIES[row.text('provolatile')],
    PARALLEL[row.text('proparallel')],
    row.boolean('proisstrict') ? ' STRICT' : '',
    row.boolean('prosecdef') ? ' SECURITY DEFINER' : '',
    row.boolean('proleakproof') ? ' LEAKPROOF' : '',
    cost === (internal ? 1 : DEFAULT_COST) ? '' : ` COST ${cost}`,
    row.boolean('proretset') && rows > 0 && rows !== DEFAULT_ROWS ? ` ROWS ${rows}` : '',
  ].join('');
}

/** Throws 0A000 for built-in functions in SQL, whose bodies the server does not have, and 42809 for aggregates. */
function functionDefinition(cx: CallContext, oid: number): string | null {
  const { catalog } = sessionOf(cx);
  const [row] = catalog.rows('pg_proc_oid_index', [oid]);
  if (row === undefined) return null;
  const name = row.text('proname');
  if (row.text('prokind') === 'a') throw sqlError('wrong_object_type', `"${name}" is an aggregate function`);
  const [language] = catalog.rows('pg_language_oid_index', [row.number('prolang')]);
  const languageName = language?.text('lanname') ?? '';
  const internal = languageName === 'internal' || languageName === 'c';
  const attributes = attributesOf(row, internal);
  const schema = catalog.namespace(row.number('pronamespace'))?.name ?? null;
  const library = languageName === 'c' ? `'${row.text('probin')}', ` : '';
  const procedure = row.text('prokind') === 'p';
  const word = procedure ? 'PROCEDURE' : 'FUNCTION';
  return [
    `CREATE OR REPLACE ${word} ${quoteQualified(schema, name)}(${functionArguments(cx, oid, true) ?? ''})`,
    ...(procedure ? [] : [` RETURNS ${functionResult(cx, oid) ?? ''}`]),
    ` LANGUAGE ${quoteIdentifier(languageName)}`,
    ...(attributes === '' ? [] : [attributes]),
    ...settingClauses(row),
    `${bodyText(row, library, word.toLowerCase())}\n`,
  ].join('\n');
}

function settingClauses(row: SystemRow): string[] {
  return (row.textsOrNull('proconfig') ?? []).map((item) => {
    const at = item.indexOf('=');
    const value = item.slice(at + 1);
    const list = ['search_path', 'temp_tablespaces'].includes(item.slice(0, at));
    return ` SET ${quoteIdentifier(item.slice(0, at))} TO ${list ? value : quoteText(value)}`;
  });
}

function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** @throws SqlError 0A000 */
function bodyText(row: SystemRow, library: string, tag: string): string {
  const body = row.textOrNull('prosqlbody');
  if (body !== null) return standardBody(body);
  const source = row.text('prosrc');
  const builtIn = row.number('prolang') === SQL_LANGUAGE && row.number('oid') < FIRST_USER_OID;
  if (builtIn) throw notSupported(`the definition of function ${row.text('proname')}`);
  let quote = `$${tag}$`;
  while (source.includes(quote)) quote = `${quote.slice(0, -1)}x$`;
  return `AS ${library}${quote}${source}${quote}`;
}

const SQL_LANGUAGE = 14;
const FIRST_USER_OID = 16384;

function standardBody(body: string): string {
  const single = /^ ?SELECT ([^;]*)$/.exec(body);
  return single === null ? `BEGIN ATOMIC\n${body};\nEND` : `RETURN ${single[1]}`;
}

export const functionSignatures: FunctionFamily = contextFunctions({
  pg_get_function_arguments: (cx, proc: number) => functionArguments(cx, proc, true),
  pg_get_function_identity_arguments: (cx, proc: number) => functionArguments(cx, proc, false),
  pg_get_function_result: (cx, proc: number) => functionResult(cx, proc),
  pg_get_functiondef: functionDefinition,
});
