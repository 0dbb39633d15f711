/** docs/compatibility.md is what the runner writes, and tells of every client that has a program or a test. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { CLIENTS } from './clients.js';
import { GATE_CLIENTS } from './gate-clients.js';
import { formatReport, mergeOutcomes, parseReport } from './report.js';

const PROGRAMS = 'test/clients/external/programs';

t.test('the report', async (t) => {
  const text = readFileSync('docs/compatibility.md', 'utf8');
  const outcomes = parseReport(text);
  t.equal(formatReport(outcomes), text, 'has the form that the runner gives it');
  const told = new Set(outcomes.map(({ client }) => client));
  for (const { name } of [...CLIENTS, ...GATE_CLIENTS]) t.ok(told.has(name), `tells of ${name}`);
  t.equal(told.size, CLIENTS.length + GATE_CLIENTS.length, 'and of no other');
  for (const { client, version, parts, result, date } of outcomes) {
    t.match(result, /^(as PostgreSQL \(\d+ lines\)|passes \(\d+ assertions\)|differs: .+)$/, client);
    t.match(date, /^\d{4}-\d\d-\d\d$/);
    t.ok(version !== '' && parts.length > 0, `${client}: version and parts`);
  }
});

t.test('programs', async (t) => {
  t.same(readdirSync(PROGRAMS).sort(), CLIENTS.map(({ folder }) => folder).sort(), 'each folder is a client');
  for (const { folder } of CLIENTS)
    t.ok(existsSync(join(PROGRAMS, folder, 'expected.txt')), `${folder} has its expectation`);
});

t.test('rows are escaped, and kept until their client runs again', async (t) => {
  const old = [
    { client: 'a', version: '1', parts: ['x', 'y'], result: 'differs: a | b', date: '2020-01-01' },
    { client: 'b', version: '1', parts: [], result: 'fine', date: '2020-01-01' },
  ];
  t.same(parseReport(formatReport(old)), old);
  const again = { ...old[0], version: '2' };
  t.same(parseReport(formatReport(mergeOutcomes(old, [again]))), [again, old[1]]);
  t.throws(() => parseReport('# Something else\n'));
});
