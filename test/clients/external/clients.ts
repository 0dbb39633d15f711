/** The clients that `npm run test:clients` runs, with what each needs. */
import { join } from 'node:path';
import type { Client, Program } from './client.js';
import type { Sandbox } from './sandbox.js';

/** A Python program, with packages from PyPI. */
function python(name: string, folder: string, ...packages: string[]): Client {
  const prepare = async (sandbox: Sandbox, program: string): Promise<Program> => ({
    command: await sandbox.python(...packages),
    parameters: [join(program, 'main.py')],
  });
  return { name, folder, prepare };
}

export const CLIENTS: readonly Client[] = [
  python('psycopg2', 'psycopg2', 'psycopg2-binary'),
  python('psycopg 3', 'psycopg', 'psycopg[binary]'),
  python('asyncpg', 'asyncpg', 'asyncpg'),
];
