import t from 'tap';
import type { Catalog } from '../../src/catalog/catalog.js';
import type { CatalogWriter } from '../../src/catalog/catalog-writer.js';
import { renameObject, setObjectNamespace } from '../../src/catalog/ddl/alter-object.js';
import { addColumn, dropDefault, setColumnType, setStorage } from '../../src/catalog/ddl/alter-relation.js';
import { setComment } from '../../src/catalog/ddl/comments.js';
import { createConstraint, createDefault } from '../../src/catalog/ddl/create-constraint.js';
import { createIndex } from '../../src/catalog/ddl/create-index.js';
import { createNamespace } from '../../src/catalog/ddl/create-namespace.js';
import { type CreatedRelation, createRelation } from '../../src/catalog/ddl/create-relation.js';
import { createSequence } from '../../src/catalog/ddl/create-sequence.js';
import { createDomain, createEnum } from '../../src/catalog/ddl/create-type.js';
import { setViewQuery } from '../../src/catalog/ddl/create-view.js';
import { address } from '../../src/catalog/ddl/dependencies.js';
import { dropObjects } from '../../src/catalog/ddl/drop-object.js';
import { createRole, dropRole } from '../../src/catalog/ddl/roles.js';
import { recordOwner } from '../../src/catalog/ddl/shared-dependencies.js';
import type { CatalogView } from '../../src/catalog/descriptors.js';
import { SqlError } from '../../src/errors/sql-error.js';
import type { Store, Transaction } from '../../src/storage/api.js';
import { runSync } from '../../src/util/task.js';
import { memoryStore } from './memory-store.js';
import { openCatalog, PATH } from './open-catalog.js';

const column = (name: string, type: number, notNull = false) => ({ name, type, typmod: -1, notNull });
const PUBLIC = 2200;
const table = (name: string, columns: ReturnType<typeof column>[]) =>
  ({ name, namespace: PUBLIC, owner: 10, kind: 'r', persistence: 'p', columns }) as const;

interface Bench {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly transaction: Transaction;
  readonly writer: CatalogWriter;
  readonly view: () => CatalogView;
}

async function open(): Promise<Bench> {
  const store = memoryStore();
  const catalog = await openCatalog(store);
  const transaction = store.begin('read committed');
  const writer = catalog.writer(transaction);
  return { store, catalog, transaction, writer, view: () => catalog.view(transaction, PATH) };
}

function view(bench: Bench, name: string, query: string, references: ReturnType<typeof address>[]): number {
  const { oid } = runSync(createRelation(bench.writer, { ...table(name, [column('id', 23)]), kind: 'v' }));
  runSync(setViewQuery(bench.writer, oid, query, references));
  return oid;
}

/** The table t (id with primary key) with the dependents of the example in the file's tests. */
function tableWithDependents(bench: Bench): CreatedRelation {
  const { writer } = bench;
  const created = runSync(createRelation(writer, table('t', [column('id', 23, true), column('v', 25)])));
  const t1 = created.oid;
  const index = runSync(
    createIndex(writer, {
      name: 't_pkey',
      relation: bench.view().relation(t1)!,
      method: 403,
      columns: [
        {
          attribute: 1,
          name: 'id',
          type: 23,
          typmod: -1,
          opclass: 1978,
          collation: 0,
          descending: false,
          nullsFirst: false,
        },
      ],
      keyColumns: 1,
      unique: true,
      primary: true,
      forConstraint: true,
    }),
  );
  runSync(
    createConstraint(writer, {
      name: 't_pkey',
      namespace: PUBLIC,
      kind: 'p',
      relation: t1,
      index: index.oid,
      key: [1],
    }),
  );
  const v = view(bench, 'v', 'SELECT id FROM t', [address('pg_class', t1, 1), address('pg_class', t1)]);
  view(bench, 'v2', 'SELECT id FROM v', [address('pg_class', v, 1)]);
  const f = runSync(createRelation(writer, table('f', [column('a', 23)])));
  runSync(
    createConstraint(writer, {
      name: 'f_a_fkey',
      namespace: PUBLIC,
      kind: 'f',
      relation: f.oid,
      index: index.oid,
      key: [1],
      foreign: {
        relation: t1,
        key: [1],
        onUpdate: 'a',
        onDelete: 'c',
        match: 's',
        pfOperators: [96],
        ppOperators: [96],
        ffOperators: [96],
      },
    }),
  );
  return created;
}

