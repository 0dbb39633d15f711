/** A table of functions by prosrc, for families that are put together from parts. */
import type { Datum } from '../../types/datum.js';

export type PlainTable = Record<string, { call(...args: Datum[]): Datum }['call']>;
