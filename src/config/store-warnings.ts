/** RocksDB settings that the LevelDB store has no counterpart for: one line each on what happens instead. */

const INSTEAD: Record<string, string> = {
  max_write_buffer_number: 'LevelDB keeps one memtable and one being flushed',
  min_write_buffer_number_to_merge: 'LevelDB flushes every memtable by itself',
  target_file_size_base: 'LevelDB writes files of 2 MiB and more as it sees fit',
  level0_file_num_compaction_trigger: 'LevelDB compacts level 0 at four files',
  max_background_jobs: 'LevelDB compacts on one background thread',
  enable_statistics: 'statistics are kept by the server itself',
  cache_index_and_filter_blocks: 'LevelDB keeps index and filter blocks with their open files',
  pin_l0_filter_and_index_blocks: 'LevelDB keeps index and filter blocks with their open files',
  bloom_filter_bits_per_key: 'LevelDB uses 10 bits for each key',
  enable_pipelined_write: 'commits are grouped by the write-ahead log',
  allow_concurrent_memtable_write: 'one thread writes',
};

/** Defaults of the guide that ask for nothing in particular are accepted silently. */
export function storeWarnings(settings: Readonly<Record<string, unknown>>): string[] {
  const warnings: string[] = [];
  for (const [name, instead] of Object.entries(INSTEAD)) {
    if (settings[name] !== undefined) warnings.push(`[persistence.rocksdb] ${name} has no effect: ${instead}`);
  }
  const compression = settings.compression_type;
  if (typeof compression === 'string' && compression !== 'snappy' && compression !== 'none') {
    warnings.push(`[persistence.rocksdb] compression_type "${compression}": LevelDB compresses with snappy instead`);
  }
  return warnings;
}
