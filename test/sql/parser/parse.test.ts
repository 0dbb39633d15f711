/** The parser's limits: texts that are too deep cost one statement, however often they come. */
import t from 'tap';
import { SqlError } from '../../../src/errors/sql-error.js';
import { loadParser, parseSql } from '../../../src/sql/parser/parse.js';

function codeOf(sql: string): string {
  try {
    parseSql(sql);
    return 'parsed';
  } catch (error) {
    return error instanceof SqlError ? error.code : String(error);
  }
}

t.test('texts that are too deep', async (t) => {
  await loadParser();
  // Two hundred: an instance of the grammar that ran out of stack a few dozen times once never came back.
  for (let i = 0; i < 200; i++) {
    if (codeOf(`select ${'1+'.repeat(40_000)}1`) !== '54001') t.fail(`round ${i}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.equal(codeOf(`select ${'1+'.repeat(40_000)}1`), '54001');
  t.equal(codeOf(`select ${'('.repeat(100_000)}`), '42601', "the grammar's own limit");
  t.equal(codeOf('select 1'), 'parsed');
});

t.test('without a turn of the event loop in between', async (t) => {
  await loadParser();
  for (let i = 0; i < 200; i++) {
    if (codeOf(`select ${'1+'.repeat(40_000)}1`) !== '54001') t.fail(`round ${i}`);
  }
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(codeOf('select 1'), 'parsed', 'usable again');
});

t.test('a large text takes memory only while it is parsed', async (t) => {
  await loadParser();
  t.equal(parseSql(`select 1 in (${'1,'.repeat(300_000)}1)`).length, 1);
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(codeOf('select 1 from'), '42601');
  t.equal(codeOf(`select '${'\n'.repeat(5000)}'`), 'parsed');
  t.equal(codeOf(' '.repeat(5000)), 'parsed', 'blanks only');
});
