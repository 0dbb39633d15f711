/**
 * Looks for anomalies in a history of list appends (after Elle): transactions append unique values to lists and read
 * lists, so the final lists tell the order of versions and each read tells what it has seen.
 */
export interface TransactionRecord {
  readonly id: number;
  outcome: 'committed' | 'aborted';
  readonly appends: { readonly key: number; readonly value: number }[];
  /** Reads before the transaction's own first append to the key. */
  readonly reads: { readonly key: number; readonly list: readonly number[] }[];
}

export type Lists = ReadonlyMap<number, readonly number[]>;

type Graph = Map<number, Set<number>>;

export interface Dependencies {
  /** ww and wr. */
  readonly direct: Graph;
  readonly rw: Graph;
  /** What no isolation level allows: G1a, G1b, reads of something that is no prefix. */
  readonly violations: string[];
}

export function dependencies(history: readonly TransactionRecord[], final: Lists): Dependencies {
  const writer = new Map<number, TransactionRecord>();
  for (const record of history) for (const { value } of record.appends) writer.set(value, record);
  const direct: Graph = new Map();
  const rw: Graph = new Map();
  const violations: string[] = [];
  for (const list of final.values()) {
    for (let i = 0; i < list.length; i++) {
      const by = writer.get(list[i])!;
      if (by.outcome === 'aborted') violations.push(`value ${list[i]} of aborted ${by.id} has survived`);
      if (i > 0) addEdge(direct, writer.get(list[i - 1])!.id, by.id);
    }
  }
  for (const record of history) {
    if (record.outcome === 'aborted') continue;
    for (const { value, key } of record.appends) {
      if (final.get(key)?.includes(value) !== true) violations.push(`append ${value} of ${record.id} is lost`);
    }
    for (const { key, list } of record.reads) {
      const versions = final.get(key) ?? [];
      if (list.some((value, i) => versions[i] !== value))
        violations.push(`${record.id} has read ${key}=[${list}], no prefix`);
      const last = list.length === 0 ? undefined : writer.get(list[list.length - 1]);
      const next = versions.length > list.length ? writer.get(versions[list.length]) : undefined;
      if (last !== undefined) addEdge(direct, last.id, record.id);
      if (next === undefined) continue;
      if (next === last && next !== record)
        violations.push(`${record.id} has read an intermediate state of ${next.id}`);
      addEdge(rw, record.id, next.id);
    }
  }
  return { direct, rw, violations };
}

function addEdge(graph: Graph, from: number, to: number): void {
  if (from === to) return;
  let targets = graph.get(from);
  if (targets === undefined) {
    targets = new Set();
    graph.set(from, targets);
  }
  targets.add(to);
}

export function union(a: Graph, b: Graph): Graph {
  const result: Graph = new Map();
  for (const graph of [a, b]) for (const [from, tos] of graph) for (const to of tos) addEdge(result, from, to);
  return result;
}

/** Edges of `direct`, each optionally followed by one of `rw`: snapshot isolation allows no cycle of these. */
export function snapshotOrder({ direct, rw }: Dependencies): Graph {
  const result = union(direct, new Map());
  for (const [from, middles] of direct) {
    for (const middle of middles) {
      for (const to of rw.get(middle) ?? []) {
        // A way back to the start is a cycle, too.
        if (to === from) addEdge(result, from, -1);
        else addEdge(result, from, to);
      }
    }
  }
  if ([...result.values()].some((targets) => targets.has(-1))) {
    for (const [from, targets] of result) if (targets.has(-1)) addEdge(result, -1, from);
  }
  return result;
}

/** A cycle, or null. */
export function findCycle(graph: Graph): number[] | null {
  const done = new Set<number>();
  const path: number[] = [];
  const onPath = new Set<number>();
  const visit = (node: number): number[] | null => {
    if (onPath.has(node)) return path.slice(path.indexOf(node));
    if (done.has(node)) return null;
    path.push(node);
    onPath.add(node);
    for (const next of graph.get(node) ?? []) {
      const cycle = visit(next);
      if (cycle !== null) return cycle;
    }
    path.pop();
    onPath.delete(node);
    done.add(node);
    return null;
  };
  for (const node of graph.keys()) {
    const cycle = visit(node);
    if (cycle !== null) return cycle;
  }
  return null;
}
