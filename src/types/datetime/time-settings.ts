export function canonicalTimeZone(name: string): string | undefined {
  return name;
}
export function parseDateStyle(
  _v: string,
  c: { style: string; order: string },
): { style: string; order: string } | undefined {
  return c;
}
