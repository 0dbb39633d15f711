import { readFileSync } from 'node:fs';
import t from 'tap';
import { createNamespace } from '../../src/catalog/ddl/create-namespace.js';
import { createRelation } from '../../src/catalog/ddl/create-relation.js';
import type { CatalogView } from '../../src/catalog/descriptors.js';
import { formatType } from '../../src/catalog/format-type.js';
import { parseQualifiedName } from '../../src/catalog/name-syntax.js';
import { type RegInContext, regIn } from '../../src/catalog/reg-in.js';
import { regOut } from '../../src/catalog/reg-out.js';
import { readKeywordFacts } from '../../src/catalog/system-data.js';
import { quoteIdentifier } from '../../src/types/quote-identifier.js';
import type { RegKind } from '../../src/types/type-context.js';
import { runSync } from '../../src/util/task.js';
import { memoryStore } from './memory-store.js';
import { openCatalog, PATH } from './open-catalog.js';

const GOLDEN = new URL('../../../test/golden/catalog/format-type.json', import.meta.url);

async function openView(): Promise<CatalogView> {
  const store = memoryStore();
  return (await openCatalog(store)).view(store.begin('read committed'), PATH);
}

t.test('formatType says what format_type of PostgreSQL says', async (t) => {
  const view = await openView();
  const golden: [number, number | null, string][] = JSON.parse(readFileSync(GOLDEN, 'utf8'));
  const wrong = golden.filter(([oid, typmod, expected]) => formatType(view, oid, typmod) !== expected);
  t.same(
    wrong.map(([oid, typmod, expected]) => [oid, typmod, expected, formatType(view, oid, typmod)]),
    [],
  );
  t.ok(golden.length > 500);
});

t.test('quoteIdentifier', async (t) => {
  t.equal(quoteIdentifier('abc_1'), 'abc_1');
  t.equal(quoteIdentifier('Abc'), '"Abc"');
  t.equal(quoteIdentifier('1a'), '"1a"');
  t.equal(quoteIdentifier('a"b'), '"a""b"');
  t.equal(quoteIdentifier(''), '""');
  for (const [word, category] of readKeywordFacts()) {
    t.equal(quoteIdentifier(word), category === 'U' ? word : `"${word}"`);
  }
});

t.test('qualified names', async (t) => {
  t.same(parseQualifiedName(' A . "B""c".d '), ['a', 'B"c', 'd']);
  for (const bad of ['', 'a..b', '"a', 'a b', '.a', 'a.']) t.throws(() => parseQualifiedName(bad), { code: '42602' });
});

t.test('reg types out', async (t) => {
  const view = await openView();
  const cases: [RegKind, number, string][] = [
    ['regclass', 1259, 'pg_class'],
    ['regclass', 0, '-'],
    ['regclass', 99999, '99999'],
    ['regtype', 1043, 'character varying'],
    ['regtype', 1042, 'character'],
    ['regproc', 2108, 'pg_catalog.sum'],
    ['regproc', 46, 'textin'],
    ['regprocedure', 2108, 'sum(integer)'],
    ['regprocedure', 2803, 'count()'],
    ['regprocedure', 2147, 'count("any")'],
    ['regoper', 551, 'pg_catalog.+'],
    ['regoper', 0, '0'],
    ['regoperator', 551, '+(integer,integer)'],
    ['regoperator', 484, '-(NONE,bigint)'],
    ['regnamespace', 11, 'pg_catalog'],
    ['regrole', 10, 'orbit'],
    ['regrole', 999, '999'],
    ['regcollation', 100, '"default"'],
    ['regconfig', 3748, 'simple'],
  ];
  for (const [kind, oid, expected] of cases) t.equal(regOut(view, kind, oid), expected, `${kind} ${oid}`);
});

t.test('reg types in', async (t) => {
  const view = await openView();
  const types: Readonly<Record<string, number>> = { int4: 23, int8: 20, text: 25 };
  const cx: RegInContext = { view, database: 'actors', parseTypeName: (text) => types[text] ?? 0 };
  const good: [RegKind, string, number][] = [
    ['regclass', 'pg_class', 1259],
    ['regclass', 'PG_Catalog.pg_class', 1259],
    ['regclass', 'actors.pg_catalog.pg_class', 1259],
    ['regclass', '-', 0],
    ['regclass', '12345678', 12345678],
    ['regproc', 'textin', 46],
    ['regprocedure', 'lower(text)', 870],
    ['regprocedure', 'version( )', 89],
    ['regoper', '||/', 597],
    ['regoperator', '+(int4,int8)', 692],
    ['regoperator', 'pg_catalog.~(NONE,int4)', 0],
    ['regnamespace', 'public', 2200],
    ['regrole', 'orbit', 10],
    ['regcollation', '"C"', 950],
    ['regconfig', 'simple', 3748],
  ];
  for (const [kind, text, expected] of good) {
    if (kind === 'regoperator' && text.includes('NONE')) t.equal(view.operator(regIn(cx, kind, text))?.name, '~');
    else t.equal(regIn(cx, kind, text), expected, text);
  }
  const bad: [RegKind, string, string, string][] = [
    ['regclass', 'nope', '42P01', 'relation "nope" does not exist'],
    ['regclass', 'nope.x', '3F000', 'schema "nope" does not exist'],
    ['regclass', 'a.b.c.d', '42601', 'improper relation name (too many dotted names): a.b.c.d'],
    ['regclass', 'foo.public.x', '0A000', 'cross-database references are not implemented: "foo.public.x"'],
    ['regclass', 'public.x', '42P01', 'relation "public.x" does not exist'],
    ['regclass', '12345678901', '22003', 'value "12345678901" is out of range for type oid'],
    ['regproc', 'sum', '42725', 'more than one function named "sum"'],
    ['regproc', 'nope', '42883', 'function "nope" does not exist'],
    ['regprocedure', 'lower', '22P02', 'expected a left parenthesis'],
    ['regprocedure', 'lower(text', '22P02', 'expected a right parenthesis'],
    ['regoper', '+', '42725', 'more than one operator named +'],
    ['regoper', '+++', '42883', 'operator does not exist: +++'],
    ['regoperator', '+(int4)', '42P02', 'missing argument'],
    ['regnamespace', 'a.b', '42602', 'invalid name syntax'],
    ['regrole', 'nope', '42704', 'role "nope" does not exist'],
    ['regcollation', 'nope', '42704', 'collation "nope" for encoding "UTF8" does not exist'],
    ['regconfig', 'nope', '42704', 'text search configuration "nope" does not exist'],
  ];
  for (const [kind, text, code, message] of bad) {
    t.throws(() => regIn(cx, kind, text), { code, message }, `${kind} ${text}`);
  }
});

t.test('a schema appears where the path does not find the object', async (t) => {
  const store = memoryStore();
  const catalog = await openCatalog(store);
  const transaction = store.begin('read committed');
  const writer = catalog.writer(transaction);
  const namespace = runSync(createNamespace(writer, 'Odd', 10));
  const columns = [{ name: 'a', type: 23, typmod: -1 }];
  const { oid, rowType } = runSync(
    createRelation(writer, { name: 'select', namespace, owner: 10, kind: 'r', persistence: 'p', columns }),
  );
  const view = catalog.view(transaction, PATH);
  t.equal(regOut(view, 'regclass', oid), '"Odd"."select"');
  t.equal(formatType(view, view.type(rowType)?.array ?? 0, -1), '"Odd"."select"[]');
  const inside = catalog.view(transaction, { ...PATH, names: ['Odd'] });
  t.equal(regOut(inside, 'regclass', oid), '"select"');
});
