/** Workloads that pgbench drives: its own scripts, single-row inserts, and whatever scripts others bring. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onceFor, psql, run } from './psql.js';
import type { Target } from './targets.js';
import type { BenchOptions, Workload } from './workload.js';

const ACCOUNT_SCRIPTS = {
  'select-only': { group: 'select', flags: ['-S'] },
  'tpcb-like': { group: 'tpcb', flags: [] },
  'simple-update': { group: 'update', flags: ['-N'] },
} as const;

/** One run; its output. */
export async function pgbench(
  target: Target,
  flags: readonly string[],
  clients: number,
  duration: number,
): Promise<string> {
  const threads = String(Math.min(2, clients));
  const { stdout } = await run(
    'pgbench',
    ['-n', ...flags, '-c', String(clients), '-j', threads, '-T', String(duration)],
    { env: target.environment },
  );
  return stdout;
}

function tps(output: string): number {
  const found = /tps = ([\d.]+)/.exec(output)?.[1];
  if (found === undefined) throw new Error(`pgbench has told no tps:\n${output}`);
  return Number(found);
}

/** Runs are preceded by one of half the length, to warm up. */
function pgbenchWorkload(
  what: Pick<Workload, 'group' | 'name'> & { readonly goal: number },
  clients: number,
  flagsFor: (options: BenchOptions) => readonly string[],
  prepare: (target: Target, options: BenchOptions) => Promise<void>,
): Workload {
  return {
    ...what,
    unit: 'tps',
    better: 'more',
    repeated: true,
    async prepare(target, options) {
      await prepare(target, options);
      await pgbench(target, flagsFor(options), clients, Math.max(1, Math.ceil(options.seconds / 2)));
    },
    async run(target, options) {
      return tps(await pgbench(target, flagsFor(options), clients, options.seconds));
    },
  };
}

/** pgbench's tables, made once per server, and read once. */
export const initializeAccounts = onceFor<BenchOptions>(async (target, options) => {
  await run('pgbench', ['-i', '-q', '-I', 'dtgp', '-s', String(options.scale)], { env: target.environment });
  await psql(target, 'VACUUM ANALYZE');
});

export function accountsWorkload(
  script: keyof typeof ACCOUNT_SCRIPTS,
  protocol: 'simple' | 'prepared',
  clients: number,
  goal: number,
): Workload {
  const { group, flags } = ACCOUNT_SCRIPTS[script];
  const name = `${script} ${protocol} ${clients} client${clients === 1 ? '' : 's'}`;
  return pgbenchWorkload({ group, name, goal }, clients, () => [...flags, '-M', protocol], initializeAccounts);
}

/** A script of its own, with prepared statements. `definitions`: pgbench variables. */
export function scriptWorkload(
  what: Pick<Workload, 'group' | 'name'> & { readonly goal: number },
  clients: number,
  script: string,
  prepare: (target: Target, options: BenchOptions) => Promise<void>,
  definitions: Readonly<Record<string, string>> = {},
): Workload {
  const variables = Object.entries(definitions).flatMap(([name, value]) => ['-D', `${name}=${value}`]);
  const pathIn = (options: BenchOptions): string => join(options.directory, `${what.name.replace(/\W+/g, '-')}.sql`);
  // A deadlock is tried again, as sysbench does.
  const flags = ['-M', 'prepared', '--max-tries=10', ...variables];
  return pgbenchWorkload(
    what,
    clients,
    (options) => [...flags, '-f', pathIn(options)],
    async (target, options) => {
      await writeFile(pathIn(options), script);
      await prepare(target, options);
    },
  );
}

const makeOrders = onceFor(async (target: Target) => {
  await psql(
    target,
    `CREATE TABLE bench_orders (id bigserial PRIMARY KEY, customer integer NOT NULL, amount numeric(10,2) NOT NULL,
     note text, at timestamptz NOT NULL DEFAULT now())`,
  );
});

const INSERT = `\\set customer random(1, 100000)
\\set amount random(100, 99999)
INSERT INTO bench_orders (customer, amount, note) VALUES (:customer, :amount, 'a note of some length');
`;

export const INSERT_WORKLOADS: readonly Workload[] = [
  { connections: 1, goal: 1 },
  { connections: 16, goal: 2 },
].map(({ connections, goal }) =>
  scriptWorkload(
    { group: 'insert', name: `INSERT of a row ${connections} client${connections === 1 ? '' : 's'}`, goal },
    connections,
    INSERT,
    makeOrders,
  ),
);
