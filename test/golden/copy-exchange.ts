/** COPY over node-postgres, which knows its messages but has no call for it: sends the data, gathers what comes back. */
import type pg from 'pg';
import { serialize } from 'pg-protocol';

const FROM = /^copy\b[^;]*\bfrom\s+stdin\b/is;
const TO = /^copy\b[^;]*\bto\s+stdout\b/is;
const END = '\\.';

/** Whether the lines that follow are data, up to one with `\.`. */
export function isCopyFrom(sql: string): boolean {
  return FROM.test(sql);
}

export function isCopy(sql: string): boolean {
  return FROM.test(sql) || TO.test(sql);
}

export function isDataComplete(lines: readonly string[]): boolean {
  return lines.at(-1) === END;
}

class CopyExchange implements pg.Submittable {
  readonly output: Buffer[] = [];
  tag = '';
  error: Error | null = null;
  private resolve: () => void = () => undefined;
  readonly done = new Promise<void>((resolve) => {
    this.resolve = resolve;
  });

  constructor(
    private readonly statement: string,
    private readonly data: Buffer,
  ) {}

  submit(connection: pg.Connection): void {
    connection.query(this.statement);
  }

  handleCopyInResponse(connection: pg.Connection): void {
    if (this.data.length > 0) connection.stream.write(serialize.copyData(this.data));
    connection.stream.write(serialize.copyDone());
  }

  handleCopyData(message: { readonly chunk: Buffer }): void {
    this.output.push(message.chunk);
  }

  handleCommandComplete(message: { readonly text: string }): void {
    this.tag = message.text;
  }

  handleError(error: Error): void {
    this.error = error;
    this.resolve();
  }

  handleReadyForQuery(): void {
    this.resolve();
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
}

/** The lines that COPY gave and its tag. @throws pg.DatabaseError */
export async function copyOutcome(client: pg.Client, sql: string): Promise<string[]> {
  const lines = sql.split('\n');
  const first = isCopyFrom(sql) ? lines.findIndex((line) => line.endsWith(';')) + 1 : lines.length;
  const data = lines.slice(first, -1).map((line) => `${line}\n`);
  const exchange = new CopyExchange(lines.slice(0, first).join('\n'), Buffer.from(data.join('')));
  client.query(exchange);
  await exchange.done;
  if (exchange.error !== null) throw exchange.error;
  const output = Buffer.concat(exchange.output).toString().replace(/\n$/, '');
  return [
    ...(exchange.output.length === 0 ? [] : output.split('\n').map((line) => `| ${line}`)),
    `| -- ${exchange.tag}`,
  ];
}

/** The context of an error, which for COPY tells the line. */
export function contextLines(error: pg.DatabaseError): string[] {
  return error.where === undefined ? [] : [`| CONTEXT ${error.where.replaceAll('\n', '\\n')}`];
}
