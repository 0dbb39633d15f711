/** `orbit-server check`: verifies a stopped store and says what is wrong with it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CheckReport, checkDatabase } from '../check/check-database.js';
import type { Config } from '../config/config.js';
import { checkTableFiles } from '../kv/level/table-file.js';
import { Cluster } from '../session/cluster.js';
import { runTask } from '../util/task.js';
import { clusterOptions } from './cluster-options.js';
import { openFileLimit, planFiles } from './file-limit.js';
import type { Logger } from './logger.js';
import { startErrorMessage } from './start-error.js';

/**
 * Writes a list of faults, and whether there are any, with `say`; true when there are none. The log is replayed as at a
 * start of the server, so the store is written when it was not shut down in order.
 */
export async function checkCommand(config: Config, log: Logger, say: (line: string) => void): Promise<boolean> {
  const store = join(config.dataDir, 'store');
  if (!existsSync(store)) {
    say(`fault: there is no store in ${config.dataDir}`);
    return false;
  }
  const damaged = await tableFaults(store);
  for (const fault of damaged) say(`fault: ${fault}`);
  if (damaged.length > 0) {
    // Opening it would let LevelDB copy damaged blocks into new files.
    say('the store was not opened: restore it from a backup (see docs/operations.md)');
    return false;
  }
  let cluster: Cluster;
  try {
    cluster = await Cluster.open(clusterOptions(config, log, planFiles(openFileLimit(), 1)));
  } catch (error) {
    say(`fault: ${startErrorMessage(error, config) ?? (error instanceof Error ? error.message : String(error))}`);
    return false;
  }
  const report = await checkCluster(cluster);
  await cluster.close();
  for (const note of report.notes) say(`note: ${note}`);
  for (const fault of report.faults) say(`fault: ${fault}`);
  const faults = report.faults.length;
  say(`${report.relations} tables with ${report.rows} rows: ${faults === 0 ? 'no faults' : `${faults} faults`}`);
  return faults === 0;
}

/** All databases that have anything of their own; which one a line is about is told unless it is the configured one. */
async function checkCluster(cluster: Cluster): Promise<CheckReport> {
  const whole: CheckReport = { faults: [], notes: [], relations: 0, rows: 0 };
  const { catalogs, databases, options } = cluster;
  const rows = catalogs.readShared((view) => view.rows('pg_database_oid_index', []));
  const used = rows.filter((row) => catalogs.isUsed(row.number('oid')));
  for (const [i, row] of used.entries()) {
    const name = row.text('datname');
    const db = await databases.load(row.number('oid'));
    const report: CheckReport = { faults: [], notes: [], relations: 0, rows: 0 };
    await cluster.withRules(db, (rulesOf) => runTask(checkDatabase(db.catalog, rulesOf, report, i === 0)));
    const place = name === options.database ? '' : `database "${name}": `;
    whole.faults.push(...report.faults.map((fault) => place + fault));
    whole.notes.push(...report.notes.map((note) => place + note));
    whole.relations += report.relations;
    whole.rows += report.rows;
  }
  return whole;
}

async function tableFaults(store: string): Promise<string[]> {
  try {
    return await checkTableFiles(store);
  } catch (error) {
    return [`the store ${store} cannot be read: ${error instanceof Error ? error.message : String(error)}`];
  }
}
