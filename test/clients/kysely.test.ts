/** Kysely: schema, typed queries, transactions with savepoints, introspection, streams, migrations, errors. Holds for PostgreSQL as well. */
import { CompiledQuery, type Generated, Kysely, type Migration, Migrator, PostgresDialect, sql } from 'kysely';
import { jsonArrayFrom, jsonObjectFrom } from 'kysely/helpers/postgres';
import pg from 'pg';
import Cursor from 'pg-cursor';
import t, { type Test } from 'tap';
import { withTarget } from './target.js';

interface Tables {
  person: { id: Generated<number>; name: string; age: number | null; mood: string | null; born: Date | null };
  pet: {
    id: Generated<string>;
    owner: number;
    name: string;
    traits: unknown;
    nicks: string[] | null;
    weight: string | null;
  };
}
type Db = Kysely<Tables>;

async function schema(t: Test, db: Db): Promise<void> {
  await db.schema.createType('mood').asEnum(['sad', 'ok']).execute();
  await db.schema
    .createTable('person')
    .addColumn('id', 'integer', (column) => column.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('name', 'varchar(40)', (column) => column.notNull().unique())
    .addColumn('age', 'integer', (column) => column.check(sql`age >= 0`))
    .addColumn('mood', sql`mood`, (column) => column.defaultTo('ok'))
    .addColumn('born', 'timestamptz')
    .execute();
  await db.schema
    .createTable('pet')
    .addColumn('id', 'uuid', (column) => column.primaryKey().defaultTo(sql`gen_random_uuid()`))
    .addColumn('owner', 'integer', (column) => column.notNull().references('person.id').onDelete('cascade'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('traits', 'jsonb')
    .addColumn('nicks', sql`text[]`)
    .addColumn('weight', 'numeric(6, 2)')
    .addUniqueConstraint('pet_once', ['owner', 'name'])
    .execute();
  await db.schema.createIndex('pet_traits').on('pet').using('gin').column('traits').execute();
  await db.schema.createIndex('grown').on('person').column('age').where('age', '>', 17).execute();
  await db.schema
    .createView('owners')
    .as(db.selectFrom('person').select(['id', 'name']))
    .execute();
  await db.schema.alterTable('pet').addColumn('extra', 'bytea').execute();
  await db.schema
    .alterTable('pet')
    .alterColumn('extra', (column) => column.setDefault(sql`'\\x00'`))
    .execute();
  await db.schema.alterTable('pet').dropColumn('extra').execute();

  const tables = await db.introspection.getTables();
  t.same(
    tables.map((table) => [table.name, table.isView, table.schema]),
    [
      ['owners', true, 'public'],
      ['person', false, 'public'],
      ['pet', false, 'public'],
    ],
  );
  const person = tables.find((table) => table.name === 'person');
  t.same(
    person?.columns.map((c) => [
      c.name,
      c.dataType,
      c.dataTypeSchema,
      c.isNullable,
      c.isAutoIncrementing,
      c.hasDefaultValue,
    ]),
    [
      ['id', 'int4', 'pg_catalog', false, true, false],
      ['name', 'varchar', 'pg_catalog', false, false, false],
      ['age', 'int4', 'pg_catalog', true, false, false],
      ['mood', 'mood', 'public', true, false, true],
      ['born', 'timestamptz', 'pg_catalog', true, false, false],
    ],
  );
  t.ok((await db.introspection.getSchemas()).some((schema) => schema.name === 'public'));
}

async function queries(t: Test, db: Db): Promise<void> {
  const born = new Date('2000-02-29T10:00:00Z');
  const people = [
    { name: 'Ann', age: 30, born },
    { name: 'Bob', age: null },
  ];
  const made = await db.insertInto('person').values(people).returning(['id', 'mood', 'born']).execute();
  t.same(made, [
    { id: 1, mood: 'ok', born },
    { id: 2, mood: 'ok', born: null },
  ]);
  const pets = [
    {
      owner: 1,
      name: 'Rex',
      traits: JSON.stringify({ good: true, tricks: ['sit'] }),
      nicks: ['r', 'x,y'],
      weight: '12.50',
    },
    { owner: 1, name: 'Tom', weight: '4.2' },
  ];
  const inserted = await db.insertInto('pet').values(pets).executeTakeFirstOrThrow();
  t.equal(inserted.numInsertedOrUpdatedRows, 2n);
  const nested = await db
    .selectFrom('person')
    .select(['person.name'])
    .select((eb) => [
      jsonArrayFrom(
        eb
          .selectFrom('pet')
          .select(['pet.name', 'weight', 'nicks'])
          .whereRef('owner', '=', 'person.id')
          .orderBy('pet.name'),
      ).as('pets'),
      jsonObjectFrom(
        eb.selectFrom('pet').select('traits').whereRef('owner', '=', 'person.id').where('traits', 'is not', null),
      ).as('first'),
    ])
    .orderBy('name')
    .execute();
  t.same(nested, [
    {
      name: 'Ann',
      pets: [
        { name: 'Rex', weight: 12.5, nicks: ['r', 'x,y'] },
        { name: 'Tom', weight: 4.2, nicks: null },
      ],
      first: { traits: { good: true, tricks: ['sit'] } },
    },
    { name: 'Bob', pets: [], first: null },
  ]);
  const upsert = await db
    .insertInto('person')
    .values({ name: 'Ann', age: 31 })
    .onConflict((oc) => oc.column('name').doUpdateSet((eb) => ({ age: eb.ref('excluded.age') })))
    .returningAll()
    .executeTakeFirstOrThrow();
  t.match(upsert, { id: 1, age: 31 });
  const trick = await db
    .selectFrom('pet')
    .select(sql<string>`traits ->> 'good'`.as('good'))
    .where(sql<boolean>`traits @> ${JSON.stringify({ tricks: ['sit'] })}::jsonb`)
    .execute();
  t.same(trick, [{ good: 'true' }]);
  const updated = await db
    .updateTable('pet')
    .from('person')
    .set((eb) => ({ weight: eb('weight', '*', '2') }))
    .whereRef('pet.owner', '=', 'person.id')
    .where('person.name', '=', 'Ann')
    .returning(['pet.name', 'weight'])
    .execute();
  t.same(
    updated.sort((a, b) => (a.name < b.name ? -1 : 1)),
    [
      { name: 'Rex', weight: '25.00' },
      { name: 'Tom', weight: '8.40' },
    ],
  );
  const merged = await db
    .mergeInto('person')
    .using(sql<{ n: string }>`(VALUES ('Bob'), ('Cid'))`.as<'v'>(sql`v (n)`), (join) =>
      join.on(sql<boolean>`person.name = v.n`),
    )
    .whenMatched()
    .thenUpdateSet({ age: 9 })
    .whenNotMatched()
    .thenInsertValues({ name: sql`v.n` })
    .executeTakeFirstOrThrow();
  t.equal(merged.numChangedRows, 2n);
  const tree = await db
    .withRecursive('steps(n)', (qc) =>
      qc
        .selectNoFrom(sql<number>`1`.as('n'))
        .unionAll(qc.selectFrom('steps').select(sql<number>`n + 1`.as('n')).where('n', '<', 4)),
    )
    .selectFrom('steps')
    .select((eb) => [eb.fn.sum('n').as('sum'), eb.fn.agg<number[]>('array_agg', ['n']).as('all')])
    .executeTakeFirstOrThrow();
  t.same(tree, { sum: '10', all: [1, 2, 3, 4] });
  const windows = await db
    .selectFrom('person')
    .select((eb) => [
      'name',
      eb.fn
        .countAll<string>()
        .over((over) => over.orderBy('name'))
        .as('running'),
    ])
    .orderBy('name')
    .execute();
  t.same(
    windows.map((row) => row.running),
    ['1', '2', '3'],
  );
}

async function transactions(t: Test, db: Db): Promise<void> {
  const names = async (on: Kysely<Tables>): Promise<string[]> =>
    (await on.selectFrom('person').select('name').orderBy('name').execute()).map((p) => p.name);
  await t.rejects(
    db.transaction().execute(async (tx) => {
      await tx.deleteFrom('pet').execute();
      throw new Error('no');
    }),
    /no/,
  );
  t.equal((await db.selectFrom('pet').select('id').execute()).length, 2);
  const tx = await db.startTransaction().setIsolationLevel('serializable').execute();
  const saved = await tx.savepoint('before').execute();
  await t.rejects(saved.insertInto('person').values({ name: 'Ann' }).execute(), {
    code: '23505',
    constraint: 'person_name_key',
  });
  await saved.rollbackToSavepoint('before').execute();
  await tx.insertInto('person').values({ name: 'Dan' }).execute();
  t.same(await names(db), ['Ann', 'Bob', 'Cid'], 'not seen before the commit');
  await tx.commit().execute();
  t.same(await names(db), ['Ann', 'Bob', 'Cid', 'Dan']);
  const locked = await db
    .transaction()
    .execute((tx) => tx.selectFrom('person').select('id').forUpdate().skipLocked().limit(1).execute());
  t.equal(locked.length, 1);
}

async function streams(t: Test, db: Db): Promise<void> {
  let sum = 0;
  const numbers = db.selectFrom(sql<{ n: number }>`generate_series(1, 1000)`.as<'g'>(sql`g (n)`)).select('n');
  for await (const { n } of numbers.stream(64)) sum += n;
  t.equal(sum, 500_500);
  let seen = 0;
  for await (const _ of numbers.stream(10)) if (++seen === 25) break;
  t.equal(seen, 25);
}

async function migrating(t: Test, db: Db): Promise<void> {
  const migration: Migration = {
    up: (db) => db.schema.createTable('later').addColumn('id', 'bigserial').execute(),
    down: (db) => db.schema.dropTable('later').execute(),
  };
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ '1_later': migration }) } });
  t.match(await migrator.migrateToLatest(), {
    error: undefined,
    results: [{ migrationName: '1_later', status: 'Success' }],
  });
  t.match(await migrator.migrateToLatest(), { error: undefined, results: [] });
  t.match(await migrator.migrateDown(), { error: undefined, results: [{ direction: 'Down', status: 'Success' }] });
}

