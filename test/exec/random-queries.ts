/**
 * Random queries with joins, subqueries and groups over small tables with NULLs, NaN, duplicates and nothing at all. Each
 * comes in two forms with the same answer: as it is, and with its tables behind OFFSET 0, where conditions stay above,
 * subqueries are run row by row, and aggregates get rows one by one.
 */
import { randomFrom } from './random-numbers.js';

export interface QueryPair {
  readonly plain: string;
  readonly fenced: string;
}

const ROWS_A = 700;
const ROWS_B = 400;

/** Tables `a`, `b` (with an index), `c` (without) and `e` (empty), the same for the same seed. */
export function tables(seed: number): string[] {
  const { below, pick } = randomFrom(seed);
  const orNull = (text: string, one = 8): string => (below(one) === 0 ? 'NULL' : text);
  const numeric = (): string => (below(30) === 0 ? `'NaN'` : orNull(`${below(4000) - 2000}.${below(100)}`));
  const a = Array.from({ length: ROWS_A }, (_, i) =>
    [
      i,
      orNull(String(below(60) - 5)),
      orNull(`'${pick(['x', 'y', 'zz', ''])}'`),
      orNull(`'${pick(['u', 'v ', 'w'])}'`),
      numeric(),
      below(40) === 0 ? '1e30' : numeric(),
      orNull(`date '2020-01-01' + ${below(90)}`),
      orNull(`${below(40) / 4 - 3}`),
    ].join(),
  );
  const b = (): string[] =>
    Array.from({ length: ROWS_B }, () => [orNull(String(below(80) - 10)), orNull(String(below(30))), numeric()].join());
  const values = (rows: readonly string[]): string => rows.map((row) => `(${row})`).join();
  return [
    'CREATE TABLE a (id int, k int, s text, h char(2), n numeric(10, 2), m numeric, d date, f float8)',
    'CREATE TABLE b (k int, x int, n numeric(8, 3))',
    'CREATE TABLE c (k int, x int, n numeric(8, 3))',
    'CREATE TABLE e (k int, x int, n numeric(8, 3))',
    `INSERT INTO a VALUES ${values(a)}`,
    `INSERT INTO b VALUES ${values(b())}`,
    `INSERT INTO c VALUES ${values(b())}`,
    'CREATE INDEX ON b (k)',
  ];
}

const OF_A = [
  'a.k > 10',
  'a.k <= a.id',
  `a.s = 'x'`,
  `a.s <> 'y'`,
  `a.h = 'v'`,
  'a.n > 0',
  `a.d < date '2020-02-10'`,
  'a.n <= 100.5',
  'a.k IS NULL',
  'NOT a.k = 3',
  'a.m > a.n',
  `a.s || 'q' IN ('xq', 'zzq', NULL)`,
  'a.f >= 0',
];
const OF_INNER = ['i.x > 5', 'i.n < 500', 'i.x IS NOT NULL', 'i.x <> a.id % 30', 'i.n > a.n', 'i.k < 40', 'i.x = 7'];
const KEYS = ['a.s', 'a.h', 'a.k', 'a.d', 'a.n', 'a.k % 3', 'a.s IS NULL'];
const CALLS = [
  'count(*)',
  'count(a.k)',
  'sum(a.k)',
  'sum(a.n)',
  'avg(a.n)',
  'sum(a.n * (1 - a.n))',
  'sum(a.m)',
  'min(a.n)',
  'max(a.d)',
  'avg(a.k)',
  'sum(a.f)',
  'max(a.s)',
  'count(DISTINCT a.h)',
  'sum(a.n) FILTER (WHERE a.k > 5)',
  'min(a.k)',
  'sum(a.k + a.n)',
  'sum(-a.n)',
];
const INNER_CALLS = [
  'count(*)',
  'sum(i.x)',
  'avg(i.n)',
  'max(i.n)',
  '0.5 * sum(i.n)',
  'count(i.x) + 1',
  'min(i.x)',
  'coalesce(sum(i.x), -1)',
];
const EQUAL = ['i.k = a.k', 'a.k = i.k', 'i.k = a.k AND i.x = a.k % 30', 'i.k = a.k + 1', 'i.x = a.k'];

