/** Large jsonb values go in and out in slices: the same values and errors as small ones, and others have their turn. */
import pg from 'pg';
import t from 'tap';
import { JsonbArray } from '../../src/types/json/jsonb.js';
import { jsonbCodec } from '../../src/types/json/jsonb-codec.js';
import { formatJsonb, JsonbFormatting } from '../../src/types/json/jsonb-format.js';
import { JsonbParsing, parseJsonb } from '../../src/types/json/jsonb-parser.js';
import { nextTurn, runTask } from '../../src/util/task.js';
import { types } from '../exec/harness.js';
import { startTestServer } from '../test-server.js';

const ELEMENTS = 20_000;
const items = Array.from({ length: ELEMENTS }, (_, i) => ({ id: i, text: `é "${i}"`, none: null, list: [i, [], {}] }));
const TEXT = JSON.stringify(items);

t.test('step by step', async (t) => {
  for (const text of [
    '1',
    '"x"',
    '[]',
    '{}',
    '{"b":[1,{"a":[[],{}]}],"a":{"c":null},"b":2}',
    JSON.stringify(items.slice(0, 3)),
  ]) {
    for (const steps of [1, 2, 3, 100]) {
      const parsing = new JsonbParsing(text);
      while (!parsing.advance(steps));
      t.equal(formatJsonb(parsing.node), formatJsonb(parseJsonb(text)), text);
      if (!(parsing.node instanceof JsonbArray)) continue;
      const formatting = new JsonbFormatting(parsing.node);
      while (!formatting.advance(steps));
      t.equal(formatting.text, formatJsonb(parsing.node));
    }
  }
});

t.test('a long text gives way', async (t) => {
  const { slow } = jsonbCodec;
  if (slow === undefined) throw new Error('jsonb is read at once');
  let turns = 0;
  let busy = true;
  const done = runTask(slow.parse(`[${Array(20).fill(TEXT).join(',')}]`, types)).then((node) => {
    t.ok(slow.isLarge(node));
    return runTask(slow.format(node, types));
  });
  void done.then(() => {
    busy = false;
  });
  while (busy) {
    await nextTurn();
    turns++;
  }
  t.ok(turns > 10);
  t.equal((await done).length, 20 * formatJsonb(parseJsonb(TEXT)).length + 2 * 19 + 2);
});

t.test('through a connection', async (t) => {
  const server = await startTestServer();
  const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  await client.connect();
  t.teardown(async () => {
    await client.end();
    await server.stop();
  });
  await client.query('CREATE TABLE docs (id int PRIMARY KEY, j jsonb CHECK (j IS NOT NULL), k jsonb)');
  const literal = `'${TEXT.replaceAll("'", "''")}'`;
  await client.query('INSERT INTO docs VALUES ($1, $2, $3)', [1, TEXT, '{"small": 1}']);
  await client.query(`INSERT INTO docs VALUES (2, ${literal}, ${literal}::text::jsonb), (3, '[]', NULL)`);
  await client.query(`UPDATE docs SET j = ${literal} WHERE id = 3`);
  const { rows } = await client.query('SELECT id, j, k FROM docs ORDER BY id');
  // With the keys in jsonb's order.
  const whole = JSON.stringify(JSON.parse(formatJsonb(parseJsonb(TEXT))));
  t.same(
    rows.map((row) => [row.id, JSON.stringify(row.j) === whole, JSON.stringify(row.k) === whole]),
    [
      [1, true, false],
      [2, true, true],
      [3, true, false],
    ],
  );
  t.same(rows[0].k, { small: 1 });
  const texts = await client.query('SELECT j::text AS a, length(max(j::text))::int AS b FROM docs GROUP BY j');
  t.equal(texts.rows.length, 1);
  t.equal(texts.rows[0].a, formatJsonb(parseJsonb(TEXT)));
  t.equal(texts.rows[0].b, texts.rows[0].a.length);

  const { rows: arrays } = await client.query({
    text: 'SELECT array_agg(i), array_agg(i)::text, array_agg(i) = $1 FROM generate_series(1, 20000) i',
    values: [`{${Array.from({ length: 20_000 }, (_, i) => i + 1).join(',')}}`],
    rowMode: 'array',
  });
  t.equal(`{${arrays[0][0].join(',')}}`, arrays[0][1]);
  t.equal(arrays[0][0].length, 20_000);
  t.equal(arrays[0][2], true);

  const broken = `${TEXT.slice(0, -1)},oops]`;
  const error = { code: '22P02', message: 'invalid input syntax for type json', detail: 'Token "oops" is invalid.' };
  await t.rejects(client.query(`SELECT '${broken}'::jsonb`), { ...error, position: '8' });
  await t.rejects(client.query('SELECT $1::jsonb', [broken]), error);
  await t.rejects(client.query('SELECT $1::text::jsonb', [broken]), error);
  await client.query('SET statement_timeout = 1');
  await t.rejects(client.query('SELECT $1::jsonb', [TEXT]), { code: '57014' });
});
