/** New rows of a page by slot, null for those that are gone. A few are kept in the order in which they came, more by slot. */
import type { Row } from '../types/datum.js';
import { PAGE_ROWS } from './heap-page.js';

const FEW = 12;

export class SlotChanges {
  size = 0;
  /** Null: `rows` has a place for every slot, undefined where nothing has changed. */
  private slots: number[] | null = [];
  private rows: (Row | null | undefined)[] = [];

  set(slot: number, row: Row | null): void {
    const { slots, rows } = this;
    if (slots === null) {
      if (rows[slot] === undefined) this.size++;
      rows[slot] = row;
      return;
    }
    const at = slots.indexOf(slot);
    if (at >= 0) rows[at] = row;
    else if (slots.length === FEW) {
      this.spread();
      this.set(slot, row);
    } else {
      slots.push(slot);
      rows.push(row);
      this.size++;
    }
  }

  /** Makes room for many. */
  spread(): void {
    const { slots, rows } = this;
    if (slots === null) return;
    const bySlot = new Array<Row | null | undefined>(PAGE_ROWS).fill(undefined);
    slots.forEach((slot, i) => {
      bySlot[slot] = rows[i];
    });
    this.slots = null;
    this.rows = bySlot;
  }

  forEach(visit: (slot: number, row: Row | null) => void): void {
    const { slots, rows } = this;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (row !== undefined) visit(slots === null ? i : slots[i], row);
    }
  }
}
