/** The shape of orbit-server.toml, checked with valibot. Sizes are bytes. */
import * as v from 'valibot';
import { securitySchema } from './security-settings.js';

const bytes = v.pipe(v.number(), v.integer(), v.minValue(0));
const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535));
const level = v.picklist(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']);

/** Settings of RocksDB that the migration guide names; what each means here is in docs/configuration.md. */
export const rocksdbSchema = v.looseObject({
  enable_wal: v.optional(v.boolean()),
  write_buffer_size: v.optional(bytes),
  max_write_buffer_number: v.optional(bytes),
  min_write_buffer_number_to_merge: v.optional(bytes),
  target_file_size_base: v.optional(bytes),
  level0_file_num_compaction_trigger: v.optional(bytes),
  max_background_jobs: v.optional(bytes),
  block_cache_size: v.optional(bytes),
  compression_type: v.optional(v.string()),
  enable_statistics: v.optional(v.boolean()),
  cache_index_and_filter_blocks: v.optional(v.boolean()),
  pin_l0_filter_and_index_blocks: v.optional(v.boolean()),
  bloom_filter_bits_per_key: v.optional(bytes),
  enable_pipelined_write: v.optional(v.boolean()),
  allow_concurrent_memtable_write: v.optional(v.boolean()),
});

export const configSchema = v.looseObject({
  persistence: v.optional(
    v.looseObject({
      provider: v.optional(v.picklist(['leveldb', 'rocksdb', 'memory'])),
      data_dir: v.optional(v.string()),
      max_wal_size: v.optional(bytes),
      write_set_memory: v.optional(bytes),
      change_set_memory: v.optional(bytes),
      wal_segment_size: v.optional(bytes),
      ignore_checksum_failure: v.optional(v.boolean()),
      rocksdb: v.optional(rocksdbSchema),
      leveldb: v.optional(rocksdbSchema),
    }),
  ),
  protocols: v.optional(
    v.looseObject({
      postgres_enabled: v.optional(v.boolean()),
      postgres_bind_address: v.optional(v.string()),
      postgres_port: v.optional(port),
      postgres_unix_socket_dir: v.optional(v.string()),
    }),
  ),
  security: v.optional(securitySchema),
  server: v.optional(
    v.looseObject({
      user: v.optional(v.string()),
      database: v.optional(v.string()),
      max_connections: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
      max_prepared_transactions: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(262143))),
      authentication_timeout: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
    }),
  ),
  log: v.optional(
    v.looseObject({
      level: v.optional(level),
      modules: v.optional(v.record(v.string(), level)),
    }),
  ),
  parameters: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
  firewall: v.optional(v.looseObject({})),
});

export type ConfigFile = v.InferOutput<typeof configSchema>;
