/** Knex: schema builder, queries, transactions, migrations with their lock, streams, COPY-free bulk loads, errors. Holds for PostgreSQL as well. */
import knex, { type Knex } from 'knex';
import t, { type Test } from 'tap';
import { withTarget } from './target.js';

async function schema(t: Test, db: Knex): Promise<void> {
  await db.schema.createSchema('shop');
  await db.schema.withSchema('shop').createTable('author', (table) => {
    table.increments();
    table.string('name', 80).notNullable().unique();
    table.timestamps(true, true);
  });
  await db.schema.withSchema('shop').createTable('book', (table) => {
    table.uuid('id').primary().defaultTo(db.raw('gen_random_uuid()'));
    table.integer('author_id').references('id').inTable('shop.author').onDelete('CASCADE').index();
    table.text('title').notNullable().comment('as printed');
    table.decimal('price', 8, 2).checkPositive();
    table.enum('state', ['draft', 'sold'], { useNative: true, enumName: 'book_state', schemaName: 'shop' });
    table.enum('cover', ['hard', 'soft']);
    table.jsonb('meta').index(undefined, { indexType: 'gin' });
    table.specificType('tags', 'text[]').defaultTo('{}');
    table.binary('scan');
    table.bigInteger('sold');
    table.unique(['author_id', 'title'], { indexName: 'one_title' });
  });
  t.ok(await db.schema.withSchema('shop').hasTable('book'));
  t.notOk(await db.schema.hasTable('book'));
  t.ok(await db.schema.withSchema('shop').hasColumn('book', 'meta'));
  const info = await db('book').withSchema('shop').columnInfo();
  t.match(info, {
    title: { type: 'text', nullable: false, defaultValue: null, maxLength: null },
    price: { type: 'numeric', nullable: true },
    tags: { type: 'ARRAY', defaultValue: "'{}'::text[]" },
    state: { type: 'USER-DEFINED' },
  });
  t.equal((await db('author').withSchema('shop').columnInfo('name')).maxLength, 80);
  await db.schema.withSchema('shop').alterTable('book', (table) => {
    table.renameColumn('sold', 'copies');
    table.integer('pages').notNullable().defaultTo(5);
    table.string('title', 200).notNullable().alter();
    table.dropColumn('scan');
    table.index(['pages'], 'many_pages', { predicate: db.whereRaw('pages > 100') });
  });
  t.match(await db('book').withSchema('shop').columnInfo(), {
    title: { type: 'character varying', maxLength: 200 },
    pages: { defaultValue: '5' },
    copies: { type: 'bigint' },
  });
  await db.schema.withSchema('shop').createView('cheap', (view) => {
    view.columns(['id', 'title']);
    view.as(db('book').withSchema('shop').select('id', 'title').where('price', '<', 10));
  });
}

async function queries(t: Test, db: Knex): Promise<void> {
  const author = () => db('author').withSchema('shop');
  const book = () => db('book').withSchema('shop');
  const [{ id }] = await author().insert({ name: 'Ann' }).returning('id');
  await author()
    .insert([{ name: 'Bob' }, { name: 'Ann' }])
    .onConflict('name')
    .ignore();
  await author().insert({ name: 'Bob' }).onConflict('name').merge({ name: 'Rob' });
  t.same(await author().orderBy('id').pluck('name'), ['Ann', 'Rob']);
  await book().insert([
    {
      author_id: id,
      title: 'One',
      price: '9.50',
      state: 'sold',
      cover: 'hard',
      meta: { a: [1, 2] },
      tags: ['x', 'y,z'],
    },
    { author_id: id, title: 'Two', price: '19.99', state: 'draft', copies: '9007199254740993' },
  ]);
  t.match(await book().where({ title: 'One' }).first(), {
    price: '9.50',
    state: 'sold',
    meta: { a: [1, 2] },
    tags: ['x', 'y,z'],
  });
  t.same(
    await book()
      .whereJsonSupersetOf('meta', { a: [2] })
      .pluck('title'),
    ['One'],
  );
  t.same(await book().whereJsonPath('meta', '$.a[0]', '=', 1).pluck('title'), ['One']);
  t.same(await book().jsonExtract('meta', '$.a[1]', 'second').whereNotNull('meta'), [{ second: 2 }]);
  t.same(await db('shop.cheap').pluck('title'), ['One']);
  const joined = await db('shop.author as a')
    .leftJoin('shop.book as b', 'a.id', 'b.author_id')
    .groupBy('a.name')
    .orderBy('a.name')
    .select('a.name')
    .count('b.id as books')
    .sum('b.price as worth');
  t.same(joined, [
    { name: 'Ann', books: '2', worth: '29.49' },
    { name: 'Rob', books: '0', worth: null },
  ]);
  const ranked = await db
    .with('costly', db('shop.book').where('price', '>', 5).select('title', 'price'))
    .from('costly')
    .select('title')
    .rank('place', (over) => over.orderBy('price', 'desc'))
    .orderBy('place');
  t.same(ranked, [
    { title: 'Two', place: '1' },
    { title: 'One', place: '2' },
  ]);
  t.equal(await book().where('price', '>', 15).increment('pages', 10), 1);
  t.same(
    await book()
      .distinctOn('author_id')
      .orderBy([{ column: 'author_id' }, { column: 'pages', order: 'desc' }])
      .pluck('pages'),
    [15],
  );
  await db.batchInsert(
    'shop.author',
    Array.from({ length: 100 }, (_, i) => ({ name: `n${i}` })),
    30,
  );
  let streamed = 0;
  for await (const row of author().whereLike('name', 'n%').orderBy('id').stream({ batchSize: 9 })) {
    if (row.name === `n${streamed}`) streamed += 1;
  }
  t.equal(streamed, 100);
}

