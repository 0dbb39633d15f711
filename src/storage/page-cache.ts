/**
 * Keeps the decoded pages and leaves in memory below `block_cache_size`. Clock eviction: whoever uses a page sets its
 * `referenced` bit; the hand clears bits and evicts what it finds cleared. Sizes are estimates. Evictions happen in a
 * microtask, never inside a caller: whoever has found a page in memory can use it until it next waits.
 */
export interface Cacheable {
  referenced: boolean;
  /** Estimated bytes in memory. */
  bytes: number;
  /** Position in the cache's ring, -1 when it is not in there. */
  cacheSlot: number;
  /** Gives the memory up; false when that is not possible now. */
  evict(): boolean;
}

/** Fewer entries than this are never evicted, so that running statements do not take each other's pages away. */
const MIN_ENTRIES = 8;

export class PageCache {
  private readonly ring: Cacheable[] = [];
  private hand = 0;
  private scheduled = false;
  used = 0;

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.ring.length;
  }

  add(entry: Cacheable): void {
    entry.cacheSlot = this.ring.length;
    entry.referenced = true;
    this.ring.push(entry);
    this.used += entry.bytes;
    if (this.used > this.limit) this.schedule();
  }

  /** Gives the memory of an entry up now, if that is possible. */
  evict(entry: Cacheable): void {
    if (entry.cacheSlot >= 0 && entry.evict()) this.remove(entry);
  }

  resize(entry: Cacheable, bytes: number): void {
    this.used += bytes - entry.bytes;
    entry.bytes = bytes;
    if (this.used > this.limit) this.schedule();
  }

  remove(entry: Cacheable): void {
    const slot = entry.cacheSlot;
    if (slot < 0) return;
    const last = this.ring.pop()!;
    if (last !== entry) {
      this.ring[slot] = last;
      last.cacheSlot = slot;
    }
    entry.cacheSlot = -1;
    this.used -= entry.bytes;
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    queueMicrotask(() => {
      this.scheduled = false;
      this.shrink();
    });
  }

  private shrink(): void {
    let steps = this.ring.length * 2;
    while (this.used > this.limit && this.ring.length > MIN_ENTRIES && steps-- > 0) {
      if (this.hand >= this.ring.length) this.hand = 0;
      const entry = this.ring[this.hand];
      if (entry.referenced) {
        entry.referenced = false;
        this.hand++;
      } else if (entry.evict()) this.remove(entry);
      else this.hand++;
    }
  }
}
