/** The value of the setting search_path. */

/** `"$user", public` to its names. */
export function splitSearchPath(value: string): string[] {
  const names: string[] = [];
  for (const match of value.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^,]*))\s*(?:,|$)/g)) {
    const name = match[1] !== undefined ? match[1].replaceAll('""', '"') : (match[2] ?? '').trim().toLowerCase();
    if (name !== '') names.push(name);
  }
  return names;
}