const drop = (bench: Bench, object: ReturnType<typeof address>, behavior: 'restrict' | 'cascade') => {
  const notices: (string | undefined)[] = [];
  const notice = (message: string, detail?: string) => notices.push(message, detail);
  runSync(dropObjects(bench.writer, bench.view(), [object], { behavior, notice }));
  return notices;
};

function failure(run: () => void): SqlError {
  try {
    run();
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

t.test('a table is seen by its own transaction at once, by others after the commit', async (t) => {
  const bench = await open();
  const other = bench.store.begin('read committed');
  const { version } = bench.catalog.view(other, PATH);
  t.equal(bench.catalog.view(other, PATH).relationByName('t', null), undefined, 'absence is remembered');
  const created = runSync(createRelation(bench.writer, table('t', [column('id', 23, true), column('n', 25)])));
  const relation = bench.view().relationByName('t', null);
  t.equal(relation?.oid, created.oid);
  t.equal(relation?.storage, created.storage);
  t.same(
    relation?.attributes.map((attribute) => [attribute.name, attribute.type, attribute.notNull]),
    [
      ['id', 23, true],
      ['n', 25, false],
    ],
  );
  t.equal(bench.view().typeByName('t', null)?.kind, 'c');
  t.equal(bench.view().typeByName('_t', null)?.element, created.rowType);
  t.equal(bench.catalog.view(other, PATH).relationByName('t', null), undefined);
  t.equal(bench.catalog.view(other, PATH).version, version);
  runSync(bench.transaction.commit({ synchronous: true }));
  t.equal(bench.catalog.view(other, PATH).relationByName('t', null)?.oid, created.oid);
  t.not(bench.catalog.view(other, PATH).version, version);
  t.equal(bench.catalog.view(other, PATH).type(23), bench.view().type(23));
});

t.test('a rollback, and one to a savepoint, forget', async (t) => {
  const bench = await open();
  runSync(createRelation(bench.writer, table('a', [column('x', 23)])));
  const level = bench.transaction.savepoint();
  runSync(createRelation(bench.writer, table('b', [column('x', 23)])));
  t.ok(bench.view().relationByName('b', null));
  bench.transaction.rollbackTo(level);
  bench.catalog.rolledBackTo(bench.transaction);
  t.equal(bench.view().relationByName('b', null), undefined);
  t.ok(bench.view().relationByName('a', null));
  bench.transaction.rollback();
  t.equal(bench.catalog.view(bench.store.begin('read committed'), PATH).relationByName('a', null), undefined);
});

t.test('indexes, constraints and foreign keys appear in descriptors', async (t) => {
  const bench = await open();
  const { oid } = tableWithDependents(bench);
  const relation = bench.view().relation(oid);
  t.equal(relation?.indexes.length, 1);
  t.match(relation?.indexes[0], { name: 't_pkey', primary: true, unique: true, method: 'btree', attributes: [1] });
  t.equal(relation?.indexes[0].constraint, relation?.constraints[0].oid);
  t.equal(relation?.referencedBy[0].name, 'f_a_fkey');
  t.equal(bench.view().relationByName('v', null)?.viewQuery, 'SELECT id FROM t');
});

t.test('DROP with RESTRICT lists what depends', async (t) => {
  const bench = await open();
  const { oid, rowType } = tableWithDependents(bench);
  const error = failure(() => drop(bench, address('pg_class', oid), 'restrict'));
  t.equal(error.code, '2BP01');
  t.equal(error.message, 'cannot drop table t because other objects depend on it');
  t.equal(
    error.fields.detail,
    'view v depends on table t\nview v2 depends on view v\nconstraint f_a_fkey on table f depends on table t',
  );
  t.equal(error.fields.hint, 'Use DROP ... CASCADE to drop the dependent objects too.');
  const part = failure(() => drop(bench, address('pg_type', rowType), 'restrict'));
  t.equal(part.message, 'cannot drop type t because table t requires it');
  t.equal(part.fields.hint, 'You can drop table t instead.');
  const index = failure(() => drop(bench, address('pg_class', bench.view().relation(oid)!.indexes[0].oid), 'restrict'));
  t.equal(index.message, 'cannot drop index t_pkey because constraint t_pkey on table t requires it');
});

t.test('DROP with CASCADE reports and leaves nothing behind', async (t) => {
  const bench = await open();
  const counts = () =>
    ['pg_class', 'pg_attribute', 'pg_type', 'pg_depend', 'pg_constraint', 'pg_index', 'pg_rewrite'].map(
      (name) => bench.writer.scan(name).length,
    );
  const before = counts();
  const { oid } = tableWithDependents(bench);
  t.same(drop(bench, address('pg_class', oid), 'cascade'), [
    'drop cascades to 3 other objects',
    'drop cascades to view v\ndrop cascades to view v2\ndrop cascades to constraint f_a_fkey on table f',
  ]);
  t.equal(bench.view().relationByName('v2', null), undefined);
  const f = bench.view().relationByName('f', null)!;
  t.same(f.constraints, []);
  t.same(drop(bench, address('pg_class', f.oid), 'restrict'), []);
  t.same(counts(), before);
  runSync(bench.transaction.commit({ synchronous: true }));
});

t.test('columns: dependents of one column, and what a dropped column leaves', async (t) => {
  const bench = await open();
  const { oid } = tableWithDependents(bench);
  const error = failure(() => drop(bench, address('pg_class', oid, 1), 'restrict'));
  t.equal(error.message, 'cannot drop column id of table t because other objects depend on it');
  drop(bench, address('pg_class', oid, 2), 'restrict');
  const dropped = bench.view().relation(oid)?.attributes[1];
  t.match(dropped, { name: '........pg.dropped.2........', dropped: true, type: 0 });
});

t.test('serial columns, types in use, schemas, comments', async (t) => {
  const bench = await open();
  const { writer } = bench;
  const schema = runSync(createNamespace(writer, 's', 10));
  const mood = runSync(createEnum(writer, { name: 'mood', namespace: schema, owner: 10 }, ['sad', 'ok']));
  t.same(
    bench
      .view()
      .enumValues(mood)
      .map((value) => value.label),
    ['sad', 'ok'],
  );
  const { oid } = runSync(createRelation(writer, table('q', [column('id', 23), column('m', mood)])));
  const sequence = runSync(
    createSequence(writer, {
      name: 'q_id_seq',
      namespace: PUBLIC,
      owner: 10,
      persistence: 'p',
      type: 23,
      start: 1,
      increment: 1,
      max: 2147483647,
      min: 1,
      cache: 1,
      cycle: false,
      ownedBy: { relation: oid, attribute: 1, internal: false },
    }),
  );
  runSync(
    createDefault(writer, {
      relation: oid,
      attribute: 1,
      text: "nextval('q_id_seq'::regclass)",
      generated: false,
      references: [address('pg_class', sequence.oid)],
    }),
  );
  t.equal(bench.view().relation(oid)?.attributes[0].defaultText, "nextval('q_id_seq'::regclass)");
  t.equal(
    failure(() => drop(bench, address('pg_class', sequence.oid), 'restrict')).fields.detail,
    'default value for column id of table q depends on sequence q_id_seq',
  );
  t.equal(
    failure(() => drop(bench, address('pg_type', mood), 'restrict')).fields.detail,
    'column m of table q depends on type s.mood',
  );
  t.same(drop(bench, address('pg_namespace', schema), 'cascade'), [
    'drop cascades to 2 other objects',
    'drop cascades to type s.mood\ndrop cascades to column m of table q',
  ]);
  runSync(setComment(writer, address('pg_class', oid), 'first'));
  runSync(setComment(writer, address('pg_class', oid), 'second'));
  t.same(
    writer.find('pg_description_o_c_o_index', [oid, 1259]).map((row) => row.text('description')),
    ['second'],
  );
  t.same(drop(bench, address('pg_class', oid), 'restrict'), []);
  t.equal(bench.view().relationByName('q_id_seq', null), undefined, 'the sequence goes with the table');
  const comments = writer.scan('pg_description').filter((row) => row.number('objoid') === oid);
  t.equal(comments.length, 0, 'and so do the comments');
});

t.test('renaming and moving take along what belongs to the object', async (t) => {
  const bench = await open();
  const { writer } = bench;
  const { oid, rowType } = tableWithDependents(bench);
  runSync(renameObject(writer, address('pg_class', oid), 'u'));
  t.equal(bench.view().relationByName('u', null)?.oid, oid);
  t.equal(bench.view().type(rowType)?.name, 'u');
  t.equal(bench.view().typeByName('_u', null)?.element, rowType);
  const index = bench.view().relation(oid)!.indexes[0].oid;
  runSync(renameObject(writer, address('pg_class', index), 'u_key'));
  t.equal(bench.view().relation(oid)?.constraints[0].name, 'u_key');
  const schema = runSync(createNamespace(writer, 's', 10));
  runSync(setObjectNamespace(writer, address('pg_class', oid), schema));
  t.equal(bench.view().relationByName('u', null), undefined);
  t.equal(bench.view().relationByName('u_key', schema)?.oid, index);
  t.equal(bench.view().type(rowType)?.namespace, schema);
  t.equal(failure(() => runSync(createNamespace(writer, 's', 10))).code, '42P06');
});

t.test('names that are taken', async (t) => {
  const bench = await open();
  const { writer } = bench;
  runSync(createRelation(writer, table('t', [column('a', 23)])));
  t.equal(failure(() => runSync(createRelation(writer, table('t', [])))).code, '42P07');
  const domain = { name: 't', namespace: PUBLIC, owner: 10, base: 23, typmod: -1, notNull: false };
  t.equal(failure(() => runSync(createDomain(writer, domain))).message, 'type "t" already exists');
  const late = runSync(createEnum(writer, { name: '_t', namespace: PUBLIC, owner: 10 }, []));
  t.equal(bench.view().typeByName('_t', null)?.oid, late, 'an array type gives way');
  t.ok(bench.view().typeByName('___t', null) ?? bench.view().typeByName('__t', null));
});

t.test('a role that owns something cannot be dropped', async (t) => {
  const bench = await open();
  const { writer } = bench;
  const role = runSync(createRole(writer, 'rx', { canLogin: true }));
  t.match(bench.view().roleByName('rx'), { canLogin: true, inherit: true, superuser: false });
  const { oid } = runSync(createRelation(writer, table('own', [column('a', 23)])));
  runSync(recordOwner(writer, address('pg_class', oid), role));
  const error = failure(() => runSync(dropRole(writer, bench.view(), role)));
  t.equal(error.message, 'role "rx" cannot be dropped because some objects depend on it');
  t.equal(error.fields.detail, 'owner of table own');
  drop(bench, address('pg_class', oid), 'restrict');
  runSync(dropRole(writer, bench.view(), role));
  t.equal(bench.view().roleByName('rx'), undefined);
});

t.test('columns added, retyped, with and without default', async (t) => {
  const bench = await open();
  const { writer } = bench;
  const { oid } = runSync(createRelation(writer, table('t', [column('a', 23)])));
  const number = runSync(addColumn(writer, oid, { name: 'b', type: 23, typmod: -1 }, 7));
  t.equal(number, 2);
  t.match(bench.view().relation(oid)?.attributes[1], { name: 'b', missing: 7 });
  t.equal(failure(() => runSync(addColumn(writer, oid, { name: 'b', type: 23, typmod: -1 }))).code, '42701');
  runSync(createDefault(writer, { relation: oid, attribute: 2, text: '1 + 1', generated: false }));
  t.equal(bench.view().relation(oid)?.attributes[1].defaultText, '1 + 1');
  t.equal(runSync(dropDefault(writer, oid, 2)), true);
  t.equal(runSync(dropDefault(writer, oid, 2)), false);
  t.equal(bench.view().relation(oid)?.attributes[1].defaultText, null);
  runSync(setColumnType(writer, oid, 2, { type: 1043, typmod: 14 }));
  t.match(bench.view().relation(oid)?.attributes[1], { type: 1043, typmod: 14, collation: 100, missing: null });
  const before = bench.view().relation(oid)?.storage;
  runSync(setStorage(writer, oid, bench.store.create(writer.transaction, 'heap')));
  t.not(bench.view().relation(oid)?.storage, before);
});
