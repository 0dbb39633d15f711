/** The PostgreSQL version that the server presents itself as. */
export const SERVER_VERSION = '15.18';
export const SERVER_VERSION_NUM = 150018;

export function versionText(): string {
  return `PostgreSQL ${SERVER_VERSION} (orbit-server) on ${process.arch === 'x64' ? 'x86_64' : process.arch}-${process.platform}, compiled by TypeScript, 64-bit`;
}
