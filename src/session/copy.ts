/** COPY … FROM STDIN and TO STDOUT. */

import type { CopyStmt, Node, RangeVar } from '@pgsql/types';
import type { AttributeDesc, RelationDesc } from '../catalog/descriptors.js';
import { PG_EXECUTE_SERVER_PROGRAM, PG_READ_SERVER_FILES, PG_WRITE_SERVER_FILES } from '../catalog/known-oids.js';
import { actsAs } from '../catalog/role-membership.js';
import { notSupported, sqlError } from '../errors/sql-error.js';
import { type CopyOption, type CopyOptions, copyOptions } from '../exec/copy/copy-options.js';
import { BinaryWriter, CsvWriter, type RowWriter, TextWriter } from '../exec/copy/copy-writer.js';
import { Execution } from '../exec/executor.js';
import { instantiator } from '../exec/instantiate.js';
import { COPY_PROGRESS } from '../exec/progress.js';
import { writeOperators } from '../exec/write-operators.js';
import { nameParts } from '../sql/binder/ast.js';
import { BindContext } from '../sql/binder/bind-context.js';
import { bindCopyInsert } from '../sql/binder/bind-copy.js';
import { findRelation } from '../sql/binder/table-source.js';
import { characterPosition } from '../sql/parser/parse.js';
import type { InsertNode } from '../sql/plan/plan-node.js';
import type { OutputField, PlannedStatement } from '../sql/plan/planned-statement.js';
import { ByteWriter } from '../util/byte-writer.js';
import type { Task } from '../util/task.js';
import { copyProgress } from './copy-progress.js';
import { CopySource, columnPositions } from './copy-source.js';
import { planBound } from './planner.js';
import type { Format, ResultSink } from './result-sink.js';
import { checkReadOnly, lockedPlan } from './run-planned.js';
import type { Session } from './session.js';

const instantiate = instantiator(writeOperators);
const CHUNK = 64 * 1024;

const ANYONE = "Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.";

/** @throws SqlError 42501 for those who may not use the server's files or programs */
function requireFiles(session: Session, { is_program, is_from }: CopyStmt): void {
  const { catalog, currentRole } = session.environment;
  const require = (role: number, name: string, what: string): void => {
    if (actsAs(catalog, currentRole, role)) return;
    throw sqlError(
      'insufficient_privilege',
      `must be superuser or have privileges of the ${name} role to COPY ${what}`,
      { hint: ANYONE },
    );
  };
  if (is_program) require(PG_EXECUTE_SERVER_PROGRAM, 'pg_execute_server_program', 'to or from an external program');
  else if (is_from) require(PG_READ_SERVER_FILES, 'pg_read_server_files', 'from a file');
  else require(PG_WRITE_SERVER_FILES, 'pg_write_server_files', 'to a file');
}

export function* runCopy(session: Session, text: string, statement: CopyStmt, sink: ResultSink): Task<string> {
  if (statement.filename !== undefined) requireFiles(session, statement);
  if (statement.is_program) throw notSupported('COPY with a program');
  if (statement.filename !== undefined) throw notSupported('COPY with a file on the server');
  const items = (statement.options ?? []).map((node) => copyOption(text, node));
  const options = copyOptions(items, statement.is_from === true);
  if (statement.is_from) return yield* copyFrom(session, text, statement, options, sink);
  return yield* copyTo(session, text, statement, options, sink);
}

function copyOption(text: string, node: Node): CopyOption {
  if (!('DefElem' in node)) throw notSupported('this COPY option');
  const { defname = '', arg, location } = node.DefElem;
  return { name: defname, value: optionValue(arg), position: characterPosition(text, location ?? -1) };
}

function optionValue(arg: Node | undefined): CopyOption['value'] {
  if (arg === undefined) return null;
  if ('String' in arg) return arg.String.sval ?? '';
  if ('Integer' in arg) return String(arg.Integer.ival ?? 0);
  if ('Boolean' in arg) return String(arg.Boolean.boolval ?? false);
  if ('A_Star' in arg) return '*';
  return 'List' in arg ? nameParts(arg.List.items) : null;
}

