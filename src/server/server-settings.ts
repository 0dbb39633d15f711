/** What SHOW says of the server: parameters of PostgreSQL whose values are in orbit-server.toml under other names. */
import type { Config } from '../config/config.js';
import type { TlsFiles } from '../config/security-settings.js';

function tlsSettings(tls: TlsFiles): [string, string][] {
  return [
    ['ssl', 'on'],
    ['ssl_cert_file', tls.certPath],
    ['ssl_key_file', tls.keyPath],
    ['ssl_ca_file', tls.clientCaPath ?? ''],
    ['ssl_crl_file', tls.crlPath ?? ''],
    ['ssl_min_protocol_version', tls.minVersion],
  ];
}

/** `port`: where the server listens, null when it does not. Values are in base units, by lower-case name. */
export function serverSettings(config: Config, port: number | null): ReadonlyMap<string, string> {
  const { tls } = config;
  const file = config.file ?? '';
  return new Map([
    ['port', String(port ?? config.port)],
    ['listen_addresses', config.postgresEnabled ? config.host : ''],
    ['unix_socket_directories', config.unixSocketDir ?? ''],
    ['authentication_timeout', String(config.authenticationTimeout / 1000)],
    ['config_file', file],
    // The rules, and the maps of names, are in the same file.
    ['hba_file', file],
    ['ident_file', file],
    ...(tls === null ? [] : tlsSettings(tls)),
  ]);
}
