/** Drizzle over node-postgres: queries, relations, transactions, types, prepared statements, migrations, errors. Holds for PostgreSQL as well. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { and, arrayContains, count, desc, eq, gt, inArray, relations, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import {
  bigint,
  boolean,
  date,
  index,
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  primaryKey,
  serial,
  text,
  timestamp,
  unique,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';
import pg from 'pg';
import t, { type Test } from 'tap';
import { withTarget } from './target.js';

const role = pgEnum('role', ['admin', 'guest']);
const users = pgTable('users', {
  id: serial('id').primaryKey(),
  name: varchar('name', { length: 40 }).notNull().unique(),
  role: role('role').default('guest').notNull(),
  tags: text('tags').array(),
  meta: jsonb('meta').$type<{ a: number[] }>(),
  token: uuid('token').defaultRandom(),
  made: timestamp('made', { withTimezone: true }).defaultNow().notNull(),
  born: date('born'),
  big: bigint('big', { mode: 'bigint' }),
});
const posts = pgTable(
  'posts',
  {
    id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
    author: integer('author')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    title: text('title').notNull(),
    price: numeric('price', { precision: 8, scale: 2 }),
    live: boolean('live').default(false).notNull(),
  },
  (table) => [unique('one_title').on(table.author, table.title), index('by_price').on(table.price)],
);
const likes = pgTable('likes', { who: integer('who').notNull(), post: integer('post').notNull() }, (table) => [
  primaryKey({ columns: [table.who, table.post] }),
]);
const usersRelations = relations(users, ({ many }) => ({ posts: many(posts) }));
const postsRelations = relations(posts, ({ one }) => ({
  author: one(users, { fields: [posts.author], references: [users.id] }),
}));
const schema = { users, posts, likes, usersRelations, postsRelations };

/** What drizzle-kit makes of the tables above: the statements of the first migration. */
const MIGRATION = [
  `CREATE TYPE "public"."role" AS ENUM('admin', 'guest');`,
  `CREATE TABLE "likes" ("who" integer NOT NULL, "post" integer NOT NULL, CONSTRAINT "likes_who_post_pk" PRIMARY KEY("who","post"));`,
  `CREATE TABLE "posts" ("id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "posts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
    "author" integer NOT NULL, "title" text NOT NULL, "price" numeric(8, 2), "live" boolean DEFAULT false NOT NULL, CONSTRAINT "one_title" UNIQUE("author","title"));`,
  `CREATE TABLE "users" ("id" serial PRIMARY KEY NOT NULL, "name" varchar(40) NOT NULL, "role" "role" DEFAULT 'guest' NOT NULL, "tags" text[], "meta" jsonb,
    "token" uuid DEFAULT gen_random_uuid(), "made" timestamp with time zone DEFAULT now() NOT NULL, "born" date, "big" bigint, CONSTRAINT "users_name_unique" UNIQUE("name"));`,
  `ALTER TABLE "posts" ADD CONSTRAINT "posts_author_users_id_fk" FOREIGN KEY ("author") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;`,
  `CREATE INDEX "by_price" ON "posts" USING btree ("price");`,
].join('\n--> statement-breakpoint\n');

const connect = (pool: pg.Pool) => drizzle(pool, { schema });
type Db = ReturnType<typeof connect>;

/** The code and constraint of the PostgreSQL error behind a failed query. */
async function failure(work: PromiseLike<unknown>): Promise<(string | undefined)[]> {
  try {
    await work;
    return [];
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    return cause instanceof pg.DatabaseError ? [cause.code, cause.constraint] : [String(error)];
  }
}

async function migrating(t: Test, db: Db): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'orbit-drizzle-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'meta'));
  const entries = [{ idx: 0, version: '7', when: 1_700_000_000_000, tag: '0000_first', breakpoints: true }];
  writeFileSync(
    join(folder, 'meta', '_journal.json'),
    JSON.stringify({ version: '7', dialect: 'postgresql', entries }),
  );
  writeFileSync(join(folder, '0000_first.sql'), MIGRATION);
  await migrate(db, { migrationsFolder: folder });
  await migrate(db, { migrationsFolder: folder });
  const { rows } = await db.execute(sql`SELECT count(*)::int AS n FROM drizzle.__drizzle_migrations`);
  t.same(rows, [{ n: 1 }], 'done once');
}

