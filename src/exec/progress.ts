/**
 * How far a long command has come, for pg_stat_progress_*: numbers in the places that PostgreSQL gives them, counted from 0
 * (its param1 is 0 here). The command sets them as it goes; nobody waits for them.
 */

export type LongCommand = 'ANALYZE' | 'COPY' | 'CREATE INDEX';

export const COPY_PROGRESS = { bytes: 0, rows: 2, excluded: 3, command: 4, type: 5 } as const;
export const INDEX_PROGRESS = {
  command: 0,
  index: 6,
  method: 8,
  phase: 9,
  step: 10,
  blocks: 15,
  blocksDone: 16,
} as const;
export const ANALYZE_PROGRESS = { phase: 0, blocks: 1, blocksDone: 2 } as const;

/** Values of `INDEX_PROGRESS.phase` and `step`. */
export const BUILDING_INDEX = 2;
export const SCANNING_TABLE = 2;
export const LOADING_ENTRIES = 5;
/** Values of `ANALYZE_PROGRESS.phase`. */
export const SAMPLING = 1;
export const COMPUTING_STATISTICS = 3;

const PLACES = 20;

export class Progress {
  readonly values: number[] = new Array<number>(PLACES).fill(0);

  constructor(
    readonly command: LongCommand,
    /** 0: none. */
    readonly relation: number,
  ) {}
}
