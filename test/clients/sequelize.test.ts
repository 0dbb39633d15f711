/** Sequelize: sync, associations, types, transactions, introspection, errors. Holds for PostgreSQL as well (target.ts). Without enums, which it makes with DO blocks. */
import { DataTypes, Op, QueryTypes, Sequelize, Transaction } from 'sequelize';
import t, { type Test } from 'tap';
import { withTarget } from './target.js';

function define(sequelize: Sequelize) {
  const Author = sequelize.define(
    'author',
    {
      name: { type: DataTypes.STRING(60), allowNull: false, unique: true },
      token: { type: DataTypes.UUID, defaultValue: DataTypes.UUIDV4 },
      meta: DataTypes.JSONB,
      tags: { type: DataTypes.ARRAY(DataTypes.TEXT), defaultValue: [] },
      span: DataTypes.RANGE(DataTypes.INTEGER),
      raw: DataTypes.BLOB,
      big: DataTypes.BIGINT,
      born: DataTypes.DATEONLY,
    },
    { indexes: [{ fields: ['meta'], using: 'gin' }, { fields: ['born', 'name'] }] },
  );
  const Book = sequelize.define(
    'book',
    { title: { type: DataTypes.TEXT, allowNull: false, comment: 'as printed' }, price: DataTypes.DECIMAL(8, 2) },
    { timestamps: false },
  );
  const Genre = sequelize.define('genre', { name: { type: DataTypes.CITEXT, unique: true } }, { timestamps: false });
  Author.hasMany(Book, { foreignKey: 'authorId', onDelete: 'CASCADE' });
  Book.belongsTo(Author, { foreignKey: 'authorId' });
  const BookGenre = sequelize.define('book_genre', {}, { timestamps: false });
  Book.belongsToMany(Genre, { through: BookGenre });
  Genre.belongsToMany(Book, { through: BookGenre });
  return { Author, Book, Genre, BookGenre };
}
type Models = ReturnType<typeof define>;

async function syncing(t: Test, sequelize: Sequelize): Promise<void> {
  await sequelize.query('CREATE EXTENSION IF NOT EXISTS citext');
  await sequelize.sync({ force: true });
  await sequelize.sync({ alter: true });
  const meta = sequelize.getQueryInterface();
  t.same((await meta.showAllTables()).sort(), ['authors', 'book_genres', 'books', 'genres']);
  t.match(await meta.describeTable('authors'), {
    id: { type: 'INTEGER', allowNull: false, primaryKey: true, defaultValue: 'nextval(authors_id_seq::regclass)' },
    name: { type: 'CHARACTER VARYING(60)', allowNull: false },
    span: { type: 'INT4RANGE' },
    tags: { type: 'ARRAY' },
    meta: { type: 'JSONB' },
  });
  t.match(await meta.describeTable('books'), { title: { comment: 'as printed' }, price: { type: 'NUMERIC' } });
  const indexes = await meta.showIndex('authors');
  t.ok(JSON.stringify(indexes).includes('"name":"authors_born_name"'));
  t.match(await meta.getForeignKeyReferencesForTable('books'), [
    {
      columnName: 'authorId',
      referencedTableName: 'authors',
      referencedColumnName: 'id',
      constraintName: 'books_authorId_fkey',
    },
  ]);
  await meta.addColumn('books', 'pages', { type: DataTypes.INTEGER, allowNull: false, defaultValue: 3 });
  await meta.changeColumn('books', 'pages', { type: DataTypes.BIGINT });
  await meta.renameColumn('books', 'pages', 'leaves');
  t.match(await meta.describeTable('books'), { leaves: { type: 'BIGINT', defaultValue: null } });
  await meta.removeColumn('books', 'leaves');
  t.match(await sequelize.databaseVersion(), /^15\./);
}

