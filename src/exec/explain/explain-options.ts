/** The options of EXPLAIN, checked as PostgreSQL checks them. */
import { sqlError } from '../../errors/sql-error.js';

export type ExplainFormat = 'text' | 'json' | 'yaml' | 'xml';

export interface ExplainOptions {
  readonly analyze: boolean;
  readonly verbose: boolean;
  readonly costs: boolean;
  readonly timing: boolean;
  readonly summary: boolean;
  readonly format: ExplainFormat;
}

/** Options that change nothing here, because what they would show does not exist. */
const IGNORED = ['buffers', 'wal', 'settings'];
const FORMATS: readonly string[] = ['text', 'json', 'yaml', 'xml'];

function isFormat(text: string): text is ExplainFormat {
  return FORMATS.includes(text);
}

/**
 * `items`: the options in the order given, `value` null where an option stands alone.
 * @throws SqlError 42601 unknown option, 22023 bad value or TIMING/WAL without ANALYZE
 */
export function explainOptions(
  items: readonly { readonly name: string; readonly value: string | null }[],
): ExplainOptions {
  const flags = new Map<string, boolean>();
  let format: ExplainFormat = 'text';
  for (const { name, value } of items) {
    if (name === 'format') {
      const wanted = (value ?? '').toLowerCase();
      if (!isFormat(wanted)) {
        throw sqlError('invalid_parameter_value', `unrecognized value for EXPLAIN option "format": "${value}"`);
      }
      format = wanted;
    } else if (['analyze', 'verbose', 'costs', 'timing', 'summary', ...IGNORED].includes(name)) {
      flags.set(name, booleanValue(name, value));
    } else throw sqlError('syntax_error', `unrecognized EXPLAIN option "${name}"`);
  }
  const analyze = flags.get('analyze') ?? false;
  for (const name of ['wal', 'timing']) {
    if (flags.get(name) === true && !analyze) {
      throw sqlError('invalid_parameter_value', `EXPLAIN option ${name.toUpperCase()} requires ANALYZE`);
    }
  }
  return {
    analyze,
    verbose: flags.get('verbose') ?? false,
    costs: flags.get('costs') ?? true,
    timing: flags.get('timing') ?? analyze,
    summary: flags.get('summary') ?? analyze,
    format,
  };
}

function booleanValue(name: string, value: string | null): boolean {
  switch (value?.toLowerCase() ?? 'true') {
    case 'true':
    case 'on':
    case '1':
      return true;
    case 'false':
    case 'off':
    case '0':
      return false;
    default:
      throw sqlError('syntax_error', `${name} requires a Boolean value`);
  }
}
