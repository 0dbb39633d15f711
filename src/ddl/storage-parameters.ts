/**
 * Storage parameters (`WITH (fillfactor = 70)`): which there are for which kind of relation, their types and bounds, as
 * PostgreSQL 15 documents them for CREATE TABLE, CREATE INDEX and CREATE VIEW. Those of tables and indexes are kept and shown,
 * and change nothing here: pages are not those of PostgreSQL.
 */
import type { DefElem, Node } from '@pgsql/types';
import { sqlError } from '../errors/sql-error.js';
import { readBool } from '../types/numbers/bool-codec.js';
import { defElems, optionText } from './option-values.js';

type Parameter =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'integer' | 'floating point'; readonly min: number; readonly max: number }
  | { readonly kind: 'enum'; readonly values: readonly string[]; readonly shown: string };

type Parameters = Readonly<Record<string, Parameter>>;

const MAX_INT = 2147483647;
const BOOLEAN: Parameter = { kind: 'boolean' };
const AUTOMATIC: Parameter = {
  kind: 'enum',
  values: ['auto', 'on', 'off', 'true', 'false', 'yes', 'no', '1', '0'],
  shown: '"on", "off", and "auto"',
};

function integer(min: number, max: number): Parameter {
  return { kind: 'integer', min, max };
}

function real(min: number, max: number): Parameter {
  return { kind: 'floating point', min, max };
}

const FILLFACTOR: Parameters = { fillfactor: integer(10, 100) };

/** What tables have under their own name and, for the TOAST table, under `toast.`. */
const VACUUM: Parameters = {
  autovacuum_enabled: BOOLEAN,
  autovacuum_vacuum_threshold: integer(0, MAX_INT),
  autovacuum_vacuum_insert_threshold: integer(-1, MAX_INT),
  autovacuum_vacuum_cost_limit: integer(1, 10_000),
  autovacuum_vacuum_cost_delay: real(0, 100),
  autovacuum_vacuum_scale_factor: real(0, 100),
  autovacuum_vacuum_insert_scale_factor: real(0, 100),
  autovacuum_freeze_min_age: integer(0, 1_000_000_000),
  autovacuum_freeze_max_age: integer(100_000, 2_000_000_000),
  autovacuum_freeze_table_age: integer(0, 2_000_000_000),
  autovacuum_multixact_freeze_min_age: integer(0, 1_000_000_000),
  autovacuum_multixact_freeze_max_age: integer(10_000, 2_000_000_000),
  autovacuum_multixact_freeze_table_age: integer(0, 2_000_000_000),
  log_autovacuum_min_duration: integer(-1, MAX_INT),
  vacuum_index_cleanup: AUTOMATIC,
  vacuum_truncate: BOOLEAN,
};

const TABLE: Parameters = {
  ...FILLFACTOR,
  ...VACUUM,
  autovacuum_analyze_threshold: integer(0, MAX_INT),
  autovacuum_analyze_scale_factor: real(0, 100),
  parallel_workers: integer(0, 1024),
  toast_tuple_target: integer(128, 8160),
  user_catalog_table: BOOLEAN,
};

const VIEW: Parameters = {
  security_barrier: BOOLEAN,
  security_invoker: BOOLEAN,
  check_option: { kind: 'enum', values: ['local', 'cascaded'], shown: '"local" and "cascaded"' },
};

const INDEXES: Readonly<Record<string, Parameters>> = {
  btree: { ...FILLFACTOR, vacuum_cleanup_index_scale_factor: real(0, 1e10), deduplicate_items: BOOLEAN },
  hash: FILLFACTOR,
  gist: { ...FILLFACTOR, buffering: { kind: 'enum', values: ['auto', 'on', 'off'], shown: '"on", "off", and "auto"' } },
  spgist: FILLFACTOR,
  gin: { fastupdate: BOOLEAN, gin_pending_list_limit: integer(64, MAX_INT) },
  brin: { pages_per_range: integer(1, 131_072), autosummarize: BOOLEAN },
};

/** Whose parameters: those of tables, of views, or of the indexes of an access method. */
export type ParameterOwner = 'table' | 'view' | { readonly method: string };

/**
 * Storage parameters as pg_class.reloptions has them: `fillfactor=70`.
 * @throws SqlError 22023 for unknown, repeated and wrong ones
 */
export function storageParameters(nodes: readonly Node[] | undefined, owner: ParameterOwner): string[] {
  const seen = new Set<string>();
  return defElems(nodes)
    .filter((option) => option.defname !== 'oids')
    .map((option) => {
      const name = parameterName(option);
      if (seen.has(name)) throw invalid(`parameter "${name}" specified more than once`);
      seen.add(name);
      const text = optionText(option) ?? 'true';
      check(option.defname ?? '', knownParameter(option, owner), text);
      return `${name}=${text}`;
    });
}

/** The parameters that RESET names. @throws SqlError 22023, 42601 */
export function resetParameters(nodes: readonly Node[] | undefined): string[] {
  return defElems(nodes).map((option) => {
    if (option.arg === undefined) return parameterName(option);
    throw sqlError('syntax_error', 'RESET must not include values for parameters');
  });
}

function parameterName({ defnamespace, defname = '' }: DefElem): string {
  return defnamespace === undefined ? defname : `${defnamespace}.${defname}`;
}

function knownParameter({ defnamespace, defname = '' }: DefElem, owner: ParameterOwner): Parameter {
  if (defnamespace !== undefined && (owner !== 'table' || defnamespace !== 'toast')) {
    throw invalid(`unrecognized parameter namespace "${defnamespace}"`);
  }
  const known = defnamespace === undefined ? parametersOf(owner) : VACUUM;
  if (Object.hasOwn(known, defname)) return known[defname];
  throw invalid(`unrecognized parameter "${defname}"`);
}

function parametersOf(owner: ParameterOwner): Parameters {
  if (owner === 'table') return TABLE;
  return owner === 'view' ? VIEW : (INDEXES[owner.method] ?? {});
}

function check(name: string, parameter: Parameter, text: string): void {
  const wrong = (detail?: string): Error =>
    sqlError('invalid_parameter_value', `invalid value for ${parameter.kind} option "${name}": ${text}`, { detail });
  if (parameter.kind === 'boolean') {
    if (readBool(text) === null) throw wrong();
  } else if (parameter.kind === 'enum') {
    if (!parameter.values.includes(text.toLowerCase())) throw wrong(`Valid values are ${parameter.shown}.`);
  } else {
    const whole = parameter.kind === 'integer';
    if (!(whole ? /^\s*[+-]?\d+\s*$/ : /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i).test(text)) throw wrong();
    const value = Number(text);
    if (value >= parameter.min && value <= parameter.max) return;
    const shown = (bound: number): string => (whole ? String(bound) : bound.toFixed(6));
    throw sqlError('invalid_parameter_value', `value ${text} out of bounds for option "${name}"`, {
      detail: `Valid values are between "${shown(parameter.min)}" and "${shown(parameter.max)}".`,
    });
  }
}

function invalid(message: string): Error {
  return sqlError('invalid_parameter_value', message);
}
