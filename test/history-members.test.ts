/** Rows in groups as a part of a history: the smallest anomaly of each kind, and legal histories beside them. */
import t from 'tap';
import { type AnomalyName, anomalyNames, findAnomalies, type Level } from './history-checker.js';
import { HistoryRecorder, type TransactionRecorder } from './history-recorder.js';

/** A history of transactions at one level, in the order of calls. */
class Scene {
  private readonly recorder: HistoryRecorder;

  constructor(readonly level: Level) {
    this.recorder = new HistoryRecorder(level);
  }

  begin(): TransactionRecorder {
    return this.recorder.begin();
  }

  commit(...transactions: TransactionRecorder[]): void {
    for (const { record } of transactions) this.recorder.end(record, 'committed');
  }

  /** Reads groups from 0 to below `high`. */
  read(transaction: TransactionRecorder, values: readonly number[], high = 1): void {
    transaction.hasReadMembers(0, high, values, transaction.snapshotOf(this.recorder.tick()));
  }

  /** Inserts a row of group 0 and commits. */
  row(): number {
    const transaction = this.begin();
    const value = transaction.inserts(0);
    this.commit(transaction);
    return value;
  }

  /** Deletes a row and commits. */
  delete(value: number): void {
    const transaction = this.begin();
    transaction.hasDeleted(value);
    this.commit(transaction);
  }

  found(present: readonly number[]): AnomalyName[] {
    const final = new Map<string, readonly number[]>();
    const anomalies = this.recorder.members.complete(new Set(present), final);
    return anomalyNames([...anomalies, ...findAnomalies(this.recorder.history, final, this.level)]);
  }
}

type Play = (scene: Scene) => readonly number[];

/** What each play gives as present at the end, and what is found at the three levels. */
const PLAYS: Readonly<Record<string, readonly [Play, AnomalyName[], AnomalyName[]?, AnomalyName[]?]>> = {
  'two who count before each inserts': [
    (scene) => {
      const [a, b] = [scene.begin(), scene.begin()];
      scene.read(a, []);
      scene.read(b, []);
      const values = [a.inserts(0), b.inserts(0)];
      scene.commit(a, b);
      return values;
    },
    [],
    [],
    ['G2'],
  ],
  'one who counts after the other has inserted': [
    (scene) => {
      const value = scene.row();
      const b = scene.begin();
      scene.read(b, [value]);
      const own = b.inserts(0);
      scene.read(b, [value, own]);
      scene.commit(b);
      return [value, own];
    },
    [],
  ],
  'a row that comes between two reads': [
    (scene) => {
      const reader = scene.begin();
      scene.read(reader, []);
      const value = scene.row();
      scene.read(reader, [value]);
      scene.commit(reader);
      return [value];
    },
    [],
    ['G-single'],
  ],
  'counts of one range that differ': [
    (scene) => {
      scene.begin().hasCounted(1, 2);
      return [];
    },
    [],
    ['phantom'],
  ],
  'a row of another one that is not there yet': [
    (scene) => {
      const writer = scene.begin();
      const value = writer.inserts(0);
      scene.read(scene.begin(), []);
      scene.commit(writer);
      return [value];
    },
    [],
  ],
  'a row that should be seen': [
    (scene) => {
      const value = scene.row();
      scene.read(scene.begin(), []);
      return [value];
    },
    ['stale read'],
  ],
  'a row that was deleted, and is still seen': [
    (scene) => {
      const value = scene.row();
      scene.delete(value);
      scene.read(scene.begin(), [value]);
      return [];
    },
    ['stale read'],
  ],
  'a row that was deleted, and is not seen': [
    (scene) => {
      const value = scene.row();
      const reader = scene.begin();
      scene.delete(value);
      scene.read(reader, []);
      return [];
    },
    [],
  ],
  'a deletion that is seen by halves': [
    (scene) => {
      const values = [scene.row(), scene.row()];
      const writer = scene.begin();
      const reader = scene.begin();
      for (const value of values) writer.hasDeleted(value);
      scene.read(reader, [values[0]]);
      scene.commit(writer);
      return [];
    },
    ['statement skew'],
    ['G-single'],
  ],
  'a deletion that comes back': [
    (scene) => {
      const value = scene.row();
      scene.delete(value);
      return [value];
    },
    ['lost append'],
  ],
  'a row that is deleted twice': [
    (scene) => {
      const value = scene.row();
      scene.delete(value);
      scene.delete(value);
      return [];
    },
    ['lost append'],
  ],
  'a row that is lost': [
    (scene) => {
      scene.row();
      return [];
    },
    ['lost append'],
  ],
  'a row of an aborted one, seen': [
    (scene) => {
      const value = scene.begin().inserts(0);
      scene.read(scene.begin(), [value]);
      return [];
    },
    ['aborted read'],
  ],
  'a row of an aborted one, there': [(scene) => [scene.begin().inserts(0)], ['aborted write']],
  'a row of a savepoint that was rolled back': [
    (scene) => {
      const one = scene.begin();
      const kept = one.inserts(0);
      const mark = one.savepoint();
      one.inserts(0);
      one.hasDeleted(kept);
      one.hasRolledBackTo(mark);
      scene.read(one, [kept]);
      scene.commit(one);
      return [kept];
    },
    [],
  ],
  'own insertion not seen': [
    (scene) => {
      const one = scene.begin();
      const value = one.inserts(0);
      scene.read(one, []);
      scene.commit(one);
      return [value];
    },
    ['internal'],
  ],
  'own deletion not seen': [
    (scene) => {
      const value = scene.row();
      const one = scene.begin();
      one.hasDeleted(value);
      scene.read(one, [value]);
      return [value];
    },
    ['internal'],
  ],
  'a row of another group': [
    (scene) => {
      const one = scene.begin();
      const value = one.inserts(5);
      scene.commit(one);
      scene.read(scene.begin(), [value]);
      return [value];
    },
    ['misplaced append'],
  ],
  'a row seen twice': [
    (scene) => {
      const value = scene.row();
      scene.read(scene.begin(), [value, value]);
      return [value];
    },
    ['duplicate append'],
  ],
  'rows that nobody wrote': [
    (scene) => {
      scene.begin().hasDeleted(7);
      return [8];
    },
    ['unwritten value'],
  ],
};

t.test('rows in groups', async (t) => {
  for (const [name, [play, found, repeatable = found, serializable = repeatable]] of Object.entries(PLAYS)) {
    const expected = { 'read committed': found, 'repeatable read': repeatable, serializable };
    for (const level of ['read committed', 'repeatable read', 'serializable'] as const) {
      const scene = new Scene(level);
      t.same(scene.found(play(scene)), expected[level], `${level}: ${name}`);
    }
  }
});
