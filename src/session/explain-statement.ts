/** EXPLAIN [ANALYZE]. */
import type { ExplainStmt, Node } from '@pgsql/types';
import { notSupported } from '../errors/sql-error.js';
import { Execution } from '../exec/executor.js';
import { explainOptions, explainPlan, PlanStats } from '../exec/explain.js';
import { instantiator } from '../exec/instantiate.js';
import { writeOperators } from '../exec/write-operators.js';
import { isPlannable } from '../sql/binder/bind-statement.js';
import type { PlannedStatement } from '../sql/plan/planned-statement.js';
import type { Datum } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { Portal } from './portal.js';
import { planExecute } from './prepare-statement.js';
import type { RowSink } from './row-sink.js';
import { checkReadOnly, lockedPlan, startRows } from './run-planned.js';
import type { Session } from './session.js';

export function* runExplain(session: Session, portal: Portal, statement: ExplainStmt, sink: RowSink): Task<string> {
  const options = explainOptions((statement.options ?? []).flatMap(optionOf));
  const started = performance.now();
  const { node, planned, params } = yield* explained(session, portal, statement.query, options.analyze);
  const planningMs = performance.now() - started;
  const stats = options.analyze ? new PlanStats() : null;
  session.environment.requirePrivileges(planned.access);
  const executionMs = stats === null ? null : yield* execute(session, planned, node, params, stats);
  const lines = explainPlan(planned, session.environment, options, { planningMs, executionMs }, stats);
  startRows(session, portal, sink);
  for (const line of lines) sink.row([line]);
  return 'EXPLAIN';
}

function optionOf(node: Node): { name: string; value: string | null }[] {
  if (!('DefElem' in node)) return [];
  const { defname, arg } = node.DefElem;
  const value =
    arg === undefined
      ? null
      : 'String' in arg
        ? (arg.String.sval ?? '')
        : 'Integer' in arg
          ? String(arg.Integer.ival ?? 0)
          : 'Boolean' in arg
            ? String(arg.Boolean.boolval ?? false)
            : null;
  return [{ name: defname ?? '', value }];
}

interface Explained {
  readonly node: Node;
  readonly planned: PlannedStatement;
  readonly params: readonly Datum[];
}

/** Plans what is to be explained, as running it would; what it reads is locked. */
function* explained(session: Session, portal: Portal, node: Node | undefined, analyze: boolean): Task<Explained> {
  if (node === undefined) throw notSupported('EXPLAIN without a statement');
  if (isPlannable(node)) {
    const { sql, parameterTypes } = portal.prepared;
    const plan = (): PlannedStatement => session.environment.plan(sql, node, parameterTypes, false);
    return { node, planned: yield* lockedPlan(session, plan, (made) => made), params: portal.params };
  }
  if ('ExecuteStmt' in node) {
    const { statement } = session.prepared.find(node.ExecuteStmt.name ?? '');
    if (statement !== null)
      return { node: statement.node, ...(yield* planExecute(session, portal.prepared.sql, node.ExecuteStmt)) };
  }
  if ('DeclareCursorStmt' in node) return yield* explained(session, portal, node.DeclareCursorStmt.query, analyze);
  if ('CreateTableAsStmt' in node) {
    if (analyze) throw notSupported('EXPLAIN ANALYZE of CREATE TABLE AS');
    return yield* explained(session, portal, node.CreateTableAsStmt.query, analyze);
  }
  throw notSupported('EXPLAIN of this kind of statement');
}

function* execute(
  session: Session,
  planned: PlannedStatement,
  node: Node,
  params: readonly Datum[],
  stats: PlanStats,
): Task<number> {
  const transaction = session.block.ensure();
  checkReadOnly(session, planned, node);
  const execution = new Execution(planned, session.environment, instantiator(writeOperators, stats.instrument));
  const snapshot = transaction.snapshot();
  const started = performance.now();
  try {
    execution.start(transaction, snapshot, params);
    session.running.set(execution);
    while ((yield* execution.nextBatch()) !== null);
  } finally {
    execution.close();
    transaction.releaseSnapshot(snapshot);
    session.running.set(null);
  }
  if (!planned.readOnly) transaction.nextCommand();
  return performance.now() - started;
}