async function errors(t: Test, db: Db): Promise<void> {
  const fails = (text: string): Promise<unknown> => db.executeQuery(CompiledQuery.raw(text));
  await t.rejects(fails('SELECT * FROM nope'), { code: '42P01', position: '15' });
  await t.rejects(fails("INSERT INTO person (name, mood) VALUES ('E', 'cross')"), { code: '22P02' });
  await t.rejects(db.insertInto('person').values({ name: 'E', age: -1 }).execute(), {
    code: '23514',
    constraint: 'person_age_check',
  });
  await t.rejects(db.insertInto('pet').values({ name: 'E', owner: 99 }).execute(), { code: '23503', table: 'pet' });
  await t.rejects(db.insertInto('person').values({ id: 5, name: 'E' }).execute(), { code: '428C9' });
}

t.test('Kysely', (t) =>
  withTarget(async (target) => {
    const pool = new pg.Pool({ ...target, max: 4 });
    // A connection that is closing while the server stops is told so.
    pool.on('error', () => {});
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool, cursor: Cursor }) });
    try {
      await t.test('schema and introspection', (t) => schema(t, db));
      await t.test('queries', (t) => queries(t, db));
      await t.test('transactions', (t) => transactions(t, db));
      await t.test('streams', (t) => streams(t, db));
      await t.test('migrations', (t) => migrating(t, db));
      await t.test('errors', (t) => errors(t, db));
    } finally {
      await db.destroy();
    }
  }),
);
