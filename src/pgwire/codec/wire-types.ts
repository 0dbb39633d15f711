/**
 * Shapes of the protocol's parts. The session's contract has the same shapes under the same names; the codec knows
 * nothing of sessions, and the compiler holds the two together where pgwire joins them.
 */

/** 0 text, 1 binary. */
export type Format = 0 | 1;

/** Idle, in a transaction, in a failed transaction. */
export type TransactionStatus = 'I' | 'T' | 'E';

export interface FieldDescription {
  readonly name: string;
  readonly tableOid: number;
  readonly columnNumber: number;
  readonly typeOid: number;
  readonly typeLength: number;
  readonly typmod: number;
}

/** The values of a Bind message: slices of `bytes`, [start, end) by parameter; start -1 means NULL. */
export interface BindParameters {
  readonly bytes: Buffer;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly formats: readonly Format[];
}
