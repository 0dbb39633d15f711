/** Short ways to write down small histories, each with what is wrong with it at each level. */
import type { Test } from 'tap';
import {
  type AnomalyName,
  anomalyNames,
  findAnomalies,
  type Level,
  type Operation,
  type TransactionRecord,
} from './history-checker.js';

export type Lists = Record<string, number[]>;

const LEVELS: readonly Level[] = ['read committed', 'repeatable read', 'serializable'];

export const append = (key: string, value: number): Operation => ({ kind: 'append', key, value });
export const undo = (keep: number): Operation => ({ kind: 'undo', keep });
export const read = (lists: Lists, from?: number): Operation => ({
  kind: 'read',
  lists: new Map(Object.entries(lists)),
  from,
});

export function transaction(
  id: number,
  outcome: TransactionRecord['outcome'],
  operations: Operation[],
  ended?: number,
): TransactionRecord {
  return { id, outcome, operations, ended };
}

export const committed = (id: number, ...operations: Operation[]) => transaction(id, 'committed', operations);
export const aborted = (id: number, ...operations: Operation[]) => transaction(id, 'aborted', operations);
/** The server was killed before it had ended. */
export const cutOff = (record: TransactionRecord): TransactionRecord => ({ ...record, cutOff: true });
export const unknown = (id: number, ...operations: Operation[]) => transaction(id, 'unknown', operations);

export interface Case {
  readonly name: string;
  readonly history: TransactionRecord[];
  readonly final: Lists;
  /** At READ COMMITTED, and at the others where it is not said otherwise. */
  readonly found: AnomalyName[];
  readonly repeatable?: AnomalyName[];
  readonly serializable?: AnomalyName[];
}

export const legal = (name: string, history: TransactionRecord[], final: Lists): Case => ({
  name,
  history,
  final,
  found: [],
});

function expected(one: Case, level: Level): AnomalyName[] {
  if (level === 'read committed') return one.found;
  const repeatable = one.repeatable ?? one.found;
  return level === 'serializable' ? (one.serializable ?? repeatable) : repeatable;
}

/** Holds what the checker finds at each level against what is expected. */
export function checkCases(t: Test, cases: readonly Case[]): void {
  for (const one of cases) {
    for (const level of LEVELS) {
      const found = findAnomalies(one.history, new Map(Object.entries(one.final)), level);
      t.same(anomalyNames(found), [...expected(one, level)].sort(), `${level}: ${one.name}`);
    }
  }
}
