/**
 * ANALYZE in the background, as autovacuum does it: now and then, of tables in loaded databases of which many rows have been
 * changed since the last time. One table at a time, with the pauses that every ANALYZE makes for others; a table that is
 * locked waits for the next round.
 */
import type { RelationDesc } from '../catalog/descriptors.js';
import { BOOTSTRAP_SUPERUSER, FIRST_NORMAL_OID } from '../catalog/known-oids.js';
import { analyzeUnlessLocked } from '../ddl/vacuum.js';
import { runTask, type Task } from '../util/task.js';
import type { Cluster } from './cluster.js';
import type { Database } from './database.js';
import { makeDdlContext } from './ddl-environment.js';
import { Session } from './session.js';
import { currentTimestamp } from './session-types.js';
import { settingFact } from './settings.js';

const SECOND_MS = 1000;

export class AutoAnalyze {
  private timer: NodeJS.Timeout | null = null;
  private round: Promise<void> | null = null;
  private ending = false;

  constructor(private readonly cluster: Cluster) {}

  /** From now on, every autovacuum_naptime. */
  start(): void {
    if (this.ending) return;
    const seconds = Number(this.setting('autovacuum_naptime'));
    this.timer = setTimeout(() => {
      this.round = this.analyzeChanged().finally(() => {
        this.round = null;
        this.start();
      });
    }, seconds * SECOND_MS).unref();
  }

  /** No more rounds; resolves when a table that is being analysed is done. */
  async stop(): Promise<void> {
    this.ending = true;
    if (this.timer !== null) clearTimeout(this.timer);
    await this.round;
  }

  /** One round over all databases that are in memory. Failures are logged. */
  async analyzeChanged(): Promise<void> {
    if (this.setting('autovacuum') !== 'on' || this.setting('track_counts') !== 'on') return;
    for (const db of this.cluster.databases.all()) {
      for (const relation of this.changedTables(db)) {
        if (this.ending) return;
        await this.cluster.databases.occupied(db.oid, () => this.analyze(db, relation));
      }
    }
  }

  private async analyze(db: Database, relation: number): Promise<void> {
    const { catalogs, options } = this.cluster;
    const role = catalogs.readShared((view) => view.role(BOOTSTRAP_SUPERUSER));
    if (role === undefined) return;
    const request = { user: role.name, database: db.name, settings: new Map<string, string>() };
    const session = new Session(db, { ...request, remoteAddress: '', remotePort: 0, tls: null }, 0, role);
    try {
      await runTask(analyzeIn(session, relation));
    } catch (error) {
      options.log.error({ error, relation }, 'a table was not analysed in the background');
    } finally {
      session.terminate();
    }
  }

  private changedTables(db: Database): number[] {
    const least = Number(this.setting('autovacuum_analyze_threshold'));
    const share = Number(this.setting('autovacuum_analyze_scale_factor'));
    const changed = [...db.usage.all()].filter(({ changedSinceAnalyze }) => changedSinceAnalyze > 0);
    return db.withView((view) =>
      changed.flatMap(({ relation, changedSinceAnalyze }) => {
        const desc = relation < FIRST_NORMAL_OID ? undefined : view.relation(relation);
        return desc !== undefined && isWanted(desc) && changedSinceAnalyze > limitOf(desc, least, share)
          ? [relation]
          : [];
      }),
    );
  }

  private setting(name: string): string {
    return this.cluster.parameters.get(name) ?? settingFact(name)?.boot ?? '';
  }
}

/** Temporary tables are for their sessions to analyse. */
function isWanted({ kind, persistence, options }: RelationDesc): boolean {
  if ((kind !== 'r' && kind !== 'm') || persistence === 't') return false;
  return !['false', 'off', 'no', '0'].includes(optionOf(options, 'autovacuum_enabled')?.toLowerCase() ?? '');
}

/** So many changed rows are not yet worth the effort. */
function limitOf({ options, tuples }: RelationDesc, least: number, share: number): number {
  const threshold = Number(optionOf(options, 'autovacuum_analyze_threshold') ?? least);
  const factor = Number(optionOf(options, 'autovacuum_analyze_scale_factor') ?? share);
  return threshold + factor * Math.max(0, tuples);
}

function optionOf(options: readonly string[], name: string): string | undefined {
  return options.find((option) => option.startsWith(`${name}=`))?.slice(name.length + 1);
}

function* analyzeIn(session: Session, relation: number): Task<void> {
  const totals = session.db.usage.totals(relation);
  const seen = totals.changedSinceAnalyze;
  const cx = { ...makeDdlContext(session, ''), maintained: () => undefined };
  const isDone = yield* analyzeUnlessLocked(cx, relation);
  yield* session.block.commit();
  if (isDone) totals.analyzedInBackground(currentTimestamp(), seen);
}