export class QueryMaker {
  private readonly random;

  constructor(seed: number) {
    this.random = randomFrom(seed);
  }

  next(): QueryPair {
    const { below, pick } = this.random;
    const text = pick([() => this.grouped(), () => this.listed(), () => this.listed()])();
    const fence = (name: string): string => `(SELECT * FROM ${name} OFFSET 0)`;
    const inner = pick(['b', 'b', 'c', 'c', 'e', 'a']);
    const source = inner === 'a' ? '(SELECT k, id % 30 AS x, n FROM a)' : inner;
    const fenced = inner === 'a' ? '(SELECT k, id % 30 AS x, n FROM a OFFSET 0)' : fence(inner);
    const second = pick(['b', 'c']);
    const fill = (outer: string, i: string, j: string): string =>
      text.replaceAll('@a', `${outer} a`).replaceAll('@i', `${i} i`).replaceAll('@j', `${j} j`);
    const limit = below(9) === 0 ? ` LIMIT ${below(20)}` : '';
    return { plain: fill('a', source, second) + limit, fenced: fill(fence('a'), fenced, fence(second)) + limit };
  }

  private grouped(): string {
    const { below } = this.random;
    const keys = this.some(KEYS, below(3));
    const calls = this.some(CALLS, 1 + below(4));
    const items = [...keys, ...calls];
    const group = keys.length === 0 ? '' : ` GROUP BY ${keys.join()}`;
    const having = below(4) === 0 ? ' HAVING count(*) > 3' : '';
    const order = items.map((_, i) => i + 1).join();
    return `SELECT ${items.join()} FROM ${this.joined()}${this.where()}${group}${having} ORDER BY ${order}`;
  }

  private listed(): string {
    const { below } = this.random;
    const items = ['a.id', 'a.n', below(2) === 0 ? this.scalar() : 'a.k'];
    return `SELECT ${items.join()} FROM ${this.joined()}${this.where()} ORDER BY 1, 2, 3`;
  }

  private joined(): string {
    const { pick } = this.random;
    const on = pick([
      'j.k = a.k',
      'j.k = a.k AND j.x = a.id % 30',
      'j.x = a.k AND j.n < a.n',
      'j.k = a.k AND a.k > 20',
    ]);
    return pick(['@a', '@a', `@a JOIN @j ON ${on}`, `@a LEFT JOIN @j ON ${on}`, `@j RIGHT JOIN @a ON ${on}`]);
  }

  private where(): string {
    const { below } = this.random;
    const parts = this.some(OF_A, below(3));
    if (below(3) > 0) parts.push(this.tested());
    return parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`;
  }

  private tested(): string {
    const { pick } = this.random;
    return pick([
      () => `EXISTS (SELECT 1 FROM @i WHERE ${this.correlated()})`,
      () => `NOT EXISTS (SELECT 1 FROM @i WHERE ${this.correlated()})`,
      () => 'a.k IN (SELECT i.k FROM @i WHERE i.x > 4)',
      () => 'a.k NOT IN (SELECT i.k FROM @i WHERE i.k > 4)',
      () => `a.k IN (SELECT i.k FROM @i WHERE ${this.correlated()})`,
      () => `a.n ${pick(['>', '<', '=', '<>'])} ${this.scalar()}`,
      () => `a.k ${pick(['>', '<=', '='])} ${this.scalar()}`,
      () => `coalesce(${this.scalar()}, 0) >= 3`,
      () => `${this.scalar()} IS NULL`,
    ])();
  }

  private scalar(): string {
    return `(SELECT ${this.random.pick(INNER_CALLS)} FROM @i WHERE ${this.correlated()})`;
  }

  private correlated(): string {
    const { below, pick } = this.random;
    return [pick(EQUAL), ...this.some(OF_INNER, below(3))].join(' AND ');
  }

  /** So many different ones. */
  private some(items: readonly string[], count: number): string[] {
    const chosen = new Set<string>();
    while (chosen.size < count) chosen.add(this.random.pick(items));
    return [...chosen];
  }
}
