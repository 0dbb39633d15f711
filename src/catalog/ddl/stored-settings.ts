/** Settings of ALTER ROLE and ALTER DATABASE (pg_db_role_setting): lists of `name=value` by database and role, 0 for all. */
import { PgArray } from '../../types/datum.js';
import { TEXT } from '../../types/oids.js';
import type { Task } from '../../util/task.js';
import type { CatalogWriter } from '../catalog-writer.js';
import type { CatalogView } from '../descriptors.js';

const INDEX = 'pg_db_role_setting_databaseid_rol_index';

/** Whose settings they are. */
export interface SettingScope {
  readonly database: number;
  readonly role: number;
}

function split(item: string): readonly [name: string, value: string] {
  const at = item.indexOf('=');
  return at < 0 ? [item, ''] : [item.slice(0, at), item.slice(at + 1)];
}

/** In the order in which they were first set. */
export function storedSettings(view: CatalogView, { database, role }: SettingScope): ReadonlyMap<string, string> {
  return new Map((view.rows(INDEX, [database, role])[0]?.textsOrNull('setconfig') ?? []).map(split));
}

/** What a new session of the role in the database begins with: the more special setting wins. */
export function settingsOfSession(view: CatalogView, { database, role }: SettingScope): ReadonlyMap<string, string> {
  const scopes = [
    { database: 0, role: 0 },
    { database, role: 0 },
    { database: 0, role },
    { database, role },
  ];
  const settings = new Map<string, string>();
  for (const scope of scopes)
    for (const [name, value] of storedSettings(view, scope)) settings.set(name.toLowerCase(), value);
  return settings;
}

/** Sets one, or with null takes it away. Names do not depend on case. */
export function* changeStoredSetting(
  writer: CatalogWriter,
  { database, role }: SettingScope,
  name: string,
  value: string | null,
): Task<void> {
  const row = writer.findOne(INDEX, [database, role]);
  const items = [...(row?.textsOrNull('setconfig') ?? [])];
  const at = items.findIndex((item) => split(item)[0].toLowerCase() === name.toLowerCase());
  const replacement = value === null ? [] : [`${name}=${value}`];
  items.splice(at < 0 ? items.length : at, at < 0 ? 0 : 1, ...replacement);
  if (items.length === 0) {
    if (row !== undefined) yield* writer.delete(row);
    return;
  }
  const setconfig = PgArray.of(TEXT, items);
  if (row === undefined)
    yield* writer.insert('pg_db_role_setting', { setdatabase: database, setrole: role, setconfig });
  else yield* writer.update(row, { setconfig });
}

export function* removeStoredSettings(writer: CatalogWriter, { database, role }: SettingScope): Task<void> {
  yield* writer.deleteAll(INDEX, [database, role]);
}
