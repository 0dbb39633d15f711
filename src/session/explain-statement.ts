/** EXPLAIN [ANALYZE]. */
import type { ExplainStmt, Node } from '@pgsql/types';
import { notSupported } from '../errors/sql-error.js';
import { Execution } from '../exec/executor.js';
import { explainOptions, explainPlan, PlanStats } from '../exec/explain.js';
import { instantiator } from '../exec/instantiate.js';
import { writeOperators } from '../exec/write-operators.js';
import { isPlannable } from '../sql/binder/bind-statement.js';
import type { PlannedStatement } from '../sql/plan/plan-node.js';
import type { Datum } from '../types/datum.js';
import type { Task } from '../util/task.js';
import type { Portal } from './portal.js';
import type { RowSink } from './row-sink.js';
import { checkReadOnly, lockedPlan, startRows } from './run-planned.js';
import type { Session } from './session.js';

export function* runExplain(session: Session, portal: Portal, statement: ExplainStmt, sink: RowSink): Task<string> {
  const options = explainOptions((statement.options ?? []).flatMap(optionOf));
  const query = explained(session, statement.query);
  const started = performance.now();
  const planned = yield* lockedPlan(
    session,
    () => session.environment.plan(portal.prepared.sql, query.node, query.types, true),
    (made) => made,
  );
  const planningMs = performance.now() - started;
  const stats = options.analyze ? new PlanStats() : null;
  const executionMs = stats === null ? null : yield* execute(session, planned, query.node, query.params, stats);
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
  readonly types: readonly number[];
  readonly params: readonly Datum[];
}

function explained(session: Session, node: Node | undefined): Explained {
  if (node === undefined) throw notSupported('EXPLAIN without a statement');
  if (isPlannable(node)) return { node, types: [], params: [] };
  if ('ExecuteStmt' in node) {
    const prepared = session.findPrepared(node.ExecuteStmt.name ?? '');
    if (prepared.statement !== null)
      return {
        node: prepared.statement.node,
        types: prepared.parameterTypes,
        params: prepared.parameterTypes.map(() => null),
      };
  }
  if ('DeclareCursorStmt' in node) return explained(session, node.DeclareCursorStmt.query);
  if ('CreateTableAsStmt' in node && node.CreateTableAsStmt.query !== undefined)
    return explained(session, node.CreateTableAsStmt.query);
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
    session.setRunning(execution);
    while ((yield* execution.nextBatch()) !== null);
  } finally {
    execution.close();
    transaction.releaseSnapshot(snapshot);
    session.setRunning(null);
  }
  if (!planned.readOnly) transaction.nextCommand();
  return performance.now() - started;
}
