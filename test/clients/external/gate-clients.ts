/** The clients that the gate itself runs (test/clients/): for the report their tests run again, and are counted. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Outcome } from './report.js';

interface GateClient {
  readonly name: string;
  /** dist/test/clients/NAME.test.js */
  readonly test: string;
  /** A package of node_modules, or a program that tells its version. */
  readonly version: { readonly npm: string } | { readonly program: string };
}

export const GATE_CLIENTS: readonly GateClient[] = [
  { name: 'node-postgres (pg)', test: 'node-postgres', version: { npm: 'pg' } },
  { name: 'pg-cursor, pg-query-stream, pg-copy-streams', test: 'pg-streams', version: { npm: 'pg-query-stream' } },
  { name: 'postgres.js', test: 'postgres-js', version: { npm: 'postgres' } },
  { name: 'Knex', test: 'knex', version: { npm: 'knex' } },
  { name: 'Kysely', test: 'kysely', version: { npm: 'kysely' } },
  { name: 'Drizzle', test: 'drizzle', version: { npm: 'drizzle-orm' } },
  { name: 'Sequelize', test: 'sequelize', version: { npm: 'sequelize' } },
  { name: 'TypeORM', test: 'typeorm', version: { npm: 'typeorm' } },
  { name: 'psql', test: 'psql-commands', version: { program: 'psql' } },
  { name: 'pg_dump, pg_restore, pg_dumpall', test: 'pg-dump', version: { program: 'pg_dump' } },
  { name: 'pgbench', test: 'pgbench', version: { program: 'pgbench' } },
];

const execute = promisify(execFile);

async function versionOf({ version }: GateClient): Promise<string> {
  if ('npm' in version) return JSON.parse(readFileSync(`node_modules/${version.npm}/package.json`, 'utf8')).version;
  const told = await execute(version.program, ['--version']).catch(() => ({ stdout: '' }));
  return /\d+(\.\d+)+/.exec(told.stdout)?.[0] ?? 'not installed';
}

/** Runs the client's test; null when it was skipped, which it says itself. */
export async function runGateClient(client: GateClient, date: string): Promise<Outcome | null> {
  const file = `dist/test/clients/${client.test}.test.js`;
  const options = { maxBuffer: 1 << 26, env: { ...process.env, TAP_TIMEOUT: '240' } };
  const output = await execute(process.execPath, [file], options).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string }) => error.stdout ?? '',
  );
  const counted = /^# \{ total: (\d+), pass: (\d+)/m.exec(output);
  if (counted === null || /^ok 1 .*# SKIP/m.test(output)) {
    process.stdout.write(`skipped ${client.name}: ${/# SKIP (.*)/.exec(output)?.[1] ?? 'no result'}\n`);
    return null;
  }
  const passed = counted[1] === counted[2];
  const result = passed
    ? `passes (${counted[1]} assertions)`
    : `differs: ${/^ *not ok .*$/m.exec(output)?.[0].trim() ?? 'the test fails'}`;
  return { client: client.name, version: await versionOf(client), parts: partsOf(output), result, date };
}

/** Names of the subtests; the outermost one is left out where it is the only one of its level. */
function partsOf(output: string): string[] {
  const names = (indent: string): string[] =>
    [...output.matchAll(new RegExp(`^${indent}# Subtest: (.*)$`, 'gm'))].map(([, name]) =>
      name.replaceAll(',', ' and'),
    );
  const inner = names(' {4}');
  return inner.length > 0 && names('').length === 1 ? inner : [...names(''), ...inner];
}
