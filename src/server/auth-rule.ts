/** How a client has to prove itself, by where it comes from: the part of pg_hba.conf that the settings stand for. */
import type { Config } from '../config/config.js';
import type { AuthRule } from '../pgwire/wire-options.js';

/** `address` is `[local]` on a Unix socket. */
function isLoopback(address: string): boolean {
  return address === '[local]' || address === '::1' || address.startsWith('127.');
}

export function authRule(
  config: Pick<Config, 'localAuthentication' | 'remoteAuthentication' | 'requireTls'>,
): AuthRule {
  return (address, _user, _database, tls) => {
    if (config.requireTls && !tls && address !== '[local]') return 'no entry';
    return isLoopback(address) ? config.localAuthentication : config.remoteAuthentication;
  };
}
