/** Parameters that only superusers and members of pg_read_all_settings may see: places in the file system, and the like. */
import { type SqlError, sqlError } from '../errors/sql-error.js';

const EXAMINED: ReadonlySet<string> = new Set(
  [
    'config_file data_directory dynamic_library_path external_pid_file hba_file ident_file jit_provider',
    'krb_server_keyfile log_directory log_filename primary_conninfo session_preload_libraries shared_preload_libraries',
    'ssl_ciphers ssl_dh_params_file ssl_ecdh_curve ssl_max_protocol_version ssl_min_protocol_version',
    'ssl_passphrase_command unix_socket_directories',
  ]
    .join(' ')
    .split(' '),
);

/** Whether not everybody may see the parameter (lower-case name). */
export function isExamined(key: string): boolean {
  return EXAMINED.has(key);
}

export function mayNotExamine(name: string): SqlError {
  return sqlError(
    'insufficient_privilege',
    `must be superuser or have privileges of pg_read_all_settings to examine "${name}"`,
  );
}
