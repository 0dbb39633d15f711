/**
 * Which objects go when some are dropped, in the order of their removal, and whether each may go without CASCADE.
 * The walk is PostgreSQL's: an internal part cannot be dropped alone and stands for its owner; newest dependents come
 * first, so that reports (made in reverse) list the oldest first.
 */
import type { CatalogEntry, CatalogWriter } from '../catalog-writer.js';
import type { ObjectAddress } from './dependencies.js';

/** How an object was reached; bits add up. */
export const REACHED = {
  original: 1,
  normal: 2,
  auto: 4,
  internal: 8,
  partition: 16,
  extension: 32,
  reverse: 64,
  subobject: 128,
};

const REACHED_BY_TYPE: Readonly<Record<string, number>> = {
  n: REACHED.normal,
  a: REACHED.auto,
  i: REACHED.internal,
  P: REACHED.partition,
  S: REACHED.partition,
  e: REACHED.extension,
  x: REACHED.auto,
};

export interface DropTarget {
  readonly object: ObjectAddress;
  reached: number;
  /** What it depends on, null for those named in the statement. */
  readonly dependee: ObjectAddress | null;
}

interface Frame {
  readonly object: ObjectAddress;
  reached: number;
  readonly next: Frame | null;
}

/** Called when an object of the statement is an internal part of another; it raises the error. */
export type OwnerError = (object: ObjectAddress, owner: ObjectAddress) => Error;

export class DependentFinder {
  /** In order of removal. */
  readonly targets: DropTarget[] = [];

  constructor(
    private readonly writer: CatalogWriter,
    private readonly originals: readonly ObjectAddress[],
    private readonly ownerError: OwnerError,
  ) {}

  findAll(): readonly DropTarget[] {
    for (const object of this.originals) this.find(object, REACHED.original, null);
    return this.targets;
  }

  private find(object: ObjectAddress, reached: number, stack: Frame | null): void {
    if (this.onStack(object, reached, stack) || this.isTarget(object, reached)) return;
    if (this.followOwner(object, reached, stack)) return;
    const frame: Frame = { object, reached, next: stack };
    for (const dependent of this.dependentsOf(object)) this.find(dependent.object, dependent.reached, frame);
    this.targets.push({ object, reached: frame.reached, dependee: stack?.object ?? null });
  }

  /** Turns the drop of an internal part into that of its owner, unless the owner is what led here. */
  private followOwner(object: ObjectAddress, reached: number, stack: Frame | null): boolean {
    for (const row of this.rows('pg_depend_depender_index', object)) {
      const type = row.text('deptype');
      if (type !== 'i' && type !== 'e') continue;
      const owner = addressOf(row, 'ref');
      if (isSame(owner, object) && object.subId === 0) continue;
      if (stack === null) {
        if (this.originals.some((original) => covers(original, owner))) return true;
        throw this.ownerError(object, owner);
      }
      if (this.onStack(owner, 0, stack)) continue;
      this.find(owner, REACHED.reverse, stack);
      this.isTarget(object, reached);
      return true;
    }
    return false;
  }

  private dependentsOf(object: ObjectAddress): { object: ObjectAddress; reached: number }[] {
    return this.rows('pg_depend_reference_index', object)
      .map((row) => ({ object: addressOf(row, ''), reached: REACHED_BY_TYPE[row.text('deptype')] ?? REACHED.normal }))
      .filter((dependent) => !(isSame(dependent.object, object) && object.subId === 0))
      .sort((a, b) => newestFirst(a.object, b.object));
  }

  private rows(index: string, object: ObjectAddress): CatalogEntry[] {
    const key = [object.classId, object.objectId];
    return this.writer.find(index, object.subId === 0 ? key : [...key, object.subId]);
  }

  private onStack(object: ObjectAddress, reached: number, stack: Frame | null): boolean {
    for (let frame = stack; frame !== null; frame = frame.next) {
      if (!covers(frame.object, object)) continue;
      if (frame.object.subId === object.subId) frame.reached |= reached;
      return true;
    }
    return false;
  }

  private isTarget(object: ObjectAddress, reached: number): boolean {
    for (const target of this.targets) {
      if (!isSame(target.object, object)) continue;
      if (target.object.subId === object.subId) {
        target.reached |= reached;
        return true;
      }
      if (target.object.subId === 0) return true;
      // The whole object goes, so its column need not be dropped or reported by itself.
      if (object.subId === 0) target.reached |= reached | REACHED.subobject;
    }
    return false;
  }
}

function addressOf(row: CatalogEntry, prefix: '' | 'ref'): ObjectAddress {
  return {
    classId: row.number(`${prefix}classid`),
    objectId: row.number(`${prefix}objid`),
    subId: row.number(`${prefix}objsubid`),
  };
}

/** The same object, or another part of it. */
function isSame(a: ObjectAddress, b: ObjectAddress): boolean {
  return a.classId === b.classId && a.objectId === b.objectId;
}

function covers(whole: ObjectAddress, part: ObjectAddress): boolean {
  return isSame(whole, part) && (whole.subId === 0 || whole.subId === part.subId);
}

function newestFirst(a: ObjectAddress, b: ObjectAddress): number {
  return b.objectId - a.objectId || a.classId - b.classId || a.subId - b.subId;
}
