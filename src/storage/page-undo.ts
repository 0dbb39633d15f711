/**
 * What older snapshots may need of a page's rows. The rows that one commit has replaced are a layer, which is two arrays for all
 * of them, as long as no other commit changes the page; otherwise each row has a chain of versions, newest first.
 */
import type { Row } from '../types/datum.js';
import type { Lsn } from './api.js';
import { positionOf } from './slot-position.js';

/** The version that a commit replaced: what snapshots before `lsn` see. Null: there was no row. */
export class UndoVersion {
  constructor(
    readonly lsn: Lsn,
    readonly row: Row | null,
    public next: UndoVersion | null,
  ) {}
}

/** What one commit has replaced: parallel arrays, ordered by slot. */
interface UndoLayer {
  readonly lsn: Lsn;
  readonly slots: readonly number[];
  readonly rows: readonly (Row | null)[];
}

export class PageUndo {
  private versions: Map<number, UndoVersion> | null = null;

  /** `layer`: its arrays must not change any more. */
  constructor(private layer: UndoLayer | null) {}

  /** The newest version of a slot. Not to be changed. */
  get(slot: number): UndoVersion | null {
    const { layer } = this;
    if (layer === null) return this.versions?.get(slot) ?? null;
    const at = positionOf(layer.slots, slot);
    return at < 0 ? null : new UndoVersion(layer.lsn, layer.rows[at], null);
  }

  /** LSN of the newest commit that has changed the slot, 0 when that is not known any more. */
  changedAt(slot: number): Lsn {
    const { layer } = this;
    if (layer === null) return this.versions?.get(slot)?.lsn ?? 0;
    return positionOf(layer.slots, slot) < 0 ? 0 : layer.lsn;
  }

  /** Whether it has what the commit at `lsn` has replaced in the slot. */
  has(slot: number, lsn: Lsn): boolean {
    for (let version = this.get(slot); version !== null; version = version.next) if (version.lsn === lsn) return true;
    return false;
  }

  /** Sets the newest version of a slot. Its chain must have what `get` has given. */
  set(slot: number, version: UndoVersion): void {
    this.chains().set(slot, version);
  }

  private chains(): Map<number, UndoVersion> {
    if (this.versions !== null) return this.versions;
    const versions = new Map<number, UndoVersion>();
    this.forEach((slot, version) => versions.set(slot, version));
    this.layer = null;
    this.versions = versions;
    return versions;
  }

  /** Calls `visit` with the newest version of every slot that has one. */
  forEach(visit: (slot: number, version: UndoVersion) => void): void {
    const { layer, versions } = this;
    if (layer !== null) layer.slots.forEach((slot, i) => visit(slot, new UndoVersion(layer.lsn, layer.rows[i], null)));
    else versions?.forEach((version, slot) => visit(slot, version));
  }

  /** Rows that were replaced or deleted, and are kept. */
  countRows(): number {
    let count = 0;
    this.forEach((_slot, newest) => {
      for (let version: UndoVersion | null = newest; version !== null; version = version.next)
        if (version.row !== null) count++;
    });
    return count;
  }

  /** Frees the versions of the slots that no snapshot at or after `horizon` needs. Returns whether nothing is left. */
  trim(slots: readonly number[], horizon: Lsn): boolean {
    const { layer, versions } = this;
    // Of one commit none is needed longer than the others.
    if (layer !== null) return layer.lsn <= horizon;
    if (versions === null) return true;
    for (const slot of slots) {
      let version = versions.get(slot);
      if (version === undefined) continue;
      if (version.lsn <= horizon) {
        versions.delete(slot);
        continue;
      }
      while (version.next !== null && version.next.lsn > horizon) version = version.next;
      // An insert's version is shared by its commit's rows, but it is always the last of its chain.
      if (version.next !== null) version.next = null;
    }
    return versions.size === 0;
  }

  /** Forgets the versions that the commit at `lsn` has replaced where there are no others. Returns whether nothing is left. */
  forgetCommit(lsn: Lsn): boolean {
    const { layer, versions } = this;
    if (layer !== null) return layer.lsn === lsn;
    if (versions === null) return true;
    for (const [slot, version] of versions) if (version.lsn === lsn && version.next === null) versions.delete(slot);
    return versions.size === 0;
  }
}
