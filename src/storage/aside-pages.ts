/**
 * Pages of a transaction's changes to one heap that are in its temporary file. What is asked for is read again, at once
 * (it is a page of a file that was just written), and as long as nobody changes it, the copy can be forgotten at any time.
 * Which slots are changed stays in memory.
 */
import { decodeRow } from '../encoding/row-codec.js';
import type { Row } from '../types/datum.js';
import type { TemporaryFile } from '../util/temporary-file.js';
import { decodeAside, forEachAside } from './aside-form.js';
import { PAGE_ROWS } from './heap-page.js';
import type { PageWrites } from './page-writes.js';

/** Copies kept in memory. */
const COPIES = 8;

/** Where a page is, and what is known of it without reading. */
export class AsidePage {
  /** A bit for each changed slot. */
  private readonly bits = new Uint8Array(PAGE_ROWS / 8);
  /** Rows that the heap has more, or less, when the page is installed. */
  readonly added: number;
  /** Changed slots. */
  readonly changed: number;

  constructor(
    readonly file: TemporaryFile,
    readonly position: number,
    readonly length: number,
    page: PageWrites,
  ) {
    let added = 0;
    let changed = 0;
    for (let i = 0; i < page.slots.length; i++) {
      const entry = page.entries[i];
      if (entry === null) continue;
      changed++;
      this.bits[page.slots[i] >> 3] |= 1 << (page.slots[i] & 7);
      if (entry.row === null) added -= page.bases[i] === null ? 0 : 1;
      else if (page.bases[i] === null) added++;
    }
    this.added = added;
    this.changed = changed;
  }

  changes(slot: number): boolean {
    return (this.bits[slot >> 3] & (1 << (slot & 7))) !== 0;
  }

  forEachSlot(visit: (slot: number) => void): void {
    for (let slot = 0; slot < PAGE_ROWS; slot++) if (this.changes(slot)) visit(slot);
  }

  /** Calls `visit` with the newest version of each changed row. */
  forEachRow(visit: (slot: number, row: Row | null) => void): void {
    const bytes = this.bytes();
    forEachAside(bytes, (slot, start, end) => visit(slot, start === end ? null : decodeRow(bytes, start, end)));
  }

  bytes(): Buffer {
    return this.file.read(this.position, this.length);
  }

  read(pageNo: number): PageWrites {
    return decodeAside(pageNo, this.bytes());
  }
}

export class AsidePages {
  readonly places = new Map<number, AsidePage>();
  private copies: PageWrites[] = [];

  put(pageNo: number, place: AsidePage): void {
    this.places.set(pageNo, place);
  }

  /** The page as it is in the file. REQUIRES: it is there. */
  bytes(pageNo: number): { readonly pageNo: number; readonly bytes: Buffer } {
    const place = this.places.get(pageNo);
    if (place === undefined) throw new Error(`page ${pageNo} is not in the temporary file`);
    return { pageNo, bytes: place.bytes() };
  }

  /** A copy of the page for reading. */
  get(pageNo: number): PageWrites | undefined {
    const place = this.places.get(pageNo);
    if (place === undefined) return undefined;
    let copy = this.copies.find((page) => page.pageNo === pageNo);
    if (copy !== undefined) return copy;
    copy = place.read(pageNo);
    if (this.copies.length === COPIES) this.copies.shift();
    this.copies.push(copy);
    return copy;
  }

  /** Gives the page back to memory, to be changed there. */
  take(pageNo: number): PageWrites | undefined {
    const page = this.get(pageNo);
    if (page !== undefined) this.drop(pageNo);
    return page;
  }

  /** Forgets the page; returns how many slots it had changed. */
  drop(pageNo: number): number {
    const place = this.places.get(pageNo);
    if (place === undefined) return 0;
    this.places.delete(pageNo);
    this.copies = this.copies.filter((page) => page.pageNo !== pageNo);
    return place.changed;
  }
}
