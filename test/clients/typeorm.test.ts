/** TypeORM: synchronize (twice: the second finds nothing to do), relations, types, transactions, streams, migrations, errors. Holds for PostgreSQL as well. */
import t, { type Test } from 'tap';
import {
  ArrayContains,
  DataSource,
  EntitySchema,
  ILike,
  In,
  type MigrationInterface,
  MoreThan,
  type QueryRunner,
  Table,
} from 'typeorm';
import { withTarget } from './target.js';

interface User {
  id: string;
  name: string;
  role: 'admin' | 'guest';
  tags: string[];
  meta: unknown;
  raw: Buffer | null;
  big: string | null;
  born: string | null;
  made: Date;
  changed: Date;
  version: number;
  gone: Date | null;
  posts: Post[];
}
interface Post {
  id: number;
  title: string;
  price: string | null;
  user: User | null;
  labels: Label[];
}
interface Label {
  id: number;
  name: string;
}

const User = new EntitySchema<User>({
  name: 'User',
  columns: {
    id: { type: 'uuid', primary: true, generated: 'uuid' },
    name: { type: 'varchar', length: 50, unique: true },
    role: { type: 'enum', enum: ['admin', 'guest'], default: 'guest' },
    tags: { type: 'text', array: true, default: [] },
    meta: { type: 'jsonb', nullable: true, comment: "what else it's for" },
    raw: { type: 'bytea', nullable: true },
    big: { type: 'bigint', nullable: true },
    born: { type: 'date', nullable: true },
    made: { type: 'timestamptz', createDate: true },
    changed: { type: 'timestamptz', updateDate: true },
    version: { type: 'int', version: true },
    gone: { type: 'timestamptz', deleteDate: true },
  },
  indices: [{ columns: ['role', 'made'] }, { columns: ['born'], where: 'born IS NOT NULL' }],
  checks: [{ expression: 'char_length(name) > 1' }],
  relations: { posts: { type: 'one-to-many', target: 'Post', inverseSide: 'user' } },
});
const Post = new EntitySchema<Post>({
  name: 'Post',
  columns: {
    id: { type: 'int', primary: true, generated: 'increment' },
    title: { type: 'text' },
    price: { type: 'numeric', precision: 10, scale: 2, nullable: true },
  },
  relations: {
    user: { type: 'many-to-one', target: 'User', onDelete: 'CASCADE', inverseSide: 'posts' },
    labels: { type: 'many-to-many', target: 'Label', joinTable: true, cascade: true },
  },
});
const Label = new EntitySchema<Label>({
  name: 'Label',
  columns: { id: { type: 'int', primary: true, generated: 'increment' }, name: { type: 'citext', unique: true } },
});

class Later1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(
      new Table({
        name: 'later',
        columns: [
          { name: 'id', type: 'int', isPrimary: true, isGenerated: true },
          { name: 'span', type: 'int4range', isNullable: true },
        ],
      }),
    );
    await runner.query("ALTER TABLE later ADD COLUMN kind text NOT NULL DEFAULT 'new'");
  }
  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('later');
  }
}

async function syncing(t: Test, source: DataSource): Promise<void> {
  await source.synchronize();
  const pending = await source.driver.createSchemaBuilder().log();
  t.same(
    pending.upQueries.map((query) => query.query),
    [],
    'the database is what the entities say',
  );
  const runner = source.createQueryRunner();
  const table = await runner.getTable('user');
  t.same(
    table?.columns.map((column) => [column.name, column.type, column.isNullable]),
    [
      ['id', 'uuid', false],
      ['name', 'character varying', false],
      ['role', 'enum', false],
      ['tags', 'text', false],
      ['meta', 'jsonb', true],
      ['raw', 'bytea', true],
      ['big', 'bigint', true],
      ['born', 'date', true],
      ['made', 'timestamp with time zone', false],
      ['changed', 'timestamp with time zone', false],
      ['version', 'integer', false],
      ['gone', 'timestamp with time zone', true],
    ],
  );
  t.equal(table?.findColumnByName('meta')?.comment, "what else it's for");
  t.same(table?.findColumnByName('role')?.enum, ['admin', 'guest']);
  t.same(
    table?.checks.map((check) => check.expression),
    ['(char_length((name)::text) > 1)'],
  );
  t.equal((await runner.getTable('post'))?.foreignKeys[0]?.onDelete, 'CASCADE');
  t.ok(await runner.hasColumn('user', 'big'));
  await runner.release();
}

async function migrating(t: Test, source: DataSource): Promise<void> {
  t.same(
    (await source.runMigrations()).map((migration) => migration.name),
    ['Later1700000000000'],
  );
  t.same(await source.runMigrations(), []);
  t.same(await source.query('INSERT INTO later DEFAULT VALUES RETURNING *'), [{ id: 1, span: null, kind: 'new' }]);
  await source.undoLastMigration();
  t.same(await source.query("SELECT to_regclass('later') AS gone"), [{ gone: null }]);
}

