/**
 * The OLTP mixes of sysbench 1.0 as pgbench scripts: its table, statements and proportions, keys evenly distributed. Two
 * differences: a client deletes and inserts again only rows of its own (sysbench lets them collide, and ignores the error), and
 * the text written is always the same one.
 */
import { scriptWorkload } from './pgbench.js';
import { onceFor, psql } from './psql.js';
import type { Target } from './targets.js';
import type { Workload } from './workload.js';

const ROWS = 100_000;
const CLIENTS = 8;
const GOAL = 1.3;
const RANGE = 100;
const POINT_SELECTS = 10;
const TEXT =
  '68487932199-96439406143-93774651418-41631865787-96406072701-20604855487-25459966574-28203206787-41238978918-19503783441';

const makeTable = onceFor(async (target: Target) => {
  await psql(
    target,
    `CREATE TABLE sbtest1 (id integer PRIMARY KEY, k integer NOT NULL DEFAULT 0, c char(120) NOT NULL DEFAULT '',
     pad char(60) NOT NULL DEFAULT '')`,
    `INSERT INTO sbtest1 SELECT n, n::bigint * 7919 % ${ROWS} + 1,
     left(md5(n::text) || md5((n + 1)::text) || md5((n + 2)::text) || md5((n + 3)::text), 119), left(md5(n::text) || md5((n + 4)::text), 59)
     FROM generate_series(1, ${ROWS}) n`,
    'CREATE INDEX k_1 ON sbtest1 (k)',
    'VACUUM ANALYZE sbtest1',
  );
});

const id = `\\set id random(1, ${ROWS})\n`;
const range = `\\set first random(1, ${ROWS - RANGE})\n\\set last :first + ${RANGE - 1}\n`;
const pointSelect = `${id}SELECT c FROM sbtest1 WHERE id = :id;\n`;

const READS = [
  pointSelect.repeat(POINT_SELECTS),
  `${range}SELECT c FROM sbtest1 WHERE id BETWEEN :first AND :last;\n`,
  `${range}SELECT sum(k) FROM sbtest1 WHERE id BETWEEN :first AND :last;\n`,
  `${range}SELECT c FROM sbtest1 WHERE id BETWEEN :first AND :last ORDER BY c;\n`,
  `${range}SELECT DISTINCT c FROM sbtest1 WHERE id BETWEEN :first AND :last ORDER BY c;\n`,
].join('');

const WRITES = [
  `${id}UPDATE sbtest1 SET k = k + 1 WHERE id = :id;\n`,
  `${id}UPDATE sbtest1 SET c = :text WHERE id = :id;\n`,
  `\\set own ${CLIENTS} * random(0, ${ROWS / CLIENTS - 1}) + :client_id + 1\n`,
  'DELETE FROM sbtest1 WHERE id = :own;\n',
  `\\set k random(1, ${ROWS})\nINSERT INTO sbtest1 (id, k, c, pad) VALUES (:own, :k, :text, :pad);\n`,
].join('');

const MIXES: Readonly<Record<string, string>> = {
  oltp_point_select: pointSelect,
  oltp_read_only: `BEGIN;\n${READS}COMMIT;\n`,
  oltp_write_only: `BEGIN;\n${WRITES}COMMIT;\n`,
  oltp_read_write: `BEGIN;\n${READS}${WRITES}COMMIT;\n`,
};

export const SYSBENCH_WORKLOADS: readonly Workload[] = Object.entries(MIXES).map(([name, script]) =>
  scriptWorkload({ group: 'sysbench', name: `${name} ${CLIENTS} clients`, goal: GOAL }, CLIENTS, script, makeTable, {
    text: TEXT,
    pad: TEXT.slice(0, 59),
  }),
);
