/**
 * The ResultSink of a connection: turns what statements give into messages in the connection's output. Calls only
 * append; the message loop decides when bytes leave.
 */
import type { FieldDescription, Format, Notice, ResultSink } from '../session/result-sink.js';
import type { Row } from '../types/datum.js';
import type { TypeContext } from '../types/type-context.js';
import type { ByteWriter } from '../util/byte-writer.js';
import type { Task, Wait } from '../util/task.js';
import * as messages from './codec/backend-messages.js';
import { DataRowWriter } from './codec/data-row.js';
import { writeNoticeResponse } from './codec/error-message.js';
import type { CopyInput } from './copy-input.js';
import type { Output } from './output.js';

/** Output of large rows that is sent before a batch of them is complete: bytes. */
const CROWDED_SIZE = 256 * 1024;

export class WireSink implements ResultSink {
  private readonly writer: ByteWriter;
  private readonly rows = new DataRowWriter();

  constructor(
    private readonly output: Output,
    private readonly copyInput: CopyInput,
    /** Called after a message that a statement did not ask for, so that it leaves even when the connection is idle. */
    private readonly asynchronous: () => void,
  ) {
    this.writer = output.writer;
  }

  parameterTypes(types: readonly number[]): void {
    messages.writeParameterDescription(this.writer, types);
  }

  describeRows(fields: readonly FieldDescription[] | null, formats: readonly Format[]): void {
    if (fields === null) messages.writeNoData(this.writer);
    else messages.writeRowDescription(this.writer, fields, formats);
  }

  startRows(types: readonly number[], formats: readonly Format[], cx: TypeContext): void {
    this.rows.start(types, formats, cx);
    this.output.shows = true;
  }

  row(row: Row): void {
    this.rows.write(this.writer, row);
  }

  complete(tag: string): void {
    messages.writeCommandComplete(this.writer, tag);
    if (tag.endsWith(' 0')) this.output.shows = true;
  }

  suspended(): void {
    messages.writePortalSuspended(this.writer);
  }

  emptyQuery(): void {
    messages.writeEmptyQueryResponse(this.writer);
  }

  parseComplete(): void {
    messages.writeParseComplete(this.writer);
  }

  bindComplete(): void {
    messages.writeBindComplete(this.writer);
  }

  closeComplete(): void {
    messages.writeCloseComplete(this.writer);
  }

  notice(notice: Notice): void {
    writeNoticeResponse(this.writer, notice);
    this.asynchronous();
  }

  parameterStatus(name: string, value: string): void {
    messages.writeParameterStatus(this.writer, name, value);
    this.asynchronous();
  }

  notification(pid: number, channel: string, payload: string): void {
    messages.writeNotificationResponse(this.writer, pid, channel, payload);
    this.asynchronous();
  }

  copyOut(format: Format, columnFormats: readonly Format[]): void {
    messages.writeCopyResponse(this.writer, 'out', format, columnFormats);
  }

  copyData(bytes: Uint8Array): void {
    messages.writeCopyData(this.writer, bytes);
    this.output.shows = true;
  }

  copyDone(): void {
    messages.writeCopyDone(this.writer);
  }

  copyIn(format: Format, columnFormats: readonly Format[]): void {
    messages.writeCopyResponse(this.writer, 'in', format, columnFormats);
    this.output.urgent = true;
  }

  readCopyData(): Task<Buffer | null> {
    return this.copyInput.read();
  }

  get crowded(): boolean {
    return this.writer.length >= CROWDED_SIZE;
  }

  backpressure(): Wait | null {
    return this.output.backpressure();
  }
}
