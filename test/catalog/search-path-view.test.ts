import t from 'tap';
import type { CatalogView } from '../../src/catalog/descriptors.js';
import { memoryStore } from './memory-store.js';
import { openCatalog, PATH } from './open-catalog.js';

async function openView(): Promise<CatalogView> {
  const store = memoryStore();
  return (await openCatalog(store)).view(store.begin('read committed'), PATH);
}

t.test('types, functions, operators, casts', async (t) => {
  const view = await openView();
  t.equal(view.typeByName('int4', null)?.oid, 23);
  t.equal(view.typeByName('int4', 11)?.oid, 23);
  t.equal(view.typeByName('int4', 2200), undefined);
  t.equal(view.type(1007)?.isArray, true);
  t.equal(view.type(1007)?.element, 23);
  t.equal(view.type(30)?.isArray, true, 'oidvector has array subscripts');
  t.equal(view.type(23)?.input, 'int4in');
  t.equal(view.type(1043)?.typmodIn, 'varchartypmodin');
  t.equal(view.type(23), view.typeByName('int4', null), 'descriptors are shared');
  t.same(
    view
      .procsByName('lower', null)
      .map((proc) => proc.source)
      .sort(),
    ['lower', 'multirange_lower', 'range_lower'],
  );
  t.equal(view.procsByName('lpad', null).find((proc) => proc.argTypes.length === 2)?.source, 'lpad(text,int4)');
  const interval = view.procsByName('make_interval', null)[0];
  t.same(interval.defaultTexts, ['0', '0', '0', '0', '0', '0', '0.0']);
  t.equal(view.operatorsByName('=', null).find((o) => o.left === 23 && o.right === 23)?.oid, 96);
  t.equal(view.operator(96)?.restrict, 'eqsel');
  t.equal(view.cast(23, 20)?.func, 481);
  t.equal(view.cast(23, 20)?.context, 'i');
  t.equal(view.cast(23, 17), undefined);
  t.equal(view.aggregate(2108)?.transition, 1841);
});

t.test('operator classes and families', async (t) => {
  const view = await openView();
  t.equal(view.defaultOpclass(23, 'btree')?.name, 'int4_ops');
  t.equal(view.defaultOpclass(1043, 'btree')?.name, 'text_ops');
  t.equal(view.defaultOpclass(1007, 'btree')?.name, 'array_ops');
  t.equal(view.defaultOpclass(114, 'btree'), undefined);
  t.equal(view.opclassByName('text_pattern_ops', null, 'btree')?.inputType, 25);
  const family = view.defaultOpclass(23, 'btree')?.family ?? 0;
  t.equal(view.familyOperator(family, 23, 23, 3), 96);
  t.equal(view.familyOperator(family, 23, 20, 1), 37);
  t.equal(view.familyFunction(family, 23, 23, 1), 351);
  t.same(view.operatorStrategies(96), [{ family: 1976, strategy: 3, left: 23, right: 23 }]);
});

t.test('the search path', async (t) => {
  const store = memoryStore();
  const catalog = await openCatalog(store);
  const transaction = store.begin('read committed');
  const names = (list: string[]) => catalog.view(transaction, { names: list, user: 'orbit', temporary: 0 });
  t.same(names(['$user', 'public']).searchPath, [11, 2200]);
  t.equal(names(['$user', 'public']).creationNamespace, 2200);
  t.same(names(['public', 'pg_catalog', 'nothing']).searchPath, [2200, 11]);
  t.equal(names([]).creationNamespace, 0);
  t.equal(names([]).relationByName('pg_class', null)?.oid, 1259);
  t.equal(names(['public']), names(['public']), 'views are kept');
});

t.test('codecs of constructed types are made of their parts', async (t) => {
  const view = await openView();
  t.ok(view.type(1007)?.codec, 'integer[]');
  t.ok(view.type(83)?.codec, 'the row type of pg_class');
  t.ok(view.type(3904)?.codec, 'int4range');
  t.ok(view.type(4451)?.codec, 'int4multirange');
  t.equal(view.type(600)?.codec, undefined, 'a type without code');
});
