/** The options of COPY, checked as PostgreSQL checks them (documentation, COPY). */
import { type ErrorFields, notSupported, type SqlError, sqlError } from '../../errors/sql-error.js';

export interface CopyOptions {
  readonly format: 'text' | 'csv' | 'binary';
  readonly delimiter: string;
  readonly nullText: string;
  readonly header: boolean | 'match';
  readonly quote: string;
  readonly escape: string;
  /** Column names, or 'all'. */
  readonly forceQuote: readonly string[] | 'all';
  readonly forceNotNull: readonly string[];
  readonly forceNull: readonly string[];
}

/** An option as written: a single value, a list of names, or none. */
export interface CopyOption {
  readonly name: string;
  readonly value: string | readonly string[] | null;
  /** Where the statement has it, in characters from 1. */
  readonly position?: number | undefined;
}

function booleanOf(option: CopyOption): boolean {
  const text = typeof option.value === 'string' ? option.value.toLowerCase() : null;
  if (text === null || ['true', 'on', '1'].includes(text)) return true;
  if (['false', 'off', '0'].includes(text)) return false;
  throw sqlError('syntax_error', `${option.name} requires a Boolean value`);
}

function headerOf(option: CopyOption): CopyOptions['header'] {
  if (typeof option.value === 'string' && option.value.toLowerCase() === 'match') return 'match';
  try {
    return booleanOf(option);
  } catch {
    throw sqlError('syntax_error', 'header requires a Boolean value or "match"');
  }
}

function textOf(option: CopyOption): string {
  return typeof option.value === 'string' ? option.value : '';
}

function namesOf(option: CopyOption): readonly string[] {
  return Array.isArray(option.value) ? option.value : [];
}

/** Where an error shows the option. */
function at(option: CopyOption | undefined): ErrorFields {
  return option?.position === undefined ? {} : { position: option.position };
}

function invalid(message: string, fields?: ErrorFields): SqlError {
  return sqlError('invalid_parameter_value', message, fields);
}

/** @throws SqlError 42601, 22023, 0A000 */
export function copyOptions(items: readonly CopyOption[], from: boolean): CopyOptions {
  const given = new Map<string, CopyOption>();
  for (const item of items) {
    if (given.has(item.name)) throw sqlError('syntax_error', 'conflicting or redundant options', at(item));
    given.set(item.name, item);
  }
  const known = [
    'format',
    'freeze',
    'delimiter',
    'null',
    'header',
    'quote',
    'escape',
    'force_quote',
    'force_not_null',
    'force_null',
    'encoding',
  ];
  for (const item of items)
    if (!known.includes(item.name)) throw sqlError('syntax_error', `option "${item.name}" not recognized`, at(item));
  const text = (name: string): string | undefined => {
    const option = given.get(name);
    return option === undefined ? undefined : textOf(option);
  };
  const format = text('format') ?? 'text';
  if (format !== 'text' && format !== 'csv' && format !== 'binary')
    throw invalid(`COPY format "${format}" not recognized`, at(given.get('format')));
  checkEncoding(text('encoding'));
  const csv = format === 'csv';
  const header = given.get('header');
  const quote = text('quote') ?? '"';
  const forceQuote = given.get('force_quote');
  const options: CopyOptions = {
    format,
    delimiter: text('delimiter') ?? (csv ? ',' : '\t'),
    nullText: text('null') ?? (csv ? '' : '\\N'),
    header: header === undefined ? false : headerOf(header),
    quote,
    escape: text('escape') ?? quote,
    forceQuote:
      forceQuote === undefined
        ? []
        : forceQuote.value === null || forceQuote.value === '*'
          ? 'all'
          : namesOf(forceQuote),
    forceNotNull: namesOf(given.get('force_not_null') ?? { name: '', value: null }),
    forceNull: namesOf(given.get('force_null') ?? { name: '', value: null }),
  };
  check(options, given, from);
  return options;
}

function checkEncoding(encoding: string | undefined): void {
  if (encoding === undefined) return;
  const name = encoding.replaceAll(/[^a-z0-9]/gi, '').toUpperCase();
  if (name !== 'UTF8' && name !== 'UNICODE' && name !== 'SQLASCII')
    throw notSupported(`COPY with encoding "${encoding}"`);
}

function check(options: CopyOptions, given: ReadonlyMap<string, CopyOption>, from: boolean): void {
  const csv = options.format === 'csv';
  if (options.format === 'binary') {
    if (given.has('delimiter')) throw sqlError('syntax_error', 'cannot specify DELIMITER in BINARY mode');
    if (given.has('null')) throw sqlError('syntax_error', 'cannot specify NULL in BINARY mode');
    if (options.header !== false) throw sqlError('feature_not_supported', 'cannot specify HEADER in BINARY mode');
  }
  if (options.header === 'match' && !from)
    throw sqlError('feature_not_supported', 'cannot use "match" with HEADER in COPY TO');
  if (Buffer.byteLength(options.delimiter) !== 1)
    throw sqlError('feature_not_supported', 'COPY delimiter must be a single one-byte character');
  if (/[\r\n]/.test(options.delimiter)) throw invalid('COPY delimiter cannot be newline or carriage return');
  if (/[\r\n]/.test(options.nullText)) throw invalid('COPY null representation cannot use newline or carriage return');
  if (!csv && /[\\.a-z0-9]/.test(options.delimiter)) throw invalid(`COPY delimiter cannot be "${options.delimiter}"`);
  if (!csv && given.has('quote')) throw sqlError('feature_not_supported', 'COPY quote available only in CSV mode');
  if (csv && Buffer.byteLength(options.quote) !== 1)
    throw sqlError('feature_not_supported', 'COPY quote must be a single one-byte character');
  if (csv && options.delimiter === options.quote) throw invalid('COPY delimiter and quote must be different');
  if (!csv && given.has('escape')) throw sqlError('feature_not_supported', 'COPY escape available only in CSV mode');
  if (csv && Buffer.byteLength(options.escape) !== 1)
    throw sqlError('feature_not_supported', 'COPY escape must be a single one-byte character');
  if (given.has('force_quote') && (!csv || from))
    throw sqlError(
      'feature_not_supported',
      csv ? 'COPY force quote only available using COPY TO' : 'COPY force quote available only in CSV mode',
    );
  if (given.has('force_not_null') && (!csv || !from))
    throw sqlError(
      'feature_not_supported',
      csv ? 'COPY force not null only available using COPY FROM' : 'COPY force not null available only in CSV mode',
    );
  if (given.has('force_null') && (!csv || !from))
    throw sqlError(
      'feature_not_supported',
      csv ? 'COPY force null only available using COPY FROM' : 'COPY force null available only in CSV mode',
    );
  if (options.nullText.includes(options.delimiter))
    throw sqlError('feature_not_supported', 'COPY delimiter must not appear in the NULL specification');
  if (csv && options.nullText.includes(options.quote))
    throw sqlError('feature_not_supported', 'CSV quote character must not appear in the NULL specification');
}
