/** `[security]`: TLS files, and who may connect how. */
import { resolve } from 'node:path';
import * as v from 'valibot';
import { ConfigError } from './config-error.js';
import { type HostRule, hostRuleSchema, hostRules, simpleRules, type UserMap, userMapSchema } from './host-rules.js';

const passwordMethods = ['trust', 'scram-sha-256', 'md5', 'password', 'reject'] as const;

export const securitySchema = v.looseObject({
  enable_tls: v.optional(v.boolean()),
  require_tls: v.optional(v.boolean()),
  cert_path: v.optional(v.string()),
  key_path: v.optional(v.string()),
  client_ca_path: v.optional(v.string()),
  crl_path: v.optional(v.string()),
  min_tls_version: v.optional(v.picklist(['TLSv1.2', 'TLSv1.3'])),
  local_authentication: v.optional(v.picklist(passwordMethods)),
  remote_authentication: v.optional(v.picklist(passwordMethods)),
  password: v.optional(v.string()),
  rules: v.optional(v.array(hostRuleSchema)),
  user_maps: v.optional(v.array(userMapSchema)),
});

type SecuritySection = v.InferOutput<typeof securitySchema>;

/** Absolute paths of PEM files. */
export interface TlsFiles {
  readonly certPath: string;
  readonly keyPath: string;
  /** Who vouches for clients' certificates; null: they are not asked for. */
  readonly clientCaPath: string | null;
  /** Certificates that their authority has revoked. */
  readonly crlPath: string | null;
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3';
}

export interface SecuritySettings {
  /** The superuser's; null: that of pg_authid counts. */
  readonly password: string | null;
  /** In order: the first that fits counts. */
  readonly rules: readonly HostRule[];
  readonly userMaps: readonly UserMap[];
  /** Whether clients on TCP are turned away when they do not use TLS, whatever the rules say. */
  readonly requireTls: boolean;
  readonly tls: TlsFiles | null;
}

/** @throws ConfigError */
export function securitySettings(section: SecuritySection, cwd: string, warnings: string[]): SecuritySettings {
  const tls = tlsFiles(section, cwd);
  const requireTls = section.require_tls === true;
  if (requireTls && tls === null)
    throw new ConfigError('[security] require_tls needs enable_tls, cert_path and key_path');
  const maps = (section.user_maps ?? []).map(userMap);
  if (section.rules !== undefined && (section.local_authentication ?? section.remote_authentication) !== undefined)
    warnings.push(
      '[security] local_authentication and remote_authentication are ignored: there are [[security.rules]]',
    );
  const surroundings = { tls: tls !== null, clientCa: tls !== null && tls.clientCaPath !== null, maps };
  const rules =
    section.rules === undefined
      ? simpleRules(
          section.local_authentication ?? 'trust',
          section.remote_authentication ?? 'scram-sha-256',
          requireTls,
        )
      : hostRules(section.rules, surroundings, warnings);
  return { password: section.password ?? null, rules, userMaps: maps, requireTls, tls };
}

function userMap({ map, system_user, database_user }: v.InferOutput<typeof userMapSchema>, i: number): UserMap {
  if (system_user.startsWith('/')) {
    try {
      new RegExp(system_user.slice(1), 'u');
    } catch (error) {
      throw new ConfigError(
        `[[security.user_maps]] number ${i + 1}: invalid regular expression "${system_user.slice(1)}": ${String(error)}`,
      );
    }
  }
  return { map, systemUser: system_user, databaseUser: database_user };
}

function tlsFiles(section: SecuritySection, cwd: string): TlsFiles | null {
  if (section.enable_tls !== true) return null;
  const { cert_path, key_path, client_ca_path, crl_path } = section;
  if (cert_path === undefined || key_path === undefined)
    throw new ConfigError('[security] enable_tls needs cert_path and key_path');
  return {
    certPath: resolve(cwd, cert_path),
    keyPath: resolve(cwd, key_path),
    clientCaPath: client_ca_path === undefined ? null : resolve(cwd, client_ca_path),
    crlPath: crl_path === undefined ? null : resolve(cwd, crl_path),
    minVersion: section.min_tls_version ?? 'TLSv1.2',
  };
}