function copiedAttributes(
  cx: BindContext,
  relation: RelationDesc,
  nodes: readonly Node[],
  from: boolean,
): AttributeDesc[] {
  const live = relation.attributes.filter((attribute) => !attribute.dropped);
  if (nodes.length === 0) return live.filter((attribute) => attribute.generated === '');
  const names = nameParts(nodes);
  return names.map((name, i) => {
    const attribute = live.find((candidate) => candidate.name === name);
    if (attribute === undefined)
      throw cx.error('undefined_column', `column "${name}" of relation "${relation.name}" does not exist`);
    if (names.indexOf(name) !== i) throw cx.error('duplicate_column', `column "${name}" specified more than once`);
    if (attribute.generated !== '' && from) {
      throw cx.error('invalid_column_reference', `column "${name}" is a generated column`, -1, {
        detail: 'Generated columns cannot be used in COPY.',
      });
    }
    return attribute;
  });
}

// --- COPY FROM

function* copyFrom(
  session: Session,
  text: string,
  statement: CopyStmt,
  options: CopyOptions,
  sink: ResultSink,
): Task<string> {
  const { relation, attributes, planned } = yield* lockedPlan(
    session,
    () => incomingPlan(session, text, statement),
    (made) => made.planned,
  );
  const transaction = session.block.ensure();
  session.block.queried = true;
  checkReadOnly(session, planned, { CopyStmt: statement });
  const format: Format = options.format === 'binary' ? 1 : 0;
  sink.copyIn(
    format,
    attributes.map(() => format),
  );
  const execution = new Execution(planned, session.environment, instantiate);
  const source = new CopySource(session, sink, relation, attributes, options, statement.whereClause !== undefined);
  const snapshot = transaction.snapshot();
  try {
    execution.cx.rowSource = () => source.next(execution.rowsAffected);
    execution.start(transaction, snapshot, []);
    session.running.set(execution);
    while ((yield* execution.nextBatch()) !== null);
  } catch (error) {
    throw source.located(error, execution.rowsAffected);
  } finally {
    execution.close();
    transaction.releaseSnapshot(snapshot);
    session.running.set(null);
  }
  transaction.nextCommand();
  return `COPY ${execution.rowsAffected}`;
}

/** Errors about the table of a COPY have no position. */
function withoutLocation(range: RangeVar): RangeVar {
  const { location: _, ...rest } = range;
  return rest;
}

interface CopyTargetPlan {
  readonly relation: RelationDesc;
  readonly attributes: readonly AttributeDesc[];
  readonly planned: PlannedStatement;
}

function incomingPlan(session: Session, text: string, statement: CopyStmt): CopyTargetPlan {
  if (statement.relation === undefined) throw notSupported('COPY FROM without a table');
  const cx = new BindContext(session.environment, text, [], false);
  const relation = findRelation(cx, withoutLocation(statement.relation));
  if (relation.kind === 'v')
    throw cx.error('wrong_object_type', `cannot copy to view "${relation.name}"`, -1, {
      hint: 'To enable copying to a view, provide an INSTEAD OF INSERT trigger.',
    });
  if (relation.kind !== 'r')
    throw cx.error(
      'wrong_object_type',
      `cannot copy to ${relation.kind === 'S' ? 'sequence' : 'non-table relation'} "${relation.name}"`,
    );
  const attributes = copiedAttributes(cx, relation, statement.attlist ?? [], true);
  const root = bindCopyInsert(cx, relation, attributes, statement.whereClause);
  return { relation, attributes, planned: planBound(session.environment, cx, copyPlan(session, cx, root)) };
}

function copyPlan(session: Session, cx: BindContext, root: InsertNode): PlannedStatement {
  return {
    command: 'insert',
    root,
    fields: null,
    parameterTypes: [],
    relations: cx.uses(),
    readOnly: false,
    access: cx.access.finish(),
    catalogVersion: session.environment.catalog.version,
    columnNames: cx.columnNames,
  };
}

// --- COPY TO

interface CopySourcePlan {
  readonly planned: PlannedStatement;
  readonly fields: readonly OutputField[];
  /** The table that is copied; 0: a query. */
  readonly relation: number;
}

