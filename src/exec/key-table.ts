/**
 * Numbers distinct keys from 0 in the order in which they come: the heart of grouping, DISTINCT and set operations.
 * NULL is a key like any other. Several columns nest maps, so no joined key is built for a row.
 */
import type { Row } from '../types/datum.js';
import type { GroupKey } from '../types/type-codec.js';

export type KeyPart = (row: Row) => GroupKey | null;

type Level = Map<GroupKey | null, Level | number>;

export class KeyTable {
  private root: Level = new Map();
  count = 0;

  constructor(private readonly parts: readonly KeyPart[]) {}

  clear(): void {
    this.root = new Map();
    this.count = 0;
  }

  /** The number of the row's key; a new one equals the former `count`. May throw a `Suspend` before anything changes. */
  number(row: Row): number {
    const { parts } = this;
    switch (parts.length) {
      case 0:
        return this.leaf(this.root, null);
      case 1:
        return this.leaf(this.root, parts[0](row));
      case 2: {
        const first = parts[0](row);
        const second = parts[1](row);
        return this.leaf(this.descend(this.root, first), second);
      }
      default:
        return this.deep(row);
    }
  }

  private deep(row: Row): number {
    const { parts } = this;
    const keys: (GroupKey | null)[] = [];
    for (let i = 0; i < parts.length; i++) keys.push(parts[i](row));
    let level = this.root;
    const last = keys.length - 1;
    for (let i = 0; i < last; i++) level = this.descend(level, keys[i]);
    return this.leaf(level, keys[last]);
  }

  /** The number of a key that is there already, or -1. */
  find(row: Row): number {
    const { parts } = this;
    let level: Level | number | undefined = this.root;
    if (parts.length === 0) level = this.root.get(null);
    for (let i = 0; i < parts.length; i++) {
      if (!(level instanceof Map)) return -1;
      level = level.get(parts[i](row));
    }
    return typeof level === 'number' ? level : -1;
  }

  private descend(level: Level, key: GroupKey | null): Level {
    const found = level.get(key);
    if (found instanceof Map) return found;
    const made: Level = new Map();
    level.set(key, made);
    return made;
  }

  private leaf(level: Level, key: GroupKey | null): number {
    const found = level.get(key);
    if (typeof found === 'number') return found;
    level.set(key, this.count);
    return this.count++;
  }
}
