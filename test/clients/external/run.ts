/**
 * `npm run test:clients [-- options names…]`: runs each client's program against the built server and compares what it printed with what
 * PostgreSQL 15 gave it (expected.txt beside it); writes docs/compatibility.md.
 *   --record     run against the PostgreSQL of PGHOST, PGPORT, PGUSER and write expected.txt
 *   --postgres   run against that PostgreSQL and compare; writes no report
 *   --keep DIR   keep the downloads in DIR and use them the next time
 * Exit code 1 when a client differs; clients that this machine cannot have are skipped with a message.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { inFreshDatabase } from '../../golden/fresh-database.js';
import { ServerProcess } from '../server-process.js';
import { type Client, Unavailable } from './client.js';
import { CLIENTS } from './clients.js';
import { GATE_CLIENTS, runGateClient } from './gate-clients.js';
import { runProgram } from './program-run.js';
import { formatReport, mergeOutcomes, type Outcome, parseReport } from './report.js';
import { Sandbox } from './sandbox.js';

export const REPORT = 'docs/compatibility.md';
const PROGRAMS = 'test/clients/external/programs';

const { values: options, positionals: names } = parseArgs({
  options: { record: { type: 'boolean' }, postgres: { type: 'boolean' }, keep: { type: 'string' } },
  allowPositionals: true,
});
const today = new Date().toISOString().slice(0, 10);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const wanted = (name: string): boolean => names.length === 0 || names.includes(name);

/** What the client printed differs here first; undefined when it is all the same. */
function firstDifference(expected: readonly string[], lines: readonly string[]): string | undefined {
  for (let i = 0; i < Math.max(expected.length, lines.length); i++)
    if (expected[i] !== lines[i]) return `line ${i + 1}: ${lines[i] ?? '(end)'}; PostgreSQL: ${expected[i] ?? '(end)'}`;
  return undefined;
}

async function runClient(client: Client, downloads: string): Promise<Outcome | null> {
  const folder = resolve(PROGRAMS, client.folder);
  const sandbox = new Sandbox(join(downloads, client.folder));
  try {
    const program = await client.prepare(sandbox, folder);
    const run = await inFreshDatabase((database) =>
      runProgram(program, { PGDATABASE: database, SANDBOX: sandbox.directory }),
    );
    const expectedFile = join(folder, 'expected.txt');
    if (options.record) writeFileSync(expectedFile, `${run.lines.join('\n')}\n`);
    const expected = readFileSync(expectedFile, 'utf8').trimEnd().split('\n');
    const difference = firstDifference(expected, run.lines);
    const failed = run.code === 0 ? '' : ` (exit code ${run.code}: ${run.complaint})`;
    const result =
      difference === undefined && run.code === 0
        ? `as PostgreSQL (${expected.length} lines)`
        : `differs: ${difference}${failed}`;
    return { client: client.name, version: run.version, parts: run.parts, result, date: today };
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    say(`skipped ${client.name}: ${error.message}`);
    return null;
  }
}

async function runAll(downloads: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const tell = (outcome: Outcome | null): void => {
    if (outcome === null) return;
    say(`${outcome.client} ${outcome.version}: ${outcome.result}`);
    outcomes.push(outcome);
  };
  for (const client of CLIENTS) if (wanted(client.folder)) tell(await runClient(client, downloads));
  if (!options.record && !options.postgres)
    for (const client of GATE_CLIENTS) if (wanted(client.test)) tell(await runGateClient(client, today));
  return outcomes;
}

const temporary = mkdtempSync(join(tmpdir(), 'orbit-clients-'));
const onPostgres = options.record === true || options.postgres === true;
const server = onPostgres ? null : await ServerProcess.start(join(temporary, 'data'));
if (server !== null)
  Object.assign(process.env, {
    PGHOST: '127.0.0.1',
    PGPORT: String(server.port),
    PGUSER: 'orbit',
    PGDATABASE: 'actors',
  });
try {
  const outcomes = await runAll(resolve(options.keep ?? join(temporary, 'downloads')));
  if (!onPostgres) {
    const old = existsSync(REPORT) ? parseReport(readFileSync(REPORT, 'utf8')) : [];
    writeFileSync(REPORT, formatReport(mergeOutcomes(old, outcomes)));
  }
  if (outcomes.some(({ result }) => result.startsWith('differs'))) process.exitCode = 1;
} finally {
  await server?.stop();
  rmSync(temporary, { recursive: true, force: true });
}
