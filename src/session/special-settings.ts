/** Parameters with rules of their own: defaults that the server computes, checks beyond their type, effects on values' text forms. */
import type { RoleDesc } from '../catalog/descriptors.js';
import { sqlError } from '../errors/sql-error.js';
import { canonicalTimeZone, parseDateStyle } from '../types/datetime/time-settings.js';
import type { DateOrder, DateStyle, IntervalStyle, TypeSettings } from '../types/type-context.js';
import type { Cluster } from './cluster.js';
import { canonicalValue } from './setting-value.js';
import { settingFact } from './settings.js';
import { SERVER_VERSION, SERVER_VERSION_NUM } from './version.js';
import type { StartupRequest } from './wire-session.js';

export function newTypeSettings(): TypeSettings {
  return {
    dateStyle: 'ISO',
    dateOrder: 'MDY',
    intervalStyle: 'postgres',
    timeZone: 'UTC',
    extraFloatDigits: 1,
    byteaOutput: 'hex',
  };
}

/** Defaults of a new session, by lower-case name. */
export function initialSettings(
  cluster: Cluster,
  request: StartupRequest,
  role: RoleDesc,
): ReadonlyMap<string, string> {
  return new Map([
    ['server_version', SERVER_VERSION],
    ['server_version_num', String(SERVER_VERSION_NUM)],
    ['server_encoding', 'UTF8'],
    ['client_encoding', 'UTF8'],
    ['timezone', 'UTC'],
    ['datestyle', 'ISO, MDY'],
    ['lc_collate', 'C'],
    ['lc_ctype', 'C'],
    ['lc_messages', 'C'],
    ['lc_monetary', 'C'],
    ['lc_numeric', 'C'],
    ['lc_time', 'C'],
    ['default_text_search_config', 'pg_catalog.english'],
    ['is_superuser', role.superuser ? 'on' : 'off'],
    ['session_authorization', request.user],
    ['max_connections', String(cluster.options.maxConnections)],
    ['max_prepared_transactions', String(cluster.options.maxPreparedTransactions)],
    ['data_directory', cluster.options.store.dataDir],
    ['block_size', '8192'],
    ['search_path', '"$user", public'],
    ...cluster.parameters,
    ...cluster.serverSettings,
  ]);
}

/** The server's own settings in canonical form. @throws SqlError 22023 naming the parameter */
export function configuredParameters(given: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map(
    [...given].map(([name, value]) => {
      const fact = settingFact(name);
      return [name, fact === undefined ? value : checkSetting(name, canonicalValue(fact, value))];
    }),
  );
}

/** Checks and normalises a value that has passed the check of its type. `current`: the settings that it may change in part. */
export function checkSetting(name: string, value: string, current: TypeSettings = newTypeSettings()): string {
  switch (name) {
    case 'timezone': {
      const zone = canonicalTimeZone(value);
      if (zone === undefined)
        throw sqlError('invalid_parameter_value', `invalid value for parameter "TimeZone": "${value}"`);
      return zone;
    }
    case 'datestyle': {
      const parsed = parseDateStyle(value, { style: current.dateStyle, order: current.dateOrder });
      if (parsed === undefined)
        throw sqlError('invalid_parameter_value', `invalid value for parameter "DateStyle": "${value}"`, {
          detail: `Unrecognized key word: "${value.split(/[,\s]/)[0].toLowerCase()}".`,
        });
      return `${parsed.style}, ${parsed.order}`;
    }
    case 'client_encoding': {
      const canonical = value.replaceAll(/[^a-z0-9]/gi, '').toUpperCase();
      if (canonical === 'UTF8' || canonical === 'UNICODE') return 'UTF8';
      if (canonical === 'SQLASCII') return 'SQL_ASCII';
      throw sqlError('feature_not_supported', `conversion between ${value} and UTF8 is not supported`);
    }
    default:
      return value;
  }
}

/** Carries a setting over to what input and output functions read. */
export function applyTypeSetting(settings: TypeSettings, name: string, value: string): void {
  switch (name) {
    case 'timezone':
      settings.timeZone = value;
      break;
    case 'datestyle': {
      const [style, order] = value.split(/,\s*/);
      settings.dateStyle = style as DateStyle;
      settings.dateOrder = order as DateOrder;
      break;
    }
    case 'intervalstyle':
      settings.intervalStyle = value as IntervalStyle;
      break;
    case 'extra_float_digits':
      settings.extraFloatDigits = Number(value);
      break;
    case 'bytea_output':
      settings.byteaOutput = value === 'escape' ? 'escape' : 'hex';
      break;
  }
}
