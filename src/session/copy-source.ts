/**
 * The rows of COPY FROM: reads the client's data and gives it to the insert in batches. Remembers the lines of the rows that
 * are on their way, for the context of an error.
 */
import type { AttributeDesc, RelationDesc } from '../catalog/descriptors.js';
import { SqlError, sqlError } from '../errors/sql-error.js';
import { BinaryReader } from '../exec/copy/binary-reader.js';
import type { CopyOptions } from '../exec/copy/copy-options.js';
import { type FieldTexts, type LineReader, type LineTarget, TextReader } from '../exec/copy/copy-reader.js';
import { CsvReader } from '../exec/copy/csv-reader.js';
import { type FieldParser, fieldParser } from '../exec/copy/field-parser.js';
import { BATCH_SIZE, type Batch } from '../exec/operator.js';
import { COPY_PROGRESS, type Progress } from '../exec/progress.js';
import type { Datum, Row } from '../types/datum.js';
import type { TypeCodec } from '../types/type-codec.js';
import type { TypeContext } from '../types/type-context.js';
import type { Task } from '../util/task.js';
import { copyProgress } from './copy-progress.js';
import type { ResultSink } from './result-sink.js';
import type { Session } from './session.js';

/** Characters of a line or value that an error's context shows. */
const SHOWN = 100;

/** Parsed rows waiting for the insert operator, and where they stood. */
class Incoming {
  private readonly rows: Row[] = [];
  /** Line numbers. */
  readonly lines: number[] = [];
  /** The lines' texts are in `text` from `starts` to `ends`. */
  private text = '';
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  private taken = 0;

  push(row: Row, line: number, text: string, start: number, end: number): void {
    this.rows.push(row);
    this.lines.push(line);
    this.text = text;
    this.starts.push(start);
    this.ends.push(end);
  }

  /** At most `limit` rows, so that others have their turn while a large piece of data is stored. */
  take(limit: number): Batch | null {
    if (this.taken === this.rows.length) {
      if (this.taken > 0) this.clear();
      return null;
    }
    const rows = this.rows.slice(this.taken, this.taken + limit);
    this.taken += rows.length;
    return { rows, length: rows.length };
  }

  private clear(): void {
    this.rows.length = this.lines.length = this.starts.length = this.ends.length = this.taken = 0;
    this.text = '';
  }

  /** The number of the row that was taken last, and of the one behind it. */
  get position(): number {
    return this.taken;
  }

  lineText(row: number): string {
    return this.text.slice(this.starts[row], this.ends[row]);
  }
}

/** Where a line, or the value of a column in it, could not be read. */
interface Place {
  readonly line: number;
  readonly column: string | null;
  readonly text: string;
}

export class CopySource implements LineTarget {
  parsers: readonly FieldParser[] | null = null;
  private readonly codecs: readonly TypeCodec[];
  private readonly types: TypeContext;
  private readonly reader: LineReader | null;
  private readonly binary: BinaryReader | null;
  private readonly incoming = new Incoming();
  private readonly plain: readonly FieldParser[];
  private headerPending: boolean;
  private ended = false;
  private tuples = 0;
  private given = 0;
  private readonly progress: Progress;
  /** The insert had stored so many rows when it took the last batch. */
  private storedBefore = 0;
  private batchStart = 0;
  private place: Place | null = null;

  /** `filtered`: not every row is stored. */
  constructor(
    session: Session,
    private readonly sink: ResultSink,
    private readonly relation: RelationDesc,
    private readonly attributes: readonly AttributeDesc[],
    private readonly options: CopyOptions,
    private readonly filtered: boolean,
  ) {
    const { types } = session.environment;
    this.types = types;
    this.progress = copyProgress(session, 'from', relation.oid);
    this.codecs = attributes.map((attribute) => types.codec(attribute.type));
    this.plain = attributes.map(({ type, typmod }, i) => fieldParser(type, this.codecs[i], types, typmod));
    this.headerPending = options.header !== false;
    if (!this.headerPending) this.parsers = this.plain;
    this.binary = options.format === 'binary' ? new BinaryReader(attributes.length) : null;
    this.reader = lineReader(options, attributes);
  }

  private tellProgress(stored: number): void {
    const { values } = this.progress;
    values[COPY_PROGRESS.rows] = stored;
    // With a condition rows are given one by one, so the one before has been stored, or never will be.
    if (this.filtered) values[COPY_PROGRESS.excluded] = this.given - stored;
  }

