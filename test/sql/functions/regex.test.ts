/** Regular expressions that would hang a backtracking matcher, and what compiled patterns remember. */
import t from 'tap';
import { SqlError } from '../../../src/errors/sql-error.js';
import { compileRegex } from '../../../src/sql/functions/regex/regex.js';
import { haveAllTime } from '../../../src/util/effort.js';

const LONG = `${'a'.repeat(5000)}b`;

t.test('hostile patterns end', async (t) => {
  t.notOk(compileRegex('^(a+)+$').test(LONG), 'nested quantifiers');
  t.notOk(compileRegex('^(a+)+$').test(`${LONG}😀`), 'with characters of two units');
  t.equal(compileRegex('(x+x+)+y').exec(LONG, 0), null, 'search with groups');
  t.notOk(compileRegex('(a|a)*c').test(LONG), 'ambiguous alternatives');
});

t.test('patterns that no automaton matches give up', async (t) => {
  const error = { code: '54000', message: 'regular expression failed: regular expression is too complex' };
  t.throws(() => compileRegex('^(a+)+\\1$').test(`${'a'.repeat(40)}b`), error, 'back reference');
  t.throws(() => compileRegex('^(?=(a+)+$)x').test(`${'a'.repeat(40)}b`), error, 'look-ahead');
  t.throws(() => compileRegex('(a{1,200}){1,200}$').test(`${'a'.repeat(40)}b`), error, 'large counts');
});

t.test('matches', async (t) => {
  t.same(compileRegex('(b)(x)?').exec('a😀b', 0), { start: 3, end: 4, groups: ['b', 'b', null] });
  t.same(compileRegex('(b)(x)?').groupSpan('a😀b', 0, 1), [3, 4]);
  t.equal(compileRegex('abc'), compileRegex('abc'), 'compiled once');
  t.throws(() => compileRegex('a**'), SqlError);
});

t.test('long texts, in a thread that has all time', async (t) => {
  haveAllTime();
  const text = `${'12345 é '.repeat(40_000)}6x`;
  const regex = compileRegex('(\\d+)(x)');
  const at = text.length - 2;
  t.same(regex.exec(text, 0), { start: at, end: at + 2, groups: ['6x', '6', 'x'] });
  t.same(regex.exec(`😀${text}`, 0), { start: at + 2, end: at + 4, groups: ['6x', '6', 'x'] });
  t.equal(regex.exec(text.slice(0, -1), 0), null);
  t.notOk(compileRegex('^(a+)+$').test(LONG), 'the automaton is still there for short ones');
});
