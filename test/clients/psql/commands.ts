/**
 * psql's backslash commands over schema.sql, and how their output is made comparable: sizes differ between servers, and
 * descriptions of built-in objects are PostgreSQL's own prose, which this server does not have.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../server-process.js';

export const SCHEMA_FILE = 'test/clients/psql/schema.sql';
export const EXPECTED_FILE = 'test/clients/psql/expected.txt';

/** The last column is left out of the comparison. */
const WITHOUT_DESCRIPTION = [
  '\\doS+',
  '\\daS',
  '\\dcS+',
  '\\dF',
  '\\dFd+',
  '\\dFp',
  '\\dFt+',
  '\\dTS',
  '\\dx',
  '\\dL',
  '\\dL+',
  '\\dLS',
  '\\dTS int4',
  '\\dA+',
  '\\doS+ pg_catalog.<',
];

export const COMMANDS: readonly string[] = [
  ...['\\d', '\\d+', '\\d shop.*', '\\d+ shop.*', '\\d "Odd Name".*', '\\d+ "Odd Name".*', '\\d shop.nope'],
  ...['\\dt', '\\dt+ shop.*', '\\di+ shop.*', '\\dv+ shop.*', '\\dm+ shop.*', '\\ds+ shop.*', '\\dit shop.*'],
  ...['\\dtvmsS shop.b*', '\\dE', '\\df', '\\df+', '\\dfa sum', '\\dT+ shop.*', '\\dD+ shop.*', '\\dDS', '\\do'],
  ...['\\da', '\\dC', '\\dCS', '\\dc', '\\dn+ shop', '\\dn', '\\du+', '\\dg', '\\dp shop.*', '\\z "Odd Name".*'],
  ...['\\ddp', '\\db', '\\dy', '\\dO', '\\dRp', '\\dRs', '\\dX', '\\dP', '\\dPi', '\\dl', '\\det', '\\des', '\\dew'],
  ...['\\deu', '\\dA', '\\dAc', '\\dAc+ btree int*', '\\dAf hash', '\\dAo btree integer_ops', '\\dAo+ hash'],
  ...['\\dAp btree', '\\dAp+ hash', '\\drds', '\\dconfig work_mem', '\\dconfig+ *_mem_multiplier', '\\sv shop.titles'],
  ...['\\sv+ shop.totals', '\\sv shop.ties', '\\sf abs(int)', '\\sf+ lower(text)', '\\d pg_class', '\\d+ pg_class'],
  ...['\\d information_schema.columns', '\\d pg_stat_activity', '\\dS pg_am*', '\\encoding', '\\dd shop.*'],
  ...['\\dF+ english', '\\dRp+', '\\dRs+', '\\dE+', '\\dP+', '\\dy+', '\\des+', '\\dew+', '\\det+', '\\deu+', '\\dX+'],
  ...['\\dAf+ btree integer_ops', '\\dAp+ btree int*', '\\dO+', '\\dC+ int4', '\\dD+', '\\df+ shop.*', '\\da+ shop.*'],
  ...[
    '\\dp pg_catalog.pg_class',
    '\\dpS pg_am',
    '\\d+ pg_class_oid_index',
    '\\do shop.*',
    '\\dnS',
    '\\dconfig enable_*',
  ],
  ...WITHOUT_DESCRIPTION,
];

const MARK = '=====';

/** Runs all commands in one psql. @throws Error when psql cannot connect */
export async function commandOutputs(connection: readonly string[]): Promise<Map<string, string>> {
  const script = COMMANDS.map((command) => `\\echo ${MARK} '${command.replaceAll('\\', '\\\\')}'\n${command}\n`).join(
    '',
  );
  const file = join(tmpdir(), `orbit-psql-${process.pid}.sql`);
  writeFileSync(file, script);
  const { stdout, stderr } = await run('psql', ['-X', ...connection, '-c', 'SET timezone = UTC', '-f', file]);
  if (!stdout.includes(MARK)) throw new Error(stderr);
  const parts = stdout.split(`${MARK} `).slice(1);
  return new Map(parts.map((part, i) => [COMMANDS[i], part.slice(part.indexOf('\n') + 1)]));
}

/** The output without what may differ. */
export function comparable(command: string, output: string): string {
  const sized = /^\\d[tim]/.test(command) || command === '\\d+' || command.startsWith('\\ds+');
  const cut = WITHOUT_DESCRIPTION.includes(command);
  if (!sized && !cut) return output;
  return output
    .split('\n')
    .map((line) => (cut ? withoutLastColumn(line) : line))
    .map((line) =>
      line
        .replace(/\b\d+ (bytes|kB|MB)/, 'size')
        .replaceAll(/-+/g, '-')
        .replaceAll(/ +/g, ' ')
        .trim(),
    )
    .join('\n');
}

function withoutLastColumn(line: string): string {
  const rule = /^[-+]+$/.test(line);
  const end = line.lastIndexOf(rule ? '+' : ' | ');
  return end < 0 ? line : line.slice(0, end);
}
