/**
 * EXPLAIN. Under ANALYZE the caller instantiates the plan with `PlanStats.instrument`, runs it to its end, and then
 * asks for the text; no operator pays for measurements otherwise.
 */
import type { PlannedStatement } from '../sql/plan/planned-statement.js';
import type { ExecServices } from './exec-context.js';
import { PlanDescriber } from './explain/describe-plan.js';
import type { ExplainOptions } from './explain/explain-options.js';
import { formatStructured, type Summary } from './explain/format-structured.js';
import { formatText } from './explain/format-text.js';
import type { PlanStats } from './explain/instrument.js';

export { type ExplainOptions, explainOptions } from './explain/explain-options.js';
export { PlanStats } from './explain/instrument.js';

export interface ExplainTimes {
  readonly planningMs: number;
  /** Null when the statement was not run. */
  readonly executionMs: number | null;
}

/** The rows of the result column "QUERY PLAN": one a line in text format, else a single one. */
export function explainPlan(
  planned: PlannedStatement,
  services: ExecServices,
  options: ExplainOptions,
  times: ExplainTimes,
  stats: PlanStats | null,
): string[] {
  const root = new PlanDescriber(services, planned.root, options.verbose).describe(planned.root);
  const summary: Summary | null = options.summary ? times : null;
  if (options.format !== 'text') return [formatStructured(root, options, stats, summary)];
  const lines = formatText(root, options, stats);
  if (summary === null) return lines;
  lines.push(`Planning Time: ${summary.planningMs.toFixed(3)} ms`);
  if (summary.executionMs !== null) lines.push(`Execution Time: ${summary.executionMs.toFixed(3)} ms`);
  return lines;
}