async function transactions(t: Test, db: Knex): Promise<void> {
  const failing = db.transaction(async (tx) => {
    await tx('shop.author').del();
    throw new Error('changed my mind');
  });
  await t.rejects(failing, /changed my mind/);
  const options: Knex.TransactionConfig = { isolationLevel: 'serializable' };
  const kept = await db.transaction(async (tx) => {
    await tx('shop.author').where('name', 'like', 'n%').forUpdate().skipLocked();
    await t.rejects(
      tx.transaction((inner) => inner('shop.author').insert({ name: 'Ann' })),
      { code: '23505' },
    );
    const [level] = (await tx.raw('SHOW transaction_isolation')).rows;
    t.same(level, { transaction_isolation: 'serializable' });
    return tx('shop.author').where('name', 'like', 'n%').del();
  }, options);
  t.equal(kept, 100);
}

const migrations: Record<string, Knex.Migration> = {
  '1_first': {
    up: (db) => db.schema.createTable('pet', (table) => void table.increments()),
    down: (db) => db.schema.dropTable('pet'),
  },
  '2_second': {
    up: (db) => db.schema.alterTable('pet', (table) => void table.string('name')),
    down: (db) => db.schema.alterTable('pet', (table) => table.dropColumn('name')),
  },
};

async function migrating(t: Test, db: Knex): Promise<void> {
  const migrationSource: Knex.MigrationSource<string> = {
    getMigrations: async () => Object.keys(migrations),
    getMigrationName: (name) => name,
    getMigration: async (name) => migrations[name],
  };
  t.same(await db.migrate.latest({ migrationSource }), [1, ['1_first', '2_second']]);
  t.same(await db.migrate.latest({ migrationSource }), [1, []]);
  t.same(Object.keys(await db('pet').columnInfo()), ['id', 'name']);
  t.same(await db.migrate.rollback({ migrationSource }), [1, ['2_second', '1_first']]);
  t.notOk(await db.schema.hasTable('pet'));
}

async function errors(t: Test, db: Knex): Promise<void> {
  const book = () => db('book').withSchema('shop');
  await t.rejects(book().insert({ title: 'x', author_id: 12345 }), {
    code: '23503',
    constraint: 'book_author_id_foreign',
  });
  await t.rejects(book().insert({ title: 'x', price: -1 }), { code: '23514', constraint: 'book_price_check' });
  await t.rejects(book().insert({ title: 'x', cover: 'none' }), { code: '23514', constraint: 'book_cover_check' });
  await t.rejects(book().insert({ title: null }), { code: '23502', column: 'title' });
  await t.rejects(book().select('nothing'), { code: '42703', position: '8' });
  await t.rejects(db.raw('SELECT pg_sleep(10)').timeout(100, { cancel: true }), { name: 'KnexTimeoutError' });
  t.same((await db.raw('SELECT ?::int + 1 AS n, ?? FROM shop.author LIMIT 1', [1, 'name'])).rows, [
    { n: 2, name: 'Ann' },
  ]);
}

t.test('Knex', (t) =>
  withTarget(async (target) => {
    const db = knex({ client: 'pg', connection: { ...target }, pool: { min: 0, max: 4 } });
    try {
      await t.test('schema', (t) => schema(t, db));
      await t.test('queries', (t) => queries(t, db));
      await t.test('transactions', (t) => transactions(t, db));
      await t.test('migrations', (t) => migrating(t, db));
      await t.test('errors', (t) => errors(t, db));
    } finally {
      await db.destroy();
    }
  }),
);
