/**
 * Hands out OIDs for users' objects. The counter is persisted in ranges: a crash skips the rest of a range.
 */
import type { Store } from '../storage/api.js';
import { FIRST_NORMAL_OID } from './known-oids.js';

const META_KEY = 'catalog.next_oid';
const RANGE = 1024;

export class OidAllocator {
  private next: number;
  private limit: number;

  constructor(private readonly store: Store) {
    const saved = store.readMeta(META_KEY);
    this.next = saved === undefined ? FIRST_NORMAL_OID : saved.readUInt32BE(0);
    this.limit = this.next;
  }

  allocate(): number {
    if (this.next === this.limit) this.save(this.limit + RANGE);
    return this.next++;
  }

  /** Gives the rest of the range back, at an orderly end. */
  close(): void {
    if (this.limit !== this.next) this.save(this.next);
  }

  private save(limit: number): void {
    this.limit = limit;
    const saved = Buffer.alloc(4);
    saved.writeUInt32BE(limit, 0);
    this.store.writeMeta(META_KEY, saved);
  }
}
