/**
 * A memoised lookup over system tables. It is emptied when one of the tables that it reads changes. The memo of a
 * transaction with uncommitted DDL asks the shared memo (`parent`) as long as none of its tables was touched.
 */
export class Memo<K, V> {
  private readonly found = new Map<K, V>();
  private parent: Memo<K, V> | null;

  constructor(
    private readonly tables: readonly string[],
    private readonly load: (key: K) => V,
    parent: Memo<K, V> | null,
  ) {
    this.parent = parent;
  }

  get(key: K): V {
    const hit = this.found.get(key);
    if (hit !== undefined || this.found.has(key)) return hit as V;
    if (this.parent !== null) return this.parent.get(key);
    const value = this.load(key);
    this.found.set(key, value);
    return value;
  }

  /** `own`: the change is this transaction's, so that the parent no longer tells its truth. */
  forget(changed: ReadonlySet<string>, own: boolean): void {
    if (!this.tables.some((table) => changed.has(table))) return;
    if (own) this.parent = null;
    this.found.clear();
  }

  clear(): void {
    this.found.clear();
  }
}
