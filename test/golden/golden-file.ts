/**
 * Golden files: SQL statements (after COPY … FROM STDIN: data up to `\.`), each followed by its expected outcome in lines that begin with `|`. The expectation is
 * recorded from a real PostgreSQL (`npm run golden:postgres`) and holds for the server.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { contextLines, copyOutcome, isCopy, isCopyFrom, isDataComplete } from './copy-exchange.js';

export interface GoldenCase {
  readonly sql: string;
  /** Why the server is known to differ here still: a line `-- todo: reason` above the statement, which is not sent. */
  readonly todo?: string | undefined;
  readonly expected: readonly string[];
}

/** All golden files below a directory of the source tree, by path. */
export function goldenFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.golden'))
    .sort()
    .map((name) => join(directory, name));
}

export function readGolden(path: string): GoldenCase[] {
  const cases: GoldenCase[] = [];
  let sql: string[] = [];
  let expected: string[] = [];
  const finish = (): void => {
    const todo = /^-- todo: (.*)/.exec(sql[0] ?? '')?.[1];
    if (todo !== undefined) sql.shift();
    if (sql.join('').trim() !== '') cases.push({ sql: sql.join('\n').trim(), expected, todo });
    sql = [];
    expected = [];
  };
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line.startsWith('|')) {
      expected.push(line);
      continue;
    }
    const inData = isCopyFrom(sql.join('\n')) && !isDataComplete(sql);
    if (expected.length > 0 || (!inData && (sql.at(-1)?.endsWith(';') || isDataComplete(sql)))) finish();
    if (line.trim() !== '' || sql.length > 0) sql.push(line);
  }
  finish();
  return cases;
}

export function writeGolden(cases: readonly GoldenCase[]): string {
  const lines = ({ sql, expected, todo }: GoldenCase): string[] => [
    ...(todo === undefined ? [] : [`-- todo: ${todo}`]),
    sql,
    ...expected,
  ];
  return `${cases.map((one) => lines(one).join('\n')).join('\n\n')}\n`;
}

/** Which of the two query protocols carries a statement. */
export type Protocol = 'simple' | 'extended';

const rawText = { getTypeParser: () => (value: string) => value };

/**
 * Runs one statement and tells what came back: notices, then columns, rows and tag, or the error as `describe` tells it.
 */
export async function outcome(
  client: pg.Client,
  sql: string,
  describe = errorLines,
  protocol: Protocol = 'simple',
): Promise<string[]> {
  const notices: string[] = [];
  const notice = (message: { severity?: string | undefined; message?: string | undefined }): void => {
    notices.push(`| ${message.severity} ${message.message}`);
  };
  client.on('notice', notice);
  const answer = await statementOutcome(client, sql, describe, protocol);
  client.off('notice', notice);
  return [...notices, ...answer];
}

async function statementOutcome(
  client: pg.Client,
  sql: string,
  describe: typeof errorLines,
  protocol: Protocol,
): Promise<string[]> {
  try {
    if (isCopy(sql)) return await copyOutcome(client, sql);
    const mode = protocol === 'extended' ? { queryMode: 'extended' } : {};
    const result = await client.query({ text: sql, rowMode: 'array', types: rawText, ...mode });
    const results = Array.isArray(result) ? result : [result];
    return results.flatMap(resultLines);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return isCopy(sql) ? [...describe(error), ...contextLines(error)] : describe(error);
  }
}

function resultLines(result: pg.QueryArrayResult): string[] {
  const lines: string[] = [];
  if (result.fields.length > 0) {
    lines.push(`| ${result.fields.map((field) => field.name).join(' | ')}`);
    for (const row of result.rows)
      lines.push(
        `| ${row.map((value: unknown) => (value === null ? 'NULL' : String(value).replaceAll('\n', '\\n'))).join(' | ')}`.trimEnd(),
      );
  }
  lines.push(`| -- ${result.command}${result.rowCount === null ? '' : ` ${result.rowCount}`}`);
  return lines;
}

/** Severity, code and message of an error, its detail, hint and position. */
export function errorLines(error: pg.DatabaseError): string[] {
  const lines = [`| ${error.severity} ${error.code}: ${error.message.replaceAll('\n', '\\n')}`];
  if (error.detail !== undefined) lines.push(`| DETAIL ${error.detail.replaceAll('\n', '\\n')}`);
  if (error.hint !== undefined) lines.push(`| HINT ${error.hint.replaceAll('\n', '\\n')}`);
  if (error.position !== undefined) lines.push(`| POSITION ${error.position}`);
  return lines;
}
