/** Options of CREATE DATABASE and ALTER DATABASE: their names, their values, and what is wrong with them. */
import type { DefElem, Node } from '@pgsql/types';
import { encodingName, encodingNumber, isServerEncoding } from '../catalog/encodings.js';
import { FIRST_NORMAL_OID } from '../catalog/known-oids.js';
import { notSupported, type SqlError, sqlError } from '../errors/sql-error.js';
import type { DdlContext } from './ddl-context.js';
import { defElems, optionInteger, optionText, redundantOption, strictBoolean } from './option-values.js';
import { positionOf } from './relation-names.js';

const CREATE_OPTIONS: ReadonlySet<string> = new Set([
  'tablespace',
  'owner',
  'template',
  'encoding',
  'locale',
  'lc_collate',
  'lc_ctype',
  'icu_locale',
  'locale_provider',
  'is_template',
  'allow_connections',
  'connection_limit',
  'collation_version',
  'oid',
  'strategy',
]);
const ALTER_OPTIONS: ReadonlySet<string> = new Set([
  'is_template',
  'allow_connections',
  'connection_limit',
  'tablespace',
]);
const LARGEST_OID = 0xffff_ffffn;

/** By name; those given as DEFAULT are not there. */
export class DatabaseOptions {
  private readonly given = new Map<string, DefElem>();

  private constructor(
    private readonly cx: DdlContext,
    nodes: readonly Node[] | undefined,
    known: ReadonlySet<string>,
  ) {
    const seen = new Set<string>();
    for (const option of defElems(nodes)) {
      const name = option.defname ?? '';
      if (name === 'location') {
        this.warnLocation(option);
        continue;
      }
      if (!known.has(name))
        throw sqlError('syntax_error', `option "${name}" not recognized`).at(positionOf(cx, option.location));
      if (seen.has(name)) throw redundantOption(cx, option);
      seen.add(name);
      if (option.arg !== undefined) this.given.set(name, option);
    }
  }

  static ofCreate(cx: DdlContext, nodes: readonly Node[] | undefined): DatabaseOptions {
    const options = new DatabaseOptions(cx, nodes, CREATE_OPTIONS);
    // A wrong value is told before anything else.
    options.oid();
    return options;
  }

  static ofAlter(cx: DdlContext, nodes: readonly Node[] | undefined): DatabaseOptions {
    return new DatabaseOptions(cx, nodes, ALTER_OPTIONS);
  }

  private warnLocation(option: DefElem): void {
    this.cx.notice('WARNING', 'LOCATION is not supported anymore', {
      code: '0A000',
      hint: 'Consider using tablespaces instead.',
      position: positionOf(this.cx, option.location),
    });
  }

  get size(): number {
    return this.given.size;
  }

  /** The error of an option that does not go together with others. */
  alone(name: string): SqlError {
    return sqlError('feature_not_supported', `option "${name}" cannot be specified with other options`).at(
      positionOf(this.cx, this.given.get(name)?.location),
    );
  }

  text(name: string): string | undefined {
    const option = this.given.get(name);
    return option === undefined ? undefined : optionText(option);
  }

  boolean(name: string): boolean | undefined {
    const option = this.given.get(name);
    return option === undefined ? undefined : strictBoolean(option);
  }

  /** @throws SqlError 22023 */
  connectionLimit(): number | undefined {
    const option = this.given.get('connection_limit');
    if (option === undefined) return undefined;
    const limit = Number(optionInteger(option));
    if (limit < -1) throw sqlError('invalid_parameter_value', `invalid connection limit: ${limit}`);
    return limit;
  }

  /** @throws SqlError 22023, 22003, 42601 */
  oid(): number | undefined {
    const option = this.given.get('oid');
    if (option === undefined) return undefined;
    const { arg } = option;
    if (arg === undefined || !('Integer' in arg || 'Float' in arg))
      throw sqlError('syntax_error', 'oid requires a numeric value');
    const oid = optionInteger(option);
    if (oid > LARGEST_OID) throw sqlError('numeric_value_out_of_range', `value "${oid}" is out of range for type oid`);
    if (oid < FIRST_NORMAL_OID) {
      throw sqlError('invalid_parameter_value', `OIDs less than ${FIRST_NORMAL_OID} are reserved for system objects`);
    }
    return Number(oid);
  }

  /** The number of the encoding. @throws SqlError 42704 */
  encoding(): number | undefined {
    const option = this.given.get('encoding');
    if (option === undefined) return undefined;
    const position = positionOf(this.cx, option.location);
    if (option.arg !== undefined && 'Integer' in option.arg) {
      const code = Number(optionInteger(option));
      if (isServerEncoding(code)) return code;
      throw sqlError('undefined_object', `${code} is not a valid encoding code`).at(position);
    }
    const name = optionText(option) ?? '';
    const number = encodingNumber(name);
    if (isServerEncoding(number)) return number;
    throw sqlError('undefined_object', `${name} is not a valid encoding name`).at(position);
  }

  /** @throws SqlError 42P17, 22023, 0A000 */
  checkProvider(): void {
    const provider = this.text('locale_provider')?.toLowerCase() ?? 'libc';
    if (provider === 'icu') {
      if (this.text('icu_locale') === undefined)
        throw sqlError('invalid_parameter_value', 'ICU locale must be specified');
      throw notSupported('locale provider icu');
    }
    if (provider !== 'libc')
      throw sqlError('invalid_object_definition', `unrecognized locale provider: ${this.text('locale_provider')}`);
  }

  /** @throws SqlError 22023 */
  checkStrategy(): void {
    const strategy = this.text('strategy');
    if (strategy === undefined || /^(wal_log|file_copy)$/i.test(strategy)) return;
    throw sqlError('invalid_parameter_value', `invalid create database strategy "${strategy}"`, {
      hint: 'Valid strategies are "wal_log" and "file_copy".',
    });
  }
}

/** What text is ordered and classified by, under any name that the system has for it. */
const LOCALES = /^(C|POSIX|C\.UTF-?8|)$/i;

/** The locale that a name stands for. @throws SqlError 42809 when there is none: texts are ordered by code points only */
export function checkedLocale(name: string): string {
  if (!LOCALES.test(name)) throw sqlError('wrong_object_type', `invalid locale name: "${name}"`);
  return name === '' ? 'C' : name;
}

/** @throws SqlError 22023 when a copy of the template would not be what was asked for */
export function checkTemplateFits(what: 'encoding' | 'collation' | 'LC_CTYPE', wanted: string, found: string): void {
  if (wanted === found) return;
  throw sqlError(
    'invalid_parameter_value',
    `new ${what} (${wanted}) is incompatible with the ${what} of the template database (${found})`,
    { hint: `Use the same ${what} as in the template database, or use template0 as template.` },
  );
}

export function encodingText(encoding: number): string {
  return encodingName(encoding) ?? String(encoding);
}
