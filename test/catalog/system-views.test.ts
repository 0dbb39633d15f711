import { parse } from 'libpg-query';
import t from 'tap';
import { readSystemData } from '../../src/catalog/system-data.js';
import { SYSTEM_VIEWS, systemViewQueries } from '../../src/catalog/system-views/index.js';

t.test('every system view has a query that parses and gives its columns', async (t) => {
  const classes = readSystemData('pg_class');
  const kind = classes.columns.indexOf('relkind');
  const columns = classes.columns.indexOf('relnatts');
  const views = new Map(classes.rows.filter((row) => row[kind] === 'v').map((row) => [Number(row[0]), row]));
  const queries = systemViewQueries();
  t.same([...queries.keys()].sort(), [...views.keys()].sort());
  for (const [oid, query] of queries) {
    const name = String(views.get(oid)?.[1]);
    const tree = await parse(query);
    const statement = tree.stmts?.[0].stmt;
    const targets = statement !== undefined && 'SelectStmt' in statement ? statement.SelectStmt.targetList : [];
    t.equal(targets?.length, views.get(oid)?.[columns], name);
  }
});

t.test('definitions name existing views and columns', async (t) => {
  const classes = readSystemData('pg_class');
  const attributes = readSystemData('pg_attribute');
  const name = attributes.columns.indexOf('attname');
  for (const view of SYSTEM_VIEWS) {
    const namespace = classes.columns.indexOf('relnamespace');
    const row = classes.rows.find(
      (candidate) => candidate[1] === view.name && (candidate[namespace] === 11) === (view.schema === 'pg_catalog'),
    );
    const known = attributes.rows.filter((attribute) => attribute[0] === row?.[0]).map((attribute) => attribute[name]);
    const used = view.columns === 'q' ? [] : Object.keys(view.columns);
    t.ok(row, view.name);
    t.same(
      used.filter((column) => !known.includes(column)),
      [],
      view.name,
    );
  }
});
