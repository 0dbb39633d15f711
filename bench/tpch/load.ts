/** Makes the TPC-H tables on a server with psql: tables, COPY from files, then keys and indexes. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type TableRows, Tables } from './tables.js';

const run = promisify(execFile);

/** SQL files lie beside the sources. */
export const SOURCES = fileURLToPath(new URL('../../../bench/tpch/', import.meta.url));

const CHUNK_LINES = 2000;

async function writeLines(path: string, { rows }: TableRows): Promise<void> {
  const file = createWriteStream(path);
  let chunk: string[] = [];
  const flush = async () => {
    if (!file.write(chunk.map((line) => `${line}\n`).join(''))) await once(file, 'drain');
    chunk = [];
  };
  for (const line of rows()) {
    chunk.push(line);
    if (chunk.length >= CHUNK_LINES) await flush();
  }
  await flush();
  file.end();
  await once(file, 'finish');
}

/** `environment`: what libpq programs need to find the server; `directory`: for files that are removed afterwards. */
export async function loadTables(environment: NodeJS.ProcessEnv, scale: number, directory: string): Promise<void> {
  const psql = (...args: string[]) => run('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1', ...args], { env: environment });
  await psql('-f', join(SOURCES, 'schema.sql'));
  for (const table of new Tables(scale).all()) {
    const path = join(directory, `tpch-${table.table}.tsv`);
    await writeLines(path, table);
    await psql('-c', `\\copy ${table.table} FROM '${path}'`);
    await rm(path);
  }
  await psql('-f', join(SOURCES, 'indexes.sql'), '-c', 'VACUUM ANALYZE');
}
