/**
 * The crash matrix: the server is killed at a named point while a workload runs, is started again on the same directory,
 * and everything that was answered must be there, nothing by half, indexes and catalog in agreement. The short form
 * takes every point once, with the workloads in turn; ORBIT_TORTURE_ROUNDS=n takes every point with every workload n
 * times, with other numbers of passes each round (`npm run torture`); ORBIT_TORTURE_MINUTES bounds its time, and
 * ORBIT_TORTURE_SEED gives the same numbers of passes in the same order again.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { seededRandom } from '../wal/simulated-files.js';
import { type Cell, runCell } from './crash-cell.js';
import { CrashServer } from './crash-server.js';
import { connect } from './ledger.js';
import { WORKLOADS } from './workloads.js';

/** Points and on which pass they act at most; those on the way of every commit let some pass. */
const POINTS: Readonly<Record<string, number>> = {
  'before-append': 8,
  'between-parts': 3,
  'after-set-aside': 3,
  'after-entries-aside': 3,
  'between-aside-parts': 3,
  'between-entry-parts': 2,
  'after-overlay': 2,
  'during-merge': 9,
  'during-entry-merge': 9,
  'after-append': 8,
  'during-install': 8,
  'after-install': 8,
  'after-catalog-change': 2,
  'before-flush': 8,
  'after-log-write': 8,
  'after-flush': 8,
  'before-mark': 1,
  'after-mark': 1,
  'before-preallocation': 1,
  'before-segment-header': 1,
  'before-segment': 1,
  'after-segment': 1,
  'before-kv-write': 2,
  'after-kv-write': 2,
  'before-checkpoint': 2,
  'after-checkpoint': 2,
  'before-segment-recycle': 1,
  'after-segment-recycle': 1,
  'after-recycle': 2,
  'before-prepare': 6,
  'after-prepare': 6,
  'after-prepare-flush': 6,
  'before-rollback-prepared': 3,
  'after-rollback-prepared': 3,
  'after-prepared-copy': 2,
};
/** Points that only these workloads are sure to reach in a short time. */
const REACHED_BY: Readonly<Record<string, string>> = {
  'between-parts': 'large',
  'after-set-aside': 'changes',
  'after-entries-aside': 'changes',
  'between-entry-parts': 'changes',
  'during-entry-merge': 'changes',
  'between-aside-parts': 'changes',
  'after-overlay': 'changes',
  'during-merge': 'changes',
  'after-catalog-change': 'ddl',
  'before-preallocation': 'large',
  'before-segment-header': 'large',
  'before-segment': 'large',
  'after-segment': 'large',
  'before-segment-recycle': 'large',
  'after-segment-recycle': 'large',
  'before-prepare': 'prepared',
  'after-prepare': 'prepared',
  'after-prepare-flush': 'prepared',
  'before-rollback-prepared': 'prepared',
  'after-rollback-prepared': 'prepared',
  'after-prepared-copy': 'prepared',
};
const ROUNDS = Number(process.env.ORBIT_TORTURE_ROUNDS ?? 0);
/** A cell whose point is not reached is ended by a plain kill; in the short form each must be reached. */
const CELL_MS = ROUNDS > 0 ? 1500 : 20_000;
const SEED = Number(process.env.ORBIT_TORTURE_SEED ?? Date.now() % 100_000);
const MINUTES = Number(process.env.ORBIT_TORTURE_MINUTES ?? 60);
t.setTimeout(ROUNDS > 0 ? (MINUTES + 2) * 60_000 : 400_000);

function cells(): Cell[] {
  const names = Object.keys(POINTS);
  if (ROUNDS === 0) {
    return names.map((point, i) => ({
      point,
      pass: POINTS[point],
      workload: WORKLOADS.find(({ name }) => name === REACHED_BY[point]) ?? WORKLOADS[i % WORKLOADS.length],
    }));
  }
  const random = seededRandom(SEED);
  const all: Cell[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const cells: Cell[] = [];
    for (const point of names) {
      for (const workload of WORKLOADS)
        cells.push({ point, pass: 1 + Math.floor(random() * POINTS[point] * 3), workload });
    }
    // In an order of its own, so that a run that is cut short is a sample.
    for (let i = cells.length; i > 0; i--) all.push(...cells.splice(Math.floor(random() * i), 1));
  }
  return all;
}

t.test('every named point, with workloads', { timeout: ROUNDS > 0 ? (MINUTES + 1) * 60_000 : 300_000 }, async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'orbit-matrix-'));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const first = new CrashServer(dataDir);
  const setup = await connect(await first.mustListen());
  for (const workload of WORKLOADS) await workload.setup(setup);
  await setup.end();
  await first.end('SIGKILL');
  const done = new Map<string, number>();
  const until = Date.now() + MINUTES * 60_000;
  const all = cells();
  if (ROUNDS > 0) t.comment(`seed ${SEED}, ${all.length} cells`);
  const perRound = all.length / Math.max(ROUNDS, 1);
  let count = 0;
  for (const cell of all) {
    if (Date.now() > until) break;
    if (ROUNDS > 0 && count % perRound === 0) t.comment(`round ${1 + count / perRound} of ${ROUNDS}`);
    count++;
    const { name } = cell.workload;
    const from = done.get(name) ?? 0;
    const { answered, found, reached } = await runCell(dataDir, cell, from, WORKLOADS, CELL_MS);
    done.set(name, found);
    const isWhole = found === answered || found === answered + 1;
    if (ROUNDS === 0) t.ok(reached, `${cell.point} is reached by ${name}`);
    t.ok(isWhole, `${cell.point}@${cell.pass} x ${name}: ${from} to ${answered} answered, ${found} found`);
  }
  if (ROUNDS > 0) t.comment(`${count} of ${all.length} cells in time`);
});