function* copyTo(
  session: Session,
  text: string,
  statement: CopyStmt,
  options: CopyOptions,
  sink: ResultSink,
): Task<string> {
  const { planned, fields, relation } = yield* lockedPlan(
    session,
    () => outgoingPlan(session, text, statement),
    (made) => made.planned,
  );
  session.block.queried = true;
  checkReadOnly(session, planned, { CopyStmt: statement });
  const { types } = session.environment;
  const codecs = fields.map((field) => types.codec(field.type));
  const forced =
    options.forceQuote === 'all' ? new Set(fields.keys()) : columnPositions(options.forceQuote, fields, 'FORCE_QUOTE');
  const writer: RowWriter =
    options.format === 'binary'
      ? new BinaryWriter(codecs, types)
      : options.format === 'csv'
        ? new CsvWriter(codecs, types, options, forced)
        : new TextWriter(codecs, types, options);
  const format: Format = options.format === 'binary' ? 1 : 0;
  sink.copyOut(
    format,
    fields.map(() => format),
  );
  const count = yield* sendRows(session, { planned, fields, relation }, writer, sink);
  sink.copyDone();
  return `COPY ${count}`;
}

function* sendRows(
  session: Session,
  { planned, fields, relation }: CopySourcePlan,
  writer: RowWriter,
  sink: ResultSink,
): Task<number> {
  const transaction = session.block.ensure();
  const execution = new Execution(planned, session.environment, instantiate);
  const snapshot = transaction.snapshot();
  const out = new ByteWriter(CHUNK);
  const { values } = copyProgress(session, 'to', relation);
  let count = 0;
  const flush = (): void => {
    if (out.length > 0) sink.copyData(out.view());
    values[COPY_PROGRESS.bytes] += out.length;
    out.reset();
  };
  try {
    execution.start(transaction, snapshot, []);
    session.running.set(execution);
    writer.begin(
      fields.map((field) => field.name),
      out,
    );
    if (writer.headerAlone) flush();
    for (;;) {
      const batch = yield* execution.nextBatch();
      if (batch === null) break;
      for (let i = 0; i < batch.length; i++) {
        writer.row(batch.rows[i], out);
        flush();
        if (!sink.crowded) continue;
        const full = sink.backpressure();
        if (full !== null) yield full;
        if (execution.cx.overdue()) yield execution.cx.giveWay();
      }
      count += batch.length;
      values[COPY_PROGRESS.rows] = count;
      const pressure = sink.backpressure();
      if (pressure !== null) yield pressure;
    }
    writer.end(out);
    flush();
  } finally {
    execution.close();
    transaction.releaseSnapshot(snapshot);
    session.running.set(null);
  }
  if (!planned.readOnly) transaction.nextCommand();
  return count;
}

/** COPY t TO is COPY (SELECT columns FROM ONLY t) TO. */
function outgoingPlan(session: Session, text: string, statement: CopyStmt): CopySourcePlan {
  if (statement.query !== undefined) {
    const planned = session.environment.plan(text, statement.query, [], false);
    if (planned.fields === null) throw sqlError('feature_not_supported', 'COPY query must have a RETURNING clause');
    return { planned, fields: planned.fields, relation: 0 };
  }
  if (statement.relation === undefined) throw notSupported('COPY without a source');
  const cx = new BindContext(session.environment, text, [], false);
  const relation = findRelation(cx, withoutLocation(statement.relation));
  if (relation.kind !== 'r') {
    const what =
      relation.kind === 'v'
        ? 'view'
        : relation.kind === 'S'
          ? 'sequence'
          : relation.kind === 'm'
            ? 'materialized view'
            : 'non-table relation';
    throw sqlError(
      'wrong_object_type',
      `cannot copy from ${what} "${relation.name}"`,
      what === 'view' || what === 'materialized view' ? { hint: 'Try the COPY (SELECT ...) TO variant.' } : {},
    );
  }
  const attributes = copiedAttributes(cx, relation, statement.attlist ?? [], false);
  const select: Node = {
    SelectStmt: {
      targetList: attributes.map(
        (attribute): Node => ({
          ResTarget: { val: { ColumnRef: { fields: [{ String: { sval: attribute.name } }] } } },
        }),
      ),
      fromClause: [{ RangeVar: statement.relation }],
      op: 'SETOP_NONE',
    },
  };
  const planned = session.environment.plan(text, select, [], false);
  return { planned, fields: planned.fields ?? [], relation: relation.oid };
}