async function rows(t: Test, { Author, Book, Genre, BookGenre }: Models): Promise<void> {
  const values = {
    name: 'Ann',
    meta: { a: [1, { b: null }] },
    tags: ['x', 'y,z'],
    span: [1, 5],
    raw: Buffer.from([0, 255]),
    big: '9007199254740993',
    born: '2000-02-29',
  };
  const ann = await Author.create(values);
  t.match(ann.get(), { id: 1, name: 'Ann', tags: ['x', 'y,z'], big: '9007199254740993' });
  await Book.bulkCreate([
    { title: 'One', price: '9.5', authorId: ann.get('id') },
    { title: 'Two', price: '20', authorId: ann.get('id') },
    { title: 'Three' },
  ]);
  const read = await Author.findOne({
    where: { meta: { [Op.contains]: { a: [1] } } },
    include: Book,
    order: [[Book, 'title', 'DESC']],
  });
  t.match(read?.get({ plain: true }), {
    meta: values.meta,
    raw: values.raw,
    born: '2000-02-29',
    span: [
      { value: 1, inclusive: true },
      { value: 5, inclusive: false },
    ],
    books: [
      { title: 'Two', price: '20.00' },
      { title: 'One', price: '9.50' },
    ],
  });
  t.equal(await Author.count({ where: { tags: { [Op.overlap]: ['y,z'] }, span: { [Op.contains]: 4 } } }), 1);
  t.equal(await Book.count({ where: { title: { [Op.iLike]: 't%' }, price: { [Op.or]: [null, { [Op.gt]: 10 }] } } }), 2);
  const [again, made] = await Author.findOrCreate({ where: { name: 'Ann' } });
  t.same([again.get('id'), made], [1, false]);
  const [upserted] = await Author.upsert({ name: 'Ann', tags: ['new'] });
  t.same([upserted.get('id'), upserted.get('tags')], [1, ['new']]);
  const [changed, changedRows] = await Book.update({ price: '1' }, { where: { title: 'One' }, returning: true });
  t.same([changed, changedRows[0]?.get('price')], [1, '1.00']);
  await Book.increment({ price: 2 }, { where: { title: 'One' } });
  const summed = await Book.sum('price');
  t.equal(Number(summed), 23);
  const page = await Book.findAndCountAll({ limit: 1, offset: 1, order: ['id'] });
  t.same([page.count, page.rows.map((book) => book.get('title'))], [3, ['Two']]);
  const genre = await Genre.create({ name: 'Crime' });
  t.equal(await Genre.count({ where: { name: 'CRIME' } }), 1, 'citext');
  await BookGenre.bulkCreate([
    { bookId: 1, genreId: genre.get('id') },
    { bookId: 2, genreId: genre.get('id') },
  ]);
  const withGenres = await Book.findAll({ include: { model: Genre, required: true }, order: ['id'] });
  t.same(
    withGenres.map((book) => [book.get('title'), JSON.stringify(book.get('genres')).length > 10]),
    [
      ['One', true],
      ['Two', true],
    ],
  );
}

async function transactions(t: Test, sequelize: Sequelize, { Author, Book }: Models): Promise<void> {
  const undone = sequelize.transaction(async (transaction) => {
    await Book.destroy({ where: {}, transaction });
    throw new Error('no');
  });
  await t.rejects(undone, /no/);
  t.equal(await Book.count(), 3);
  const options = { isolationLevel: Transaction.ISOLATION_LEVELS.SERIALIZABLE };
  await sequelize.transaction(options, async (transaction) => {
    const locked = await Book.findAll({ lock: transaction.LOCK.UPDATE, skipLocked: true, transaction });
    t.equal(locked.length, 3);
    const inner = sequelize.transaction({ transaction }, (nested) =>
      Author.create({ name: 'Ann' }, { transaction: nested }),
    );
    await t.rejects(inner, { name: 'SequelizeUniqueConstraintError' });
    await Book.update({ price: '4' }, { where: { title: 'Three' }, transaction });
  });
  t.equal(await Book.count({ where: { price: 4 } }), 1, 'a failed savepoint leaves the transaction');
}

async function errors(t: Test, sequelize: Sequelize, { Author, Book }: Models): Promise<void> {
  await t.rejects(Author.create({ name: 'Ann' }), {
    name: 'SequelizeUniqueConstraintError',
    fields: { name: 'Ann' },
    parent: { code: '23505' },
  });
  await t.rejects(Book.create({ title: 'x', authorId: 99 }), {
    name: 'SequelizeForeignKeyConstraintError',
    index: 'books_authorId_fkey',
    parent: { code: '23503' },
  });
  await t.rejects(sequelize.query('SELECT * FROM nope'), {
    name: 'SequelizeDatabaseError',
    parent: { code: '42P01', position: '15' },
  });
  await t.rejects(sequelize.query('INSERT INTO books (title) VALUES (null)'), {
    name: 'SequelizeDatabaseError',
    parent: { code: '23502', column: 'title' },
  });
  t.same(await sequelize.query('SELECT :a::int + :b AS n', { replacements: { a: 1, b: 2 }, type: QueryTypes.SELECT }), [
    { n: 3 },
  ]);
}

t.test('Sequelize', (t) =>
  withTarget(async ({ host, port, user, database }) => {
    const sequelize = new Sequelize({ dialect: 'postgres', host, port, username: user, database, logging: false });
    const models = define(sequelize);
    try {
      await t.test('sync and introspection', (t) => syncing(t, sequelize));
      await t.test('rows and associations', (t) => rows(t, models));
      await t.test('transactions', (t) => transactions(t, sequelize, models));
      await t.test('errors', (t) => errors(t, sequelize, models));
    } finally {
      await sequelize.close();
    }
  }),
);
