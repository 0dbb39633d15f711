/**
 * From index conditions to ranges of keys. A key is, column by column, a byte that places NULLs and the column's
 * encoded value (inverted for descending columns), see encoding/FORMAT.md; so equalities make a prefix and a range on
 * the next column bounds behind it.
 */
import type { IndexDesc } from '../catalog/descriptors.js';
import type { IndexScanNode } from '../sql/plan/plan-node.js';
import type { IndexRange } from '../storage/api.js';
import { type Datum, PgArray, type Row } from '../types/datum.js';
import type { TypeCodec } from '../types/type-codec.js';
import { sortIndexes } from '../util/sort-indexes.js';
import type { Task } from '../util/task.js';
import { evaluateWithoutRow } from './batch-loops.js';
import type { Pace } from './chunked-list.js';
import type { ExecContext } from './exec-context.js';
import { Compiler } from './expression/compile.js';
import type { Evaluator } from './expression/evaluator.js';
import { keyPartOf, keyPrefixEnd, NOT_NULL_MARK } from './index-key-part.js';

const NO_ROW: Row = [];
/** Parts of keys that are made between two looks at the clock. */
const PARTS_PER_CLOCK_READ = 256;

export class IndexBounds {
  private readonly codecs: readonly TypeCodec[];
  private readonly prefix: readonly { readonly kind: 'equal' | 'any' | 'is null'; readonly value: Evaluator | null }[];
  private readonly lower: Evaluator | null;
  private readonly upper: Evaluator | null;
  private readonly index: IndexDesc;
  /** Equality on all key columns: one key at most. */
  readonly isPoint: boolean;

  constructor(
    cx: ExecContext,
    private readonly node: IndexScanNode,
  ) {
    const compiler = new Compiler(cx, []);
    this.index = node.index;
    this.codecs = node.indexKeys.map((key) => cx.services.types.codec(key.type));
    this.prefix = node.prefix.map((condition) => ({
      kind: condition.kind,
      value:
        condition.kind === 'equal'
          ? compiler.compile(condition.value)
          : condition.kind === 'any'
            ? compiler.compile(condition.array)
            : null,
    }));
    this.lower = node.lower === null ? null : compiler.compile(node.lower.value);
    this.upper = node.upper === null ? null : compiler.compile(node.upper.value);
    this.isPoint =
      node.prefix.length === node.index.keyColumns && node.prefix.every((condition) => condition.kind === 'equal');
  }

  /** The key of a point lookup; null when a value is NULL. REQUIRES: `isPoint`. */
  pointKey(): string | null {
    let key = '';
    for (let i = 0; i < this.prefix.length; i++) {
      const evaluate = this.prefix[i].value;
      const value = evaluate === null ? null : evaluate(NO_ROW);
      if (value === null) return null;
      key += this.part(i, value);
    }
    return key;
  }

  /** The full key of a row version, from the values of the key columns. */
  keyOf(values: readonly Datum[]): string {
    let key = '';
    for (let i = 0; i < values.length; i++) key += this.part(i, values[i]);
    return key;
  }

  /** The ranges to be scanned, in index order, disjoint. */
  *ranges(cx: Pace): Task<IndexRange[]> {
    let prefixes: string[] = [''];
    for (let i = 0; i < this.prefix.length; i++) {
      const parts = yield* this.prefixParts(cx, i);
      if (parts.length === 0) return [];
      const longer: string[] = [];
      for (let p = 0; p < prefixes.length; p++) {
        if (p % PARTS_PER_CLOCK_READ === 0 && cx.overdue()) yield cx.giveWay();
        for (const part of parts) longer.push(prefixes[p] + part);
      }
      prefixes = longer;
    }
    return yield* this.behind(cx, prefixes);
  }

  private part(column: number, value: Datum): string {
    return keyPartOf(value, this.codecs[column], this.index.descending[column], this.index.nullsFirst[column]);
  }

  /** What the key column may hold, sorted and without repetitions. */
  private *prefixParts(cx: Pace, column: number): Task<readonly string[]> {
    const { kind, value } = this.prefix[column];
    const wanted = value === null ? null : yield* evaluateWithoutRow(value);
    if (kind === 'is null') return [this.part(column, null)];
    if (wanted === null) return [];
    if (kind === 'equal') return [this.part(column, wanted)];
    if (!(wanted instanceof PgArray)) throw new Error('an index condition wants an array');
    const { elements } = wanted;
    const parts: string[] = [];
    for (let i = 0; i < elements.length; i++) {
      if (i % PARTS_PER_CLOCK_READ === PARTS_PER_CLOCK_READ - 1 && cx.overdue()) yield cx.giveWay();
      const element = elements[i];
      if (element !== null) parts.push(this.part(column, element));
    }
    return yield* inOrder(cx, parts);
  }

  /** The range on the column behind the prefix, if any, applied to each prefix. */
  private *behind(cx: Pace, prefixes: readonly string[]): Task<IndexRange[]> {
    const { node } = this;
    const column = node.prefix.length;
    const lower = this.lower === null ? undefined : yield* evaluateWithoutRow(this.lower);
    const upper = this.upper === null ? undefined : yield* evaluateWithoutRow(this.upper);
    if (lower === null || upper === null) return [];
    const bounded = lower !== undefined || upper !== undefined || node.notNull;
    const low = lower === undefined ? null : this.part(column, lower);
    const high = upper === undefined ? null : this.part(column, upper);
    const lowInclusive = node.lower?.inclusive ?? true;
    const highInclusive = node.upper?.inclusive ?? true;
    const descending = bounded && this.index.descending[column];
    const ranges: IndexRange[] = [];
    for (let i = 0; i < prefixes.length; i++) {
      if (i % PARTS_PER_CLOCK_READ === PARTS_PER_CLOCK_READ - 1 && cx.overdue()) yield cx.giveWay();
      const prefix = prefixes[i];
      const range = !bounded
        ? { lo: prefix === '' ? null : prefix, hi: keyPrefixEnd(prefix) }
        : descending
          ? between(prefix, high, highInclusive, low, lowInclusive)
          : between(prefix, low, lowInclusive, high, highInclusive);
      if (!bounded || range.lo === null || range.hi === null || range.lo < range.hi) ranges.push(range);
    }
    return ranges;
  }
}

/** Sorted by code units, without repetitions. */
function* inOrder(cx: Pace, parts: readonly string[]): Task<readonly string[]> {
  if (parts.length < 2) return parts;
  const order = yield* sortIndexes(cx, parts.length, (a, b) =>
    parts[a] < parts[b] ? -1 : parts[a] > parts[b] ? 1 : 0,
  );
  const sorted: string[] = [];
  for (let i = 0; i < order.length; i++) {
    if (i % PARTS_PER_CLOCK_READ === PARTS_PER_CLOCK_READ - 1 && cx.overdue()) yield cx.giveWay();
    const part = parts[order[i]];
    if (part !== sorted.at(-1)) sorted.push(part);
  }
  return sorted;
}

/** Keys from `first` to `last` behind the prefix, in key order; a missing bound stops where NULLs begin. */
function between(
  prefix: string,
  first: string | null,
  firstInclusive: boolean,
  last: string | null,
  lastInclusive: boolean,
): IndexRange {
  const lo = first === null ? prefix + NOT_NULL_MARK : firstInclusive ? prefix + first : keyPrefixEnd(prefix + first);
  const hi =
    last === null ? keyPrefixEnd(prefix + NOT_NULL_MARK) : lastInclusive ? keyPrefixEnd(prefix + last) : prefix + last;
  return { lo, hi };
}
