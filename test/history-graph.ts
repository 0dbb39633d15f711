/**
 * Directed graphs of what transactions owe each other, with a label on each edge, and their shortest cycles. Nothing here
 * recurses: histories have tens of thousands of transactions.
 */
export class Graph {
  private readonly edges = new Map<string, Map<string, string>>();

  /** The first label of an edge stays. Edges from a node to itself are kept, they are cycles. */
  add(from: string, to: string, label: string): void {
    let targets = this.edges.get(from);
    if (targets === undefined) {
      targets = new Map();
      this.edges.set(from, targets);
    }
    if (!targets.has(to)) targets.set(to, label);
  }

  addAll(other: Graph): void {
    for (const [from, targets] of other.edges) for (const [to, label] of targets) this.add(from, to, label);
  }

  /** Edges of this graph, and each of them followed by one of `other`. */
  followedBy(other: Graph): Graph {
    const result = new Graph();
    result.addAll(this);
    for (const [from, middles] of this.edges) {
      for (const [middle, first] of middles) {
        for (const [to, second] of other.targets(middle)) result.add(from, to, `${first} ${middle} ${second}`);
      }
    }
    return result;
  }

  /** A short cycle as text (`1 -ww x-> 2 -wr y-> 1`), or null. */
  cycle(): string | null {
    const left = this.onCycles();
    let best: string[] | null = null;
    // Each of them is tried while that is cheap; any cycle proves the anomaly, a short one tells more.
    for (const node of [...left].slice(0, 200)) {
      const found = this.shortestThrough(node, left);
      if (found !== null && (best === null || found.length < best.length)) best = found;
    }
    if (best === null && left.size > 0) best = this.walk(left);
    return best === null ? null : this.print(best);
  }

  private targets(node: string): ReadonlyMap<string, string> {
    return this.edges.get(node) ?? NO_EDGES;
  }

  /** Nodes that remain when those without a way in are taken away again and again. */
  private onCycles(): Set<string> {
    const waysIn = new Map<string, number>();
    for (const [from, targets] of this.edges) {
      if (!waysIn.has(from)) waysIn.set(from, 0);
      for (const to of targets.keys()) waysIn.set(to, (waysIn.get(to) ?? 0) + 1);
    }
    const left = new Set(waysIn.keys());
    const free = [...left].filter((node) => waysIn.get(node) === 0);
    for (let node = free.pop(); node !== undefined; node = free.pop()) {
      left.delete(node);
      for (const to of this.targets(node).keys()) {
        const ways = (waysIn.get(to) ?? 0) - 1;
        waysIn.set(to, ways);
        if (ways === 0) free.push(to);
      }
    }
    return left;
  }

  /** Nodes of the shortest way from `start` back to it. */
  private shortestThrough(start: string, within: ReadonlySet<string>): string[] | null {
    const cameFrom = new Map<string, string>();
    const queue = [start];
    for (const node of queue) {
      for (const to of this.targets(node).keys()) {
        if (to === start) return trace(cameFrom, start, node);
        if (!within.has(to) || cameFrom.has(to)) continue;
        cameFrom.set(to, node);
        queue.push(to);
      }
    }
    return null;
  }

  /** Every node of `within` has a way in from another one, so that going backwards comes round at last. */
  private walk(within: ReadonlySet<string>): string[] {
    const before = new Map<string, string>();
    for (const from of within) for (const to of this.targets(from).keys()) if (within.has(to)) before.set(to, from);
    const path: string[] = [];
    const seen = new Set<string>();
    let [node] = within;
    for (; !seen.has(node); node = before.get(node) ?? node) {
      seen.add(node);
      path.push(node);
    }
    return path.slice(path.indexOf(node)).reverse();
  }

  private print(nodes: readonly string[]): string {
    const steps = nodes.map((node, i) => `${node} ${this.targets(node).get(nodes[(i + 1) % nodes.length])}`);
    return `${steps.join(' ')} ${nodes[0]}`;
  }
}

const NO_EDGES: ReadonlyMap<string, string> = new Map();

function trace(cameFrom: ReadonlyMap<string, string>, start: string, end: string): string[] {
  const nodes = [end];
  while (nodes[nodes.length - 1] !== start) nodes.push(cameFrom.get(nodes[nodes.length - 1]) ?? start);
  return nodes.reverse();
}
