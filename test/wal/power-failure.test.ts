/**
 * Random lives of a log, each ended by a power failure at any operation, those of opening included. Afterwards everything
 * announced as flushed is there, what is there is a prefix of what was appended, and the log goes on.
 */
import t from 'tap';
import { type Entry, flushed, openLog } from './log-support.js';
import { type Random, SimulatedDisk, seededRandom } from './simulated-files.js';

const HISTORIES = 200;
const LIVES = 6;

class History {
  private readonly disk = new SimulatedDisk();
  /** Everything that may still be read, from `base` on. */
  private appended: Entry[] = [];
  private base = 0;
  private safe = 0;
  private count = 0;
  /** The life that is going on. One whose power has failed must do nothing more, though it may still be resumed. */
  private current = -1;

  constructor(private readonly random: Random) {}

  private below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  async run(): Promise<void> {
    for (let life = 0; life < LIVES; life++) {
      this.current = life;
      const off = this.disk.failAfter(this.below(120));
      // A life may also end by itself: then the power fails while the disk is idle, or busy with what nobody waits for.
      await Promise.race([off, this.live(life)]);
      this.current = -1;
      this.disk.powerFailure(this.random);
    }
    const { wal, entries } = await openLog(this.disk, this.base);
    this.check(entries, wal.appendedLsn);
    await wal.close();
  }

  private check(found: readonly Entry[], end: number): void {
    if (found.length > this.appended.length) throw new Error('there are records that nobody has appended');
    found.forEach((entry, i) => {
      const wanted = this.appended[i];
      if (entry.lsn !== wanted.lsn || entry.endLsn !== wanted.endLsn || entry.type !== wanted.type)
        throw new Error(`record ${i} is at ${entry.lsn}, not at ${wanted.lsn}`);
      if (!entry.payload.equals(wanted.payload)) throw new Error(`record ${i} has another payload`);
    });
    if (end < this.safe) throw new Error(`the log ends at ${end}, and ${this.safe} was flushed`);
    this.appended.length = found.length;
    this.safe = end;
  }

  private async live(life: number): Promise<void> {
    const { wal, entries } = await openLog(this.disk, this.base);
    this.check(entries, wal.appendedLsn);
    wal.onFlush((lsn) => {
      this.safe = lsn;
    });
    for (let round = this.below(40); round > 0; round--) {
      for (let n = this.below(5); n > 0; n--) {
        const lsn = wal.appendedLsn;
        const type = 1 + this.below(255);
        const payload = Buffer.alloc(this.below(this.below(15) === 0 ? 9000 : 400), ++this.count);
        this.appended.push({ lsn, type, payload, endLsn: wal.append(type, payload) });
      }
      if (this.below(3) === 0) await flushed(wal, wal.appendedLsn);
      else if (this.below(2) === 0) await new Promise((resolve) => setImmediate(resolve));
      if (this.current !== life) return;
      if (this.below(10) === 0) await this.recycle(wal);
    }
    if (this.below(2) === 0) await wal.close();
  }

  /** As a checkpoint does: at the end of some record that is on disk. */
  private async recycle(wal: { readonly flushedLsn: number; recycle(lsn: number): Promise<void> }): Promise<void> {
    const durable = this.appended.filter(({ endLsn }) => endLsn <= wal.flushedLsn);
    if (durable.length === 0) return;
    const chosen = this.below(durable.length);
    this.base = durable[chosen].endLsn;
    this.appended = this.appended.slice(chosen + 1);
    await wal.recycle(this.base);
  }
}

t.test('what was flushed survives, and nothing else appears', async (t) => {
  const from = Number(process.env.SEED ?? 1);
  for (let seed = from; seed < from + HISTORIES; seed++) {
    try {
      await new History(seededRandom(seed)).run();
    } catch (error) {
      t.fail(`seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`);
      return;
    }
  }
  t.pass(`${HISTORIES} histories`);
});
