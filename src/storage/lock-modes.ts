/**
 * Lock modes as small numbers and their conflict tables as bit masks (PostgreSQL documentation, 13.3).
 */
import type { RowLockMode, TableLockMode } from './api.js';

/** What a kind of lock looks like: `conflicts[mode]` has the bit of every mode that cannot be held beside it. */
export interface LockTable {
  readonly names: readonly string[];
  readonly conflicts: readonly number[];
}

export const TABLE_LOCK_MODES: readonly TableLockMode[] = [
  'AccessShareLock',
  'RowShareLock',
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

export const TABLE_LOCKS: LockTable = {
  names: TABLE_LOCK_MODES,
  conflicts: [
    0b10000000, // AccessShareLock
    0b11000000, // RowShareLock
    0b11110000, // RowExclusiveLock
    0b11111000, // ShareUpdateExclusiveLock
    0b11101100, // ShareLock
    0b11111100, // ShareRowExclusiveLock
    0b11111110, // ExclusiveLock
    0b11111111, // AccessExclusiveLock
  ],
};

/** From ShareUpdateExclusiveLock on, locks are taken to keep others out: whoever has one comes after those. */
export const FIRST_EXCLUDING_TABLE_MODE = 3;

/** Modes from here on conflict with the weak ones below ShareUpdateExclusiveLock, which statements take. */
export const FIRST_STRONG_TABLE_MODE = 4;

/** Advisory and object locks use these two of the table modes. */
export const SHARE_LOCK = 4;
export const EXCLUSIVE_LOCK = 6;

export const ROW_LOCKS: LockTable = {
  names: ['For Key Share', 'For Share', 'For No Key Update', 'For Update'],
  conflicts: [
    0b1000, // key share
    0b1100, // share
    0b1110, // no key update
    0b1111, // update
  ],
};

/** The table modes in which a waiter locks the row's place in the queue, by row mode. */
export const TUPLE_LOCK_NAMES: readonly TableLockMode[] = [
  'AccessShareLock',
  'RowShareLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
];

/** Row modes from here on allow a change of the row. */
export const FIRST_CHANGING_ROW_MODE = 2;

const ROW_MODE_NUMBER: Readonly<Record<RowLockMode, number>> = {
  'key share': 0,
  share: 1,
  'no key update': 2,
  update: 3,
};

export function rowModeNumber(mode: RowLockMode): number {
  return ROW_MODE_NUMBER[mode];
}

const TABLE_MODE_NUMBER: Readonly<Record<TableLockMode, number>> = {
  AccessShareLock: 0,
  RowShareLock: 1,
  RowExclusiveLock: 2,
  ShareUpdateExclusiveLock: 3,
  ShareLock: 4,
  ShareRowExclusiveLock: 5,
  ExclusiveLock: 6,
  AccessExclusiveLock: 7,
};

export function tableModeNumber(mode: TableLockMode): number {
  return TABLE_MODE_NUMBER[mode];
}
