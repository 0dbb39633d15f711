/** What the store has done since its start, in plain counts, for pg_stat_wal and pg_stat_bgwriter. Times are milliseconds. */
export class StoreActivity {
  /** Writes of the log, each with a sync. */
  logFlushes = 0;
  /** Checkpoints because time was up, and because the log had grown or somebody asked for one. */
  timedCheckpoints = 0;
  requestedCheckpoints = 0;
  checkpointWriteTime = 0;
  checkpointSyncTime = 0;
  /** Pages of tables, and parts of indexes, that were written; and those of them by checkpoints. */
  pages = 0;
  checkpointPages = 0;
}