async function queries(t: Test, db: Db): Promise<void> {
  const made = new Date('2024-02-29T12:00:00.123Z');
  const ann = {
    name: 'Ann',
    role: 'admin' as const,
    tags: ['a,b', '"'],
    meta: { a: [1] },
    made,
    born: '2000-01-31',
    big: 9007199254740993n,
  };
  const [first, second] = await db
    .insert(users)
    .values([ann, { name: 'Bob' }])
    .returning();
  t.match(first, { id: 1, ...ann });
  t.match(second, { id: 2, role: 'guest', tags: null, meta: null });
  await db.insert(posts).values([
    { author: 1, title: 'One', price: '9.50', live: true },
    { author: 1, title: 'Two', price: '20' },
    { author: 2, title: 'Three' },
  ]);
  const upsert = await db
    .insert(users)
    .values({ name: 'Bob', role: 'admin' })
    .onConflictDoUpdate({ target: users.name, set: { role: sql`excluded.role` } })
    .returning({ role: users.role });
  t.same(upsert, [{ role: 'admin' }]);
  const loaded = await db.query.users.findMany({
    columns: { name: true },
    with: {
      posts: {
        columns: { title: true, price: true },
        where: (post, { isNotNull }) => isNotNull(post.price),
        orderBy: (post) => desc(post.price),
      },
    },
    orderBy: (user) => user.id,
  });
  t.same(loaded, [
    {
      name: 'Ann',
      posts: [
        { title: 'Two', price: '20' },
        { title: 'One', price: '9.5' },
      ],
    },
    { name: 'Bob', posts: [] },
  ]);
  const found = await db.query.posts.findFirst({ where: eq(posts.title, 'Three'), with: { author: true } });
  t.match(found, { id: 3, author: { name: 'Bob' } });
  const worth = await db
    .select({ name: users.name, posts: count(posts.id), worth: sql<string>`sum(${posts.price})` })
    .from(users)
    .leftJoin(posts, eq(posts.author, users.id))
    .groupBy(users.name)
    .orderBy(users.name)
    .having(gt(count(posts.id), 0));
  t.same(worth, [
    { name: 'Ann', posts: 2, worth: '29.50' },
    { name: 'Bob', posts: 1, worth: null },
  ]);
  t.same(
    await db
      .select({ n: users.name })
      .from(users)
      .where(and(arrayContains(users.tags, ['"']), inArray(users.role, ['admin']))),
    [{ n: 'Ann' }],
  );
  const cte = db
    .$with('live')
    .as(db.update(posts).set({ live: true }).where(eq(posts.live, false)).returning({ title: posts.title }));
  t.same((await db.with(cte).select().from(cte)).map((row) => row.title).sort(), ['Three', 'Two']);
  const prepared = db
    .select({ name: users.name })
    .from(users)
    .where(eq(users.id, sql.placeholder('id')))
    .prepare('by_id');
  t.same(
    [await prepared.execute({ id: 1 }), await prepared.execute({ id: 2 })],
    [[{ name: 'Ann' }], [{ name: 'Bob' }]],
  );
  t.equal(await db.$count(posts, eq(posts.live, true)), 3);
}

async function transactions(t: Test, db: Db): Promise<void> {
  await db.transaction(
    async (tx) => {
      await tx.insert(users).values({ name: 'Cid' });
      const inner = tx.transaction((nested) => nested.insert(users).values({ name: 'Ann' }));
      t.same(await failure(inner), ['23505', 'users_name_unique']);
      const locked = await tx
        .select({ id: users.id })
        .from(users)
        .where(eq(users.name, 'Cid'))
        .for('update', { noWait: true });
      t.equal(locked.length, 1);
    },
    { isolationLevel: 'serializable', accessMode: 'read write' },
  );
  await t.rejects(
    db.transaction(async (tx) => {
      await tx.delete(users);
      tx.rollback();
    }),
    /Rollback/,
  );
  t.equal(await db.$count(users), 3);
}

async function errors(t: Test, db: Db): Promise<void> {
  t.same(await failure(db.insert(posts).values({ author: 99, title: 'x' })), ['23503', 'posts_author_users_id_fk']);
  t.same(await failure(db.execute(sql`INSERT INTO users (name, role) VALUES ('x', 'boss')`)), ['22P02', undefined]);
  t.same(await failure(db.insert(users).values({ name: 'x'.repeat(41) })), ['22001', undefined]);
  t.same(await failure(db.execute(sql`SELECT * FROM nope`)), ['42P01', undefined]);
}

t.test('Drizzle', (t) =>
  withTarget(async (target) => {
    const pool = new pg.Pool({ ...target, max: 4 });
    // A connection that is closing while the server stops is told so.
    pool.on('error', () => {});
    const db = connect(pool);
    try {
      await t.test('migrations', (t) => migrating(t, db));
      await t.test('queries and relations', (t) => queries(t, db));
      await t.test('transactions', (t) => transactions(t, db));
      await t.test('errors', (t) => errors(t, db));
    } finally {
      await pool.end();
    }
  }),
);
