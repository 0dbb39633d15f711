/** EXPLAIN (FORMAT JSON | YAML | XML): the same tree of properties, written three ways in PostgreSQL's layout. */
import type { Detail, ExplainNode } from './explain-node.js';
import type { ExplainOptions } from './explain-options.js';
import type { PlanStats } from './instrument.js';
import { measuresOf } from './measures.js';

/** A number that keeps its digits (`0.00`). */
class Digits {
  constructor(readonly text: string) {}
}

type Value = Detail | Digits | Group | readonly Group[];
type Group = readonly (readonly [string, Value])[];

export interface Summary {
  readonly planningMs: number;
  /** Null without ANALYZE. */
  readonly executionMs: number | null;
}

export function formatStructured(
  root: ExplainNode,
  options: ExplainOptions,
  stats: PlanStats | null,
  summary: Summary | null,
): string {
  const query: [string, Value][] = [['Plan', nodeGroup(root, options, stats)]];
  if (summary !== null) query.push(['Planning Time', new Digits(summary.planningMs.toFixed(3))]);
  if (options.analyze) query.push(['Triggers', NO_GROUPS]);
  if (summary !== null && summary.executionMs !== null) {
    query.push(['Execution Time', new Digits(summary.executionMs.toFixed(3))]);
  }
  switch (options.format) {
    case 'json':
      return `[\n  ${json(query, 2)}\n]`;
    case 'yaml':
      return `- ${yaml(query, 2).trimStart()}`;
    default:
      return `<explain xmlns="http://www.postgresql.org/2009/explain">\n  <Query>\n${xml(query, 4)}\n  </Query>\n</explain>`;
  }
}

const NO_GROUPS: readonly Group[] = [];

function nodeGroup(node: ExplainNode, options: ExplainOptions, stats: PlanStats | null): Group {
  const { cost, actual, removed } = measuresOf(node, options, stats);
  const group: [string, Value][] = [['Node Type', node.type], ...node.kind.map(([k, v]): [string, Value] => [k, v])];
  if (node.relationship !== null) group.push(['Parent Relationship', node.relationship]);
  if (node.label !== null) group.push(['Subplan Name', node.label]);
  group.push(['Parallel Aware', false], ['Async Capable', false]);
  for (const [key, value] of node.facts) group.push([key, value]);
  if (cost !== null) {
    group.push(['Startup Cost', new Digits(cost.startup)], ['Total Cost', new Digits(cost.total)]);
    group.push(['Plan Rows', cost.rows], ['Plan Width', cost.width]);
  }
  if (actual !== null) {
    if (options.timing) {
      group.push(['Actual Startup Time', new Digits(actual.startup)], ['Actual Total Time', new Digits(actual.total)]);
    }
    group.push(['Actual Rows', actual.rows], ['Actual Loops', actual.loops]);
  }
  for (const [key, value] of node.details) {
    group.push([key, value]);
    if (key === 'Filter' && removed !== null) group.push(['Rows Removed by Filter', removed]);
  }
  const plans = [...node.initPlans, ...node.children, ...node.subplans];
  if (plans.length > 0) group.push(['Plans', plans.map((plan) => nodeGroup(plan, options, stats))]);
  return group;
}

function isGroups(value: Value): value is readonly Group[] {
  return Array.isArray(value) && (value.length === 0 || (Array.isArray(value[0]) && Array.isArray(value[0][0])));
}

function isGroup(value: Value): value is Group {
  return Array.isArray(value) && value.length > 0 && Array.isArray(value[0]) && !Array.isArray(value[0][0]);
}

function json(value: Value, indent: number): string {
  const pad = ' '.repeat(indent);
  if (value instanceof Digits) return value.text;
  if (isGroup(value)) {
    const members = value.map(([key, member]) => `${pad}  ${JSON.stringify(key)}: ${json(member, indent + 2)}`);
    return `{\n${members.join(',\n')}\n${pad}}`;
  }
  if (isGroups(value)) {
    const groups = value.map((group) => `${pad}  ${json(group, indent + 2)}`);
    return groups.length === 0 ? `[\n${pad}]` : `[\n${groups.join(',\n')}\n${pad}]`;
  }
  return Array.isArray(value) ? `[${value.map((item) => JSON.stringify(item)).join(', ')}]` : JSON.stringify(value);
}

/** Strings are quoted; members of a group stand under its key. */
function yaml(group: Group, indent: number): string {
  const pad = ' '.repeat(indent);
  const lines = group.map(([key, value]) => {
    if (value instanceof Digits) return `${pad}${key}: ${value.text}`;
    if (isGroup(value)) return `${pad}${key}: \n${yaml(value, indent + 2)}`;
    if (isGroups(value)) {
      const items = value.map((item) => `${pad}  - ${yaml(item, indent + 4).trimStart()}`);
      return [`${pad}${key}: `, ...items].join('\n');
    }
    if (Array.isArray(value)) {
      return [`${pad}${key}: `, ...value.map((item) => `${pad}  - ${JSON.stringify(item)}`)].join('\n');
    }
    return `${pad}${key}: ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`;
  });
  return lines.join('\n');
}

function xml(group: Group, indent: number): string {
  const pad = ' '.repeat(indent);
  const lines = group.map(([key, value]) => {
    const tag = key.replaceAll(' ', '-');
    const block = (content: string): string => `${pad}<${tag}>\n${content}\n${pad}</${tag}>`;
    if (value instanceof Digits) return `${pad}<${tag}>${value.text}</${tag}>`;
    if (isGroup(value)) return block(xml(value, indent + 2));
    if (isGroups(value)) {
      if (value.length === 0) return `${pad}<${tag}>\n${pad}</${tag}>`;
      return block(value.map((item) => `${pad}  <Plan>\n${xml(item, indent + 4)}\n${pad}  </Plan>`).join('\n'));
    }
    if (Array.isArray(value)) return block(value.map((item) => `${pad}  <Item>${escapeXml(item)}</Item>`).join('\n'));
    return `${pad}<${tag}>${escapeXml(String(value))}</${tag}>`;
  });
  return lines.join('\n');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
