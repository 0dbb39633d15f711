/** Texts parsed in the worker thread: the same trees and errors as at once. */
import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { SqlError } from '../../../src/errors/sql-error.js';
import { loadParser, parseSql } from '../../../src/sql/parser/parse.js';
import { parseFar } from '../../../src/sql/parser/parse-far.js';
import { nextTurn, runTask } from '../../../src/util/task.js';

function outcomeAtOnce(sql: string): unknown {
  try {
    return parseSql(sql);
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): unknown {
  return error instanceof SqlError ? { code: error.code, message: error.message, fields: error.fields } : String(error);
}

const outcomeFar = (sql: string): Promise<unknown> => runTask(parseFar(sql)).catch(failure);

const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

const TEXTS: Record<string, string> = {
  'a long list': `SELECT 1 WHERE 1 IN (${numbers(5000).join(', ')})`,
  'a long list in each of many': numbers(300)
    .map((i) => `SELECT ${i} IN (${numbers(300).join(', ')})`)
    .join(' UNION ALL '),
  'rows with long texts': `VALUES ${numbers(300)
    .map((i) => `(${i}, '${'é'.repeat(i * 100)}')`)
    .join(', ')}`,
  'many statements': numbers(1000)
    .map((i) => `INSERT INTO t VALUES (${i}, 'ü')`)
    .join('; '),
  'a long text': `SELECT '${'x'.repeat(300_000)}' AS a;\n`,
  'a fault at the end': `SELECT '${'é'.repeat(30_000)}' FROM t WHERE 1 IN (${numbers(1000).join(', ')}`,
  'too deep': `SELECT ${'1+'.repeat(40_000)}1`,
  blanks: ' '.repeat(50_000),
};

t.before(() => loadParser());

for (const [name, sql] of Object.entries(TEXTS)) {
  t.test(name, async (t) => {
    const expected = outcomeAtOnce(sql);
    // Not t.same, which takes minutes to compare large trees.
    t.equal(JSON.stringify(await outcomeFar(sql)), JSON.stringify(expected));
  });
}

t.test('the texts of the golden files', async (t) => {
  const folder = 'test/golden';
  const files = readdirSync(folder, { recursive: true }).map(String);
  for (const file of files.filter((name) => name.endsWith('.golden'))) {
    const sql = readFileSync(`${folder}/${file}`, 'utf8');
    for (const part of sql.split(/^----$/m).slice(0, 5)) {
      if (JSON.stringify(await outcomeFar(part)) !== JSON.stringify(outcomeAtOnce(part))) t.fail(`${file}: ${part}`);
    }
  }
  t.ok(files.length > 20);
});

t.test('the event loop has its turns, and a parse that is given up leaves the next one alone', async (t) => {
  let turns = 0;
  let parsing = true;
  const parsed = runTask(parseFar(TEXTS['a long list in each of many'])).then((statements) => {
    parsing = false;
    return statements;
  });
  while (parsing) {
    await nextTurn();
    turns++;
  }
  t.equal((await parsed).length, 1);
  t.ok(turns > 90_000 / 256, 'at least one for each part of the lists');
  const abandoned = parseFar(TEXTS['a long list']);
  abandoned.next();
  abandoned.return([]);
  t.equal(JSON.stringify(await outcomeFar(TEXTS['a long text'])), JSON.stringify(parseSql(TEXTS['a long text'])));
});
