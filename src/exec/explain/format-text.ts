/** EXPLAIN (FORMAT TEXT): one line a property, children behind arrows. */
import type { Detail, ExplainNode } from './explain-node.js';
import type { ExplainOptions } from './explain-options.js';
import type { PlanStats } from './instrument.js';
import { measuresOf } from './measures.js';

export function formatText(root: ExplainNode, options: ExplainOptions, stats: PlanStats | null): string[] {
  const lines: string[] = [];
  writeNode(root, 0, '', lines, options, stats);
  return lines;
}

/** `indent`: column of the heading; `arrow`: what stands before it. Properties stand two columns further in. */
function writeNode(
  node: ExplainNode,
  indent: number,
  arrow: string,
  lines: string[],
  options: ExplainOptions,
  stats: PlanStats | null,
): void {
  const measures = measuresOf(node, options, stats);
  lines.push(' '.repeat(indent) + arrow + node.heading + numbers(measures, options));
  const inner = indent + arrow.length + 2;
  const pad = ' '.repeat(inner);
  for (const [label, value] of node.details) {
    lines.push(`${pad}${label}: ${detailText(value)}`);
    if (label === 'Filter' && measures.removed !== null && measures.removed > 0) {
      lines.push(`${pad}Rows Removed by Filter: ${measures.removed}`);
    }
  }
  const labelled = (plan: ExplainNode): void => {
    lines.push(pad + plan.label);
    writeNode(plan, inner + 2, '->  ', lines, options, stats);
  };
  node.initPlans.forEach(labelled);
  for (const child of node.children) writeNode(child, inner, '->  ', lines, options, stats);
  node.subplans.forEach(labelled);
}

function numbers(measures: ReturnType<typeof measuresOf>, options: ExplainOptions): string {
  const { cost, actual } = measures;
  let text = cost === null ? '' : `  (cost=${cost.startup}..${cost.total} rows=${cost.rows} width=${cost.width})`;
  if (actual === null) return text;
  if (actual.loops === 0) return `${text} (never executed)`;
  const time = options.timing ? `time=${actual.startup}..${actual.total} ` : '';
  text += ` (actual ${time}rows=${actual.rows} loops=${actual.loops})`;
  return text;
}

function detailText(value: Detail): string {
  return Array.isArray(value) ? value.join(', ') : String(value);
}