async function rows(t: Test, source: DataSource): Promise<void> {
  const users = source.getRepository(User);
  const posts = source.getRepository(Post);
  const values = {
    name: 'Ann',
    role: 'admin' as const,
    tags: ['a,b', '"'],
    meta: { a: [1, null] },
    raw: Buffer.from([0, 255]),
    big: '9007199254740993',
    born: '2000-02-29',
  };
  const ann = await users.save(users.create(values));
  t.match(ann.id, /^[0-9a-f-]{36}$/);
  const labels = [{ name: 'Crime' }, { name: 'Short' }];
  await posts.save([
    { title: 'One', price: '9.5', user: ann, labels },
    { title: 'Two', price: '20', user: ann },
    { title: 'Three' },
  ]);
  const read = await users.findOneOrFail({
    where: { name: ILike('aN%') },
    relations: { posts: { labels: true } },
    order: { posts: { id: 'ASC' } },
  });
  t.match(read, { ...values, version: 1 });
  t.same(
    read.posts.map((post) => [post.title, post.price, post.labels.map((label) => label.name).sort()]),
    [
      ['One', '9.50', ['Crime', 'Short']],
      ['Two', '20.00', []],
    ],
  );
  t.equal(await source.getRepository(Label).countBy({ name: 'CRIME' }), 1, 'citext');
  read.tags = ['changed'];
  await users.save(read);
  t.match(await users.findOneByOrFail({ tags: ArrayContains(['changed']) }), { version: 2 });
  await users.upsert({ name: 'Bob', role: 'guest' }, ['name']);
  await users.upsert({ name: 'Bob', role: 'admin' }, ['name']);
  t.equal(await users.countBy({ role: 'admin', name: In(['Ann', 'Bob']) }), 2);
  const summed = await posts
    .createQueryBuilder('p')
    .leftJoin('p.user', 'u')
    .select('u.name', 'name')
    .addSelect('sum(p.price)', 'worth')
    .addSelect('count(*)::int', 'n')
    .groupBy('u.name')
    .orderBy('u.name', 'ASC', 'NULLS FIRST')
    .getRawMany();
  t.same(summed, [
    { name: null, worth: null, n: 1 },
    { name: 'Ann', worth: '29.50', n: 2 },
  ]);
  t.equal(await users.createQueryBuilder('u').where('u.meta @> :m', { m: '{"a":[1]}' }).getCount(), 1);
  const [page, total] = await posts.findAndCount({
    where: [{ price: MoreThan('1') }, { title: 'Three' }],
    order: { id: 'DESC' },
    take: 2,
    relations: { user: true },
  });
  t.same([page.map((post) => post.title), total], [['Three', 'Two'], 3]);
  await users.softDelete({ name: 'Bob' });
  t.same([await users.count(), await users.count({ withDeleted: true })], [1, 2]);
  const changed = await posts
    .createQueryBuilder()
    .update()
    .set({ price: () => 'price * 2' })
    .where('price IS NOT NULL')
    .returning(['title', 'price'])
    .execute();
  t.same(changed.raw.length, 2);
  await posts.increment({ title: 'One' }, 'price', 1);
  t.match(await posts.findOneBy({ title: 'One' }), { price: '20.00' });
}

async function transactions(t: Test, source: DataSource): Promise<void> {
  const undone = source.transaction('SERIALIZABLE', async (manager) => {
    await manager
      .getRepository(Post)
      .clear()
      .catch(() => {});
    await manager.getRepository(User).delete({ name: 'Ann' });
    throw new Error('no');
  });
  await t.rejects(undone, /no|abort/);
  t.equal(await source.getRepository(User).countBy({ name: 'Ann' }), 1);
  await source.transaction(async (manager) => {
    const nested = manager.transaction((inner) => inner.getRepository(User).insert({ name: 'Ann' }));
    await t.rejects(nested, { code: '23505' });
    const locked = await manager
      .getRepository(Post)
      .find({ lock: { mode: 'pessimistic_write', onLocked: 'skip_locked' } });
    t.equal(locked.length, 3);
  });
  const stream = await source.getRepository(Post).createQueryBuilder('p').orderBy('p.id').stream();
  const titles: string[] = [];
  for await (const row of stream) titles.push(JSON.parse(JSON.stringify(row)).p_title);
  t.same(titles, ['One', 'Two', 'Three']);
}

async function errors(t: Test, source: DataSource): Promise<void> {
  const users = source.getRepository(User);
  await t.rejects(users.insert({ name: 'Ann' }), {
    name: 'QueryFailedError',
    code: '23505',
    detail: 'Key (name)=(Ann) already exists.',
  });
  await t.rejects(users.insert({ name: 'x' }), { code: '23514' });
  await t.rejects(source.query('INSERT INTO "user" (name, role) VALUES ($1, $2)', ['Cid', 'boss']), { code: '22P02' });
  await t.rejects(source.query('SELECT * FROM nope'), { code: '42P01', position: '15' });
  await t.rejects(source.query('INSERT INTO post (title, "userId") VALUES ($1, gen_random_uuid())', ['x']), {
    code: '23503',
    table: 'post',
  });
}

t.test('TypeORM', (t) =>
  withTarget(async ({ host, port, user, database }) => {
    const source = new DataSource({
      type: 'postgres',
      host,
      port,
      username: user,
      database,
      entities: [User, Post, Label],
      migrations: [Later1700000000000],
      poolErrorHandler: () => {},
    });
    await source.initialize();
    try {
      await t.test('synchronize', (t) => syncing(t, source));
      await t.test('migrations', (t) => migrating(t, source));
      await t.test('rows and relations', (t) => rows(t, source));
      await t.test('transactions and streams', (t) => transactions(t, source));
      await t.test('errors', (t) => errors(t, source));
    } finally {
      await source.destroy();
    }
  }),
);
