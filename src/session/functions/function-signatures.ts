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
    if (mode === 't' || (!withDefaults && mode === 'o')) return;
    const name = proc.argNames?.[i] ?? '';
    let text = `${MODE_NAMES[mode]}${name === '' ? '' : `${quoteIdentifier(name)} `}${formatType(catalog, type, null)}`;
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

/** Throws 0A000 for functions in SQL, whose bodies the server does not have, and 42809 for aggregates. */
function functionDefinition(cx: CallContext, oid: number): string | null {
  const { catalog } = sessionOf(cx);
  const [row] = catalog.rows('pg_proc_oid_index', [oid]);
  if (row === undefined) return null;
  const name = row.text('proname');
  if (row.text('prokind') === 'a') throw sqlError('wrong_object_type', `"${name}" is an aggregate function`);
  const [language] = catalog.rows('pg_language_oid_index', [row.number('prolang')]);
  const languageName = language?.text('lanname') ?? '';
  if (languageName === 'sql') throw notSupported(`the definition of function ${name}`);
  const internal = languageName === 'internal' || languageName === 'c';
  const attributes = attributesOf(row, internal);
  const schema = catalog.namespace(row.number('pronamespace'))?.name ?? null;
  const library = languageName === 'c' ? `'${row.text('probin')}', ` : '';
  return [
    `CREATE OR REPLACE FUNCTION ${quoteQualified(schema, name)}(${functionArguments(cx, oid, true) ?? ''})`,
    ` RETURNS ${functionResult(cx, oid) ?? ''}`,
    ` LANGUAGE ${quoteIdentifier(languageName)}`,
    ...(attributes === '' ? [] : [attributes]),
    `AS ${library}$function$${row.text('prosrc')}$function$\n`,
  ].join('\n');
}

export const functionSignatures: FunctionFamily = contextFunctions({
  pg_get_function_arguments: (cx, proc: number) => functionArguments(cx, proc, true),
  pg_get_function_identity_arguments: (cx, proc: number) => functionArguments(cx, proc, false),
  pg_get_function_result: (cx, proc: number) => functionResult(cx, proc),
  pg_get_functiondef: functionDefinition,
});
