/** COPY … FROM STDIN and TO STDOUT. */
import type { CopyStmt, Node } from '@pgsql/types';
import type { AttributeDesc, RelationDesc } from '../catalog/descriptors.js';
import { notSupported, SqlError, sqlError } from '../errors/sql-error.js';
import { BinaryReader } from '../exec/copy/binary-reader.js';
import { type CopyOption, type CopyOptions, copyOptions } from '../exec/copy/copy-options.js';
import { type FieldTexts, type LineReader, TextReader } from '../exec/copy/copy-reader.js';
import { BinaryWriter, CsvWriter, type RowWriter, TextWriter } from '../exec/copy/copy-writer.js';
import { CsvReader } from '../exec/copy/csv-reader.js';
import { Execution } from '../exec/executor.js';
import { instantiator } from '../exec/instantiate.js';
import { BATCH_SIZE, type Batch } from '../exec/operator.js';
import { writeOperators } from '../exec/write-operators.js';
import { nameParts } from '../sql/binder/ast.js';
import { BindContext } from '../sql/binder/bind-context.js';
import { findRelation } from '../sql/binder/bind-from.js';
import { bindCopyInsert } from '../sql/binder/bind-insert.js';
import type { OutputField, PlannedStatement } from '../sql/plan/plan-node.js';
import type { Datum, Row } from '../types/datum.js';
import type { TypeCodec } from '../types/type-codec.js';
import { ByteWriter } from '../util/byte-writer.js';
import type { Task } from '../util/task.js';
import { planBound } from './planner.js';
import type { Format, ResultSink } from './result-sink.js';
import { checkReadOnly, lockedPlan } from './run-planned.js';
import type { Session } from './session.js';

const instantiate = instantiator(writeOperators);
const CHUNK = 64 * 1024;

export function* runCopy(session: Session, text: string, statement: CopyStmt, sink: ResultSink): Task<string> {
  if (statement.is_program) throw notSupported('COPY with a program');
  if (statement.filename !== undefined) throw notSupported('COPY with a file on the server');
  const options = copyOptions((statement.options ?? []).map(optionOf), statement.is_from === true);
  if (statement.is_from) return yield* copyFrom(session, text, statement, options, sink);
  return yield* copyTo(session, text, statement, options, sink);
}

function optionOf(node: Node): CopyOption {
  if (!('DefElem' in node)) throw notSupported('this COPY option');
  const { defname = '', arg } = node.DefElem;
  if (arg === undefined) return { name: defname, value: null };
  if ('String' in arg) return { name: defname, value: arg.String.sval ?? '' };
  if ('Integer' in arg) return { name: defname, value: String(arg.Integer.ival ?? 0) };
  if ('Boolean' in arg) return { name: defname, value: String(arg.Boolean.boolval ?? false) };
  if ('A_Star' in arg) return { name: defname, value: '*' };
  if ('List' in arg) return { name: defname, value: nameParts(arg.List.items) };
  return { name: defname, value: null };
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

function positions(
  names: readonly string[],
  attributes: readonly { name: string }[],
  option: string,
): ReadonlySet<number> {
  return new Set(
    names.map((name) => {
      const position = attributes.findIndex((attribute) => attribute.name === name);
      if (position < 0) throw sqlError('invalid_column_reference', `${option} column "${name}" not referenced by COPY`);
      return position;
    }),
  );
}

// --- COPY FROM

/** Parsed rows waiting for the insert operator. */
class Incoming {
  private rows: Row[] = [];
  private taken = 0;

  push(row: Row): void {
    this.rows.push(row);
  }

  /** At most a batch, so that others have their turn while a large piece of data is stored. */
  take(): Batch | null {
    const rows = this.rows.slice(this.taken, this.taken + BATCH_SIZE);
    this.taken += rows.length;
    if (this.taken === this.rows.length) {
      this.rows = [];
      this.taken = 0;
    }
    return rows.length === 0 ? null : { rows, length: rows.length };
  }
}

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
  const source = new CopySource(session, sink, relation, attributes, options);
  const snapshot = transaction.snapshot();
  try {
    execution.cx.rowSource = () => source.next();
    execution.start(transaction, snapshot, []);
    session.setRunning(execution);
    while ((yield* execution.nextBatch()) !== null);
  } catch (error) {
    throw source.located(error);
  } finally {
    execution.close();
    transaction.releaseSnapshot(snapshot);
    session.setRunning(null);
  }
  transaction.nextCommand();
  return `COPY ${execution.rowsAffected}`;
}

