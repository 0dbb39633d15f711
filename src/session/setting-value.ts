/** Reading and showing the values of configuration parameters: booleans, numbers with units, enumerations. */
import type { SettingFact } from '../catalog/system-data.js';
import { sqlError } from '../errors/sql-error.js';

const MEMORY_UNITS: Record<string, number> = { B: 1, kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };
const TIME_UNITS: Record<string, number> = { us: 0.001, ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

const TRUE_WORDS = ['true', 'yes', 'on', '1'];
const FALSE_WORDS = ['false', 'no', 'off', '0'];

export function parseBoolean(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (word === '' || word === 'o') return undefined;
  if (TRUE_WORDS.some((candidate) => candidate.startsWith(word))) return true;
  if (FALSE_WORDS.some((candidate) => candidate.startsWith(word))) return false;
  return undefined;
}

/** The base unit of a parameter as a unit and a factor: `8kB` → kB × 8. */
function baseUnit(unit: string): { scale: number; table: Record<string, number> } {
  const match = /^(\d*)(\D+)$/.exec(unit);
  const name = match?.[2] ?? unit;
  const count = match?.[1] ? Number(match[1]) : 1;
  const table = name in MEMORY_UNITS ? MEMORY_UNITS : TIME_UNITS;
  return { scale: (table[name] ?? 1) * count, table };
}

/** A number in the parameter's base unit. */
function parseNumber(fact: SettingFact, text: string): number {
  const match = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|0[xX][0-9a-fA-F]+)\s*([a-zA-Z]*)\s*$/.exec(text);
  const invalid = (): Error =>
    sqlError('invalid_parameter_value', `invalid value for parameter "${fact.name}": "${text}"`);
  if (match === null) throw invalid();
  let value = Number(match[1]);
  if (match[2] !== '') {
    if (fact.unit === null) throw invalid();
    const { scale, table } = baseUnit(fact.unit);
    const given = table[match[2]];
    if (given === undefined) {
      const valid = table === MEMORY_UNITS ? '"B", "kB", "MB", "GB", and "TB"' : '"us", "ms", "s", "min", "h", and "d"';
      throw sqlError('invalid_parameter_value', `invalid value for parameter "${fact.name}": "${text}"`, {
        hint: `Valid units for this parameter are ${valid}.`,
      });
    }
    value = (value * given) / scale;
  }
  return fact.type === 'integer' ? Math.round(value) : value;
}

/** Checks a value and gives it in canonical form. @throws SqlError 22023 */
export function canonicalValue(fact: SettingFact, text: string): string {
  switch (fact.type) {
    case 'bool': {
      const value = parseBoolean(text);
      if (value === undefined)
        throw sqlError('invalid_parameter_value', `parameter "${fact.name}" requires a Boolean value`);
      return value ? 'on' : 'off';
    }
    case 'enum': {
      const values = fact.values ?? [];
      const found =
        values.find((value) => value.toLowerCase() === text.trim().toLowerCase()) ?? booleanEnum(values, text);
      if (found === undefined) {
        throw sqlError('invalid_parameter_value', `invalid value for parameter "${fact.name}": "${text}"`, {
          hint: `Available values: ${values.join(', ')}.`,
        });
      }
      return found;
    }
    case 'integer':
    case 'real': {
      const value = parseNumber(fact, text);
      const low = Number(fact.min ?? '-Infinity');
      const high = Number(fact.max ?? 'Infinity');
      if (value < low || value > high) {
        const unit = fact.unit === null ? '' : ` ${fact.unit}`;
        throw sqlError(
          'invalid_parameter_value',
          `${value}${unit} is outside the valid range for parameter "${fact.name}" (${fact.min} .. ${fact.max})`,
        );
      }
      return String(value);
    }
    default:
      return text;
  }
}

function booleanEnum(values: readonly string[], text: string): string | undefined {
  const value = parseBoolean(text);
  if (value === undefined) return undefined;
  return values.find((candidate) => candidate === (value ? 'on' : 'off'));
}

/** As SHOW prints it: numbers with the largest unit that divides them. */
export function displayValue(fact: SettingFact, value: string): string {
  if ((fact.type !== 'integer' && fact.type !== 'real') || fact.unit === null) return value;
  const number = Number(value);
  if (number <= 0) return value;
  const { scale, table } = baseUnit(fact.unit);
  const total = number * scale;
  const units = Object.entries(table).sort((a, b) => b[1] - a[1]);
  for (const [name, size] of units) if (total % size === 0) return `${total / size}${name}`;
  return value;
}
