import t from 'tap';
import { bootstrapCatalog } from '../../src/catalog/bootstrap.js';
import { readSystemData } from '../../src/catalog/system-data.js';
import { runTask } from '../../src/util/task.js';
import { keyCodecs, memoryStore } from './memory-store.js';
import { openCatalog, openCatalogs, PATH } from './open-catalog.js';

t.test('every exported row is there, and found through every index', async (t) => {
  const store = memoryStore();
  const catalog = await openCatalog(store);
  const writer = catalog.writer(store.begin('read committed'));
  for (const name of ['pg_type', 'pg_proc', 'pg_operator', 'pg_cast', 'pg_class', 'pg_attribute', 'pg_amop']) {
    t.equal(writer.scan(name).length, readSystemData(name).rows.length, name);
  }
  const proc = writer.findOne('pg_proc_oid_index', [1841]);
  t.equal(proc?.text('proname'), 'int4_sum');
  t.same(proc?.numbers('proargtypes'), [20, 23]);
  t.equal(writer.find('pg_proc_proname_args_nsp_index', ['lower']).length, 3);
});

t.test('configuration decides the superuser and the database', async (t) => {
  const store = memoryStore();
  const catalog = await openCatalog(store);
  const view = catalog.view(store.begin('read committed'), PATH);
  t.equal(view.roleByName('orbit')?.oid, 10);
  t.equal(view.roleByName('orbit')?.superuser, true);
  t.equal(view.role(3373)?.name, 'pg_monitor');
  const databases = catalog.writer(store.begin('read committed')).scan('pg_database');
  t.same(databases.map((row) => row.text('datname')).sort(), ['actors', 'postgres', 'template0', 'template1']);
});

t.test('a second start changes nothing, and allocates above the first', async (t) => {
  const store = memoryStore();
  const first = await openCatalogs(store);
  const oid = first.oids.allocate();
  t.equal(oid, 16385, 'the database has the first one');
  first.close();
  t.equal(await runTask(bootstrapCatalog(store, keyCodecs(), { superuser: 'x', database: 'y' })), false);
  const second = await openCatalog(store);
  t.equal(second.view(store.begin('read committed'), PATH).roleByName('x'), undefined);
  t.equal(second.allocateOid(), oid + 1);
  const third = await openCatalog(store);
  t.ok(third.allocateOid() > oid + 1, 'without an orderly end the rest of a range is skipped');
});

t.test('row types and columns of system tables', async (t) => {
  const store = memoryStore();
  const view = (await openCatalog(store)).view(store.begin('read committed'), PATH);
  const relation = view.relationByName('pg_class', null);
  t.equal(relation?.oid, 1259);
  t.equal(relation?.storage, 1259);
  t.equal(relation?.rowType, 83);
  t.equal(relation?.attributes.length, 33);
  t.equal(relation?.attributes[1].name, 'relname');
  t.same(
    relation?.indexes.map((index) => [index.name, index.unique, index.primary]),
    [
      ['pg_class_oid_index', true, true],
      ['pg_class_relname_nsp_index', true, false],
      ['pg_class_tblspc_relfilenode_index', false, false],
    ],
  );
  t.equal(view.type(83)?.kind, 'c');
  t.equal(view.relationByName('pg_tables', null)?.kind, 'v');
  t.type(view.relationByName('pg_tables', null)?.viewQuery, 'string');
});
