/** Makes SQL texts for the fuzzers: statements of the golden files torn apart and put together again, and mere nonsense. */
import fc from 'fast-check';
import { goldenFiles, readGolden } from '../golden/golden-file.js';

const TOKEN = /'(?:[^']|'')*'|"[^"]*"|\$\$[\s\S]*?\$\$|[A-Za-z_][\w$]*|\d+(?:\.\d+)?|\s+|[<>=!~@#%^&|?+*/-]+|./g;
/** Statements that would end the fuzzer's own connection, wait for others, or settings that it relies on. */
const LEFT_OUT = /pg_terminate|pg_cancel|pg_sleep|statement_timeout|lock_timeout|idle_in|dblink|pg_reload|crash|\\/i;

/** Words and values that bring trouble where they do not belong. */
const TROUBLE: readonly string[] = [
  'NULL',
  "''",
  '0',
  '-1',
  '1',
  '2147483648',
  '9223372036854775807',
  '-9223372036854775808',
  '1e400',
  "'NaN'::float8",
  "'infinity'::timestamp",
  "'-infinity'::date",
  "'{}'::int[]",
  "'{NULL}'::text[]",
  "'[]'::jsonb",
  '\'{"a":1}\'::jsonb',
  'ROW()',
  'ROW(1, NULL)',
  'ARRAY[]::int[]',
  'ARRAY[ARRAY[1]]',
  '(SELECT 1)',
  '(SELECT NULL WHERE false)',
  'DEFAULT',
  '$1',
  '*',
  '()',
  '(',
  ')',
  ',',
  ';',
  '::',
  '::int',
  '::text',
  '::numeric',
  '::jsonb',
  '::regclass',
  '::oid',
  '::bytea',
  '::timestamp',
  '::interval',
  '::record',
  '::"char"',
  '::bit(3)',
  '::money',
  '::xml',
  '::tsvector',
  '::point',
  '[1]',
  '[1:2]',
  '.*',
  'OVER ()',
  'OVER (PARTITION BY 1 ORDER BY 1)',
  'FILTER (WHERE true)',
  'WITHIN GROUP (ORDER BY 1)',
  'DISTINCT',
  'ALL',
  'LATERAL',
  'COLLATE "C"',
  "AT TIME ZONE 'UTC'",
  'IS DISTINCT FROM',
  'ANY',
  'SOME',
  'EXISTS',
  'NOT',
  'CASE WHEN true THEN 1 END',
  'ctid',
  'xmin',
  'tableoid',
  'oid',
  "'\u{1F600}'",
  "E'\\\\x00'",
  "U&'\\\\0041'",
  "B'101'",
  "X'1F'",
  "'a'::name",
  'count(*)',
  'sum(1)',
  'max(NULL)',
  'row_number()',
  'generate_series(1, 3)',
  'unnest(ARRAY[1,2])',
  'now()',
  'current_user',
  'FOR UPDATE',
  'LIMIT 0',
  'OFFSET -1',
  'FETCH FIRST 1 ROW WITH TIES',
  'GROUP BY 1',
  'GROUP BY ()',
  'GROUPING SETS ((), (1))',
  'ORDER BY 1',
  'HAVING true',
  'UNION ALL SELECT 1',
  'EXCEPT SELECT NULL',
  'RETURNING *',
  'ON CONFLICT DO NOTHING',
  'WITH RECURSIVE r AS (SELECT 1) ',
];

const statements: readonly (readonly string[])[] = goldenFiles('test/golden').flatMap((path) =>
  readGolden(path)
    .map(({ sql }) => sql)
    .filter((sql) => !LEFT_OUT.test(sql))
    .map((sql) => sql.match(TOKEN) ?? []),
);

type Tokens = readonly string[];

/** One change of a list of tokens; `at` and `length` are parts of its length. */
interface Change {
  readonly kind: 'delete' | 'repeat' | 'trouble' | 'splice' | 'swap' | 'nest';
  readonly at: number;
  readonly length: number;
  readonly other: Tokens;
  readonly word: string;
}

const part = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const statement = fc.constantFrom(...statements);

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('delete', 'repeat', 'trouble', 'trouble', 'splice', 'swap', 'nest'),
  at: part,
  length: part,
  other: statement,
  word: fc.constantFrom(...TROUBLE),
});

function apply(tokens: Tokens, { kind, at, length, other, word }: Change): Tokens {
  const from = Math.floor(at * tokens.length);
  const to = Math.min(tokens.length, from + 1 + Math.floor(length * length * 8));
  const [before, inside, after] = [tokens.slice(0, from), tokens.slice(from, to), tokens.slice(to)];
  switch (kind) {
    case 'delete':
      return [...before, ...after];
    case 'repeat':
      return [...before, ...inside, ' ', ...inside, ...after];
    case 'trouble':
      return [...before, ' ', word, ' ', ...(length < 0.5 ? inside : []), ...after];
    case 'splice': {
      const start = Math.floor(length * other.length);
      return [...before, ' ', ...other.slice(start, start + 8), ' ', ...after];
    }
    case 'swap':
      return [...before, ...after.slice(0, 1), ...inside, ...after.slice(1)];
    case 'nest':
      return [...before, '(', ...inside, ')', ...after];
  }
}

/** A statement of the golden files with a few changes. */
export const mutatedStatement: fc.Arbitrary<string> = fc
  .tuple(statement, fc.array(change, { minLength: 0, maxLength: 4 }))
  .map(([tokens, changes]) => changes.reduce(apply, tokens).join(''))
  .filter((sql) => !LEFT_OUT.test(sql));

/** Tokens of many statements in any order. */
export const tokenSalad: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...TROUBLE),
      statement.chain((tokens) => fc.constantFrom(...(tokens.length === 0 ? [' '] : tokens))),
    ),
    {
      maxLength: 30,
    },
  )
  .map((words) => `SELECT ${words.join(' ')}`)
  .filter((sql) => !LEFT_OUT.test(sql));

/** Text that has nothing to do with SQL, zero bytes aside. */
export const anyText: fc.Arbitrary<string> = fc
  .string({ unit: 'binary', maxLength: 60 })
  .map((text) => text.replaceAll('\0', ' '));