interface CopyTargetPlan {
  readonly relation: RelationDesc;
  readonly attributes: readonly AttributeDesc[];
  readonly planned: PlannedStatement;
}

function incomingPlan(session: Session, text: string, statement: CopyStmt): CopyTargetPlan {
  if (statement.relation === undefined) throw notSupported('COPY FROM without a table');
  const cx = new BindContext(session.environment, text, [], false);
  const relation = findRelation(cx, statement.relation);
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
  if (statement.whereClause !== undefined) throw notSupported('COPY FROM with WHERE');
  return { relation, attributes, planned: planBound(cx, copyPlan(session, cx, relation, attributes)) };
}

function copyPlan(
  session: Session,
  cx: BindContext,
  relation: RelationDesc,
  attributes: readonly AttributeDesc[],
): PlannedStatement {
  return {
    command: 'insert',
    root: bindCopyInsert(cx, relation, attributes),
    fields: null,
    parameterTypes: [],
    relations: [...cx.relations.values()],
    readOnly: false,
    catalogVersion: session.environment.catalog.version,
    columnNames: cx.columnNames,
  };
}

/** Reads the client's data and gives it as batches of typed rows. */
class CopySource {
  private readonly codecs: readonly TypeCodec[];
  private readonly lines: LineReader | null;
  private readonly binary: BinaryReader | null;
  private readonly incoming = new Incoming();
  private headerPending: boolean;
  private ended = false;
  private column: string | null = null;
  private lineText = '';
  private lineNumber = 0;

  constructor(
    private readonly session: Session,
    private readonly sink: ResultSink,
    private readonly relation: RelationDesc,
    private readonly attributes: readonly AttributeDesc[],
    private readonly options: CopyOptions,
  ) {
    const { types } = session.environment;
    this.codecs = attributes.map((attribute) => types.codec(attribute.type));
    this.headerPending = options.header !== false;
    this.binary = options.format === 'binary' ? new BinaryReader(attributes.length) : null;
    this.lines =
      options.format === 'text'
        ? new TextReader(options)
        : options.format === 'csv'
          ? new CsvReader(
              options,
              positions(options.forceNotNull, attributes, 'FORCE_NOT_NULL'),
              positions(options.forceNull, attributes, 'FORCE_NULL'),
            )
          : null;
  }

  *next(): Task<Batch | null> {
    for (;;) {
      const batch = this.incoming.take();
      if (batch !== null) return batch;
      if (this.ended) return null;
      const chunk = yield* this.sink.readCopyData();
      if (chunk === null) {
        this.ended = true;
        this.lines?.finish(this.addLine);
        this.binary?.finish();
      } else {
        this.lines?.push(chunk, this.addLine);
        this.binary?.push(chunk, (tuple) => this.addTuple(tuple.bytes, tuple.starts, tuple.ends));
      }
    }
  }