  /** The next rows. `stored`: rows that the insert has stored so far. */
  *next(stored: number): Task<Batch | null> {
    for (;;) {
      this.storedBefore = stored;
      this.tellProgress(stored);
      this.batchStart = this.incoming.position;
      const batch = this.incoming.take(this.filtered ? 1 : BATCH_SIZE);
      if (batch !== null) {
        this.given += batch.length;
        return batch;
      }
      if (this.ended) return null;
      const chunk = yield* this.sink.readCopyData();
      if (chunk === null) {
        this.ended = true;
        this.tellProgress(stored);
        this.reader?.finish(this);
        this.binary?.finish();
      } else {
        this.progress.values[COPY_PROGRESS.bytes] += chunk.length;
        this.reader?.push(chunk, this);
        this.binary?.push(chunk, (tuple) => this.addTuple(tuple.bytes, tuple.starts, tuple.ends));
      }
    }
  }

  row(row: Row, line: number, text: string, start: number, end: number): void {
    this.incoming.push(row, line, text, start, end);
  }

  reading(line: number, text: string, start: number, end: number): void {
    this.place = { line, column: null, text: text.slice(start, end) };
  }

  fields(fields: FieldTexts, line: number, text: string, start: number, end: number): void {
    this.reading(line, text, start, end);
    if (this.headerPending) {
      this.headerPending = false;
      this.parsers = this.plain;
      if (this.options.header === 'match') this.checkHeader(fields);
    } else this.row(this.parsed(fields, line), line, text, start, end);
    this.place = null;
  }

  /** The fields' values, read from left to right: a line that is too short says so when its end is reached. */
  private parsed(fields: FieldTexts, line: number): Row {
    const { attributes, codecs } = this;
    if (attributes.length === 0 && fields.length === 1 && fields[0] === '') return [];
    if (fields.length > attributes.length)
      throw sqlError('bad_copy_file_format', 'extra data after last expected column');
    const row: Datum[] = new Array(fields.length);
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i];
      if (field === null) row[i] = null;
      else {
        try {
          row[i] = codecs[i].parse(field, this.types, attributes[i].typmod);
        } catch (error) {
          this.place = { line, column: attributes[i].name, text: field };
          throw error;
        }
      }
    }
    if (fields.length < attributes.length)
      throw sqlError('bad_copy_file_format', `missing data for column "${attributes[fields.length].name}"`);
    return row;
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
    const line = ++this.tuples;
    this.place = { line, column: null, text: '' };
    const row = starts.map((start, i) =>
      start < 0 ? null : this.codecs[i].receive(bytes, start, ends[i], this.types, this.attributes[i].typmod),
    );
    this.place = null;
    this.row(row, line, '', 0, 0);
  }

  /** Adds PostgreSQL's context line to an error, if it concerns a line. `stored`: rows that the insert has stored. */
  located(error: unknown, stored: number): unknown {
    if (!(error instanceof SqlError) || error.fields.where !== undefined) return error;
    const isOfClient = error.condition === 'query_canceled' || error.condition === 'protocol_violation';
    const place = isOfClient ? this.awaitedPlace() : (this.place ?? this.rowPlace(error, stored));
    if (place !== null) error.fields = { ...error.fields, where: this.context(place) };
    return error;
  }

  /** The line that the client has not sent yet. */
  private awaitedPlace(): Place {
    return { line: (this.reader?.line ?? this.tuples) + 1, column: null, text: '' };
  }

  /** The row that the insert was busy with. PostgreSQL looks at unique keys when the text of the line is gone. */
  private rowPlace(error: SqlError, stored: number): Place | null {
    const { incoming } = this;
    const row = this.batchStart + (this.filtered ? 0 : stored - this.storedBefore);
    if (row >= incoming.position) return null;
    const text = error.condition === 'unique_violation' ? '' : incoming.lineText(row);
    return { line: incoming.lines[row], column: null, text };
  }

  private context({ line, column, text }: Place): string {
    const where = `COPY ${this.relation.name}, line ${line}${column === null ? '' : `, column ${column}`}`;
    const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
    return text === '' && column === null ? where : `${where}: "${shown}"`;
  }
}

function lineReader(options: CopyOptions, attributes: readonly AttributeDesc[]): LineReader | null {
  if (options.format === 'binary') return null;
  if (options.format === 'text') return new TextReader(options);
  return new CsvReader(
    options,
    columnPositions(options.forceNotNull, attributes, 'FORCE_NOT_NULL'),
    columnPositions(options.forceNull, attributes, 'FORCE_NULL'),
  );
}

/** @throws SqlError 42P10 for a name that is not copied */
export function columnPositions(
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
