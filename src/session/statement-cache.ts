/** Plans of simple queries by their text, so that a repeated text is neither parsed nor planned again. */
import type { Datum } from '../types/datum.js';
import type { Prepared } from './prepared.js';

const CAPACITY = 256;
const MAX_TEXT = 4096;

export interface CachedStatement {
  readonly prepared: Prepared;
  readonly params: readonly Datum[];
}

const NO_PARAMS: readonly Datum[] = [];

export class StatementCache {
  private readonly byText = new Map<string, Prepared>();

  get(sql: string): CachedStatement | undefined {
    const prepared = this.byText.get(sql);
    return prepared === undefined ? undefined : { prepared, params: NO_PARAMS };
  }

  add(sql: string, prepared: Prepared): void {
    if (sql.length > MAX_TEXT) return;
    if (this.byText.size >= CAPACITY) {
      const oldest = this.byText.keys().next();
      if (!oldest.done) this.byText.delete(oldest.value);
    }
    this.byText.set(sql, prepared);
  }

  /** Plans of texts with their literals lifted, by `LiftedQuery.key`; null: such texts must be planned as they are. */
  private readonly byShape = new Map<string, Prepared | null>();

  shared(key: string): Prepared | undefined {
    return this.byShape.get(key) ?? undefined;
  }

  refuses(key: string): boolean {
    return this.byShape.get(key) === null;
  }

  share(key: string, prepared: Prepared): void {
    this.remember(key, prepared);
  }

  refuse(key: string): void {
    this.remember(key, null);
  }

  private remember(key: string, prepared: Prepared | null): void {
    if (this.byShape.size >= CAPACITY) {
      const oldest = this.byShape.keys().next();
      if (!oldest.done) this.byShape.delete(oldest.value);
    }
    this.byShape.set(key, prepared);
  }

  clear(): void {
    this.byText.clear();
    this.byShape.clear();
  }
}