  private readonly addLine = (fields: FieldTexts): void => {
    this.lineNumber = this.lines?.line ?? 0;
    if (this.headerPending) {
      this.headerPending = false;
      if (this.options.header === 'match') this.checkHeader(fields);
      return;
    }
    const { attributes, codecs } = this;
    const cx = this.session.environment.types;
    this.column = null;
    if (fields.length !== attributes.length) this.wrongWidth(fields);
    const row: Datum[] = new Array(fields.length);
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i];
      if (field === null) row[i] = null;
      else {
        try {
          row[i] = codecs[i].parse(field, cx, attributes[i].typmod);
        } catch (error) {
          this.column = attributes[i].name;
          this.lineText = field;
          throw error;
        }
      }
    }
    this.lineText = fields.join(this.options.delimiter);
    this.incoming.push(row);
  };

  private wrongWidth(fields: FieldTexts): never {
    this.lineText = fields.map((field) => field ?? this.options.nullText).join(this.options.delimiter);
    if (fields.length > this.attributes.length)
      throw sqlError('bad_copy_file_format', 'extra data after last expected column');
    throw sqlError('bad_copy_file_format', `missing data for column "${this.attributes[fields.length].name}"`);
  }

  private checkHeader(fields: FieldTexts): void {
    if (fields.length !== this.attributes.length) {
      throw sqlError(
        'bad_copy_file_format',
        `wrong number of fields in header line: got ${fields.length}, expected ${this.attributes.length}`,
      );
    }
    this.attributes.forEach((attribute, i) => {
      if (fields[i] !== attribute.name) {
        throw sqlError(
          'bad_copy_file_format',
          `column name mismatch in header line field ${i + 1}: got ${fields[i] === null ? `null value ("${this.options.nullText}")` : `"${fields[i]}"`}, expected "${attribute.name}"`,
        );
      }
    });
  }

  private addTuple(bytes: Buffer, starts: readonly number[], ends: readonly number[]): void {
    this.lineNumber++;
    const cx = this.session.environment.types;
    this.incoming.push(
      starts.map((start, i) =>
        start < 0 ? null : this.codecs[i].receive(bytes, start, ends[i], cx, this.attributes[i].typmod),
      ),
    );
  }

  /** Adds PostgreSQL's context line to an error. */
  located(error: unknown): unknown {
    if (!(error instanceof SqlError) || error.fields.where !== undefined || error.condition === 'query_canceled')
      return error;
    const place = `COPY ${this.relation.name}, line ${this.lineNumber}`;
    const where =
      this.column === null
        ? this.lineText === ''
          ? place
          : `${place}: "${this.lineText.slice(0, 100)}"`
        : `${place}, column ${this.column}: "${this.lineText.slice(0, 100)}"`;
    error.fields = { ...error.fields, where };
    return error;
  }
}

// --- COPY TO

interface CopySourcePlan {
  readonly planned: PlannedStatement;
  readonly fields: readonly OutputField[];
}

function* copyTo(
  session: Session,
  text: string,
  statement: CopyStmt,
  options: CopyOptions,
  sink: ResultSink,
): Task<string> {
  const { planned, fields } = yield* lockedPlan(
    session,
    () => outgoingPlan(session, text, statement),
    (made) => made.planned,
  );
  session.block.queried = true;
  checkReadOnly(session, planned, { CopyStmt: statement });
  const { types } = session.environment;
  const codecs = fields.map((field) => types.codec(field.type));
  const forced =
    options.forceQuote === 'all' ? new Set(fields.keys()) : positions(options.forceQuote, fields, 'FORCE_QUOTE');
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
  const count = yield* sendRows(session, planned, fields, writer, sink);
  sink.copyDone();
  return `COPY ${count}`;
}

function* sendRows(
  session: Session,
  planned: PlannedStatement,
  fields: readonly OutputField[],
  writer: RowWriter,
  sink: ResultSink,
): Task<number> {
  const transaction = session.block.ensure();
  const execution = new Execution(planned, session.environment, instantiate);
  const snapshot = transaction.snapshot();
  const out = new ByteWriter(CHUNK);
  let count = 0;
  const flush = (): void => {
    if (out.length > 0) sink.copyData(out.view());
    out.reset();
  };
  try {
    execution.start(transaction, snapshot, []);
    session.setRunning(execution);
    writer.begin(
      fields.map((field) => field.name),
      out,
    );
    flush();
    for (;;) {
      const batch = yield* execution.nextBatch();
      if (batch === null) break;
      for (let i = 0; i < batch.length; i++) {
        writer.row(batch.rows[i], out);
        flush();
        if (!sink.crowded) continue;
        const full = sink.backpressure();
        if (full !== null) yield full;
      }
      count += batch.length;
      const pressure = sink.backpressure();
      if (pressure !== null) yield pressure;
    }
    writer.end(out);
    flush();
  } finally {
    execution.close();
    transaction.releaseSnapshot(snapshot);
    session.setRunning(null);
  }
  if (!planned.readOnly) transaction.nextCommand();
  return count;
}

/** COPY t TO is COPY (SELECT columns FROM ONLY t) TO. */
function outgoingPlan(session: Session, text: string, statement: CopyStmt): CopySourcePlan {
  if (statement.query !== undefined) {
    const planned = session.environment.plan(text, statement.query, [], false);
    if (planned.fields === null) throw sqlError('feature_not_supported', 'COPY query must have a RETURNING clause');
    return { planned, fields: planned.fields };
  }
  if (statement.relation === undefined) throw notSupported('COPY without a source');
  const cx = new BindContext(session.environment, text, [], false);
  const relation = findRelation(cx, statement.relation);
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
  return { planned, fields: planned.fields ?? [] };
}
