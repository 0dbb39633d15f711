/** Where a parameter's value comes from, as pg_settings says it. */
import type { SettingFact } from '../catalog/system-data.js';
import type { Settings } from './settings.js';

/** Parameters whose values follow from something else than the settings file. */
const COMPUTED: ReadonlySet<string> = new Set([
  'client_encoding',
  'is_superuser',
  'server_encoding',
  'server_version',
  'server_version_num',
  'session_authorization',
]);

/** `configured`: what the settings file gives, by lower-case name. */
export function settingSource(
  settings: Settings,
  configured: ReadonlyMap<string, string>,
  { name, boot }: SettingFact,
): string {
  const own = settings.source(name);
  if (own !== null) return own;
  const key = name.toLowerCase();
  if (COMPUTED.has(key)) return 'default';
  return configured.has(key) || settings.default(key) !== (boot ?? '') ? 'configuration file' : 'default';
}
