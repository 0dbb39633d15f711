import t from 'tap';
import { joinedNames, makeObjectName } from '../../src/ddl/object-names.js';

t.test('names are joined by underscores', async (t) => {
  t.equal(makeObjectName('t', 'a', 'key'), 't_a_key');
  t.equal(makeObjectName('t', null, 'pkey'), 't_pkey');
});

t.test('the longer name loses its end first', async (t) => {
  const name = makeObjectName('t'.repeat(40), 'c'.repeat(50), 'fkey');
  t.equal(Buffer.byteLength(name), 63);
  t.match(name, /^t{29}_c{28}_fkey$|^t{28}_c{29}_fkey$/);
  t.equal(makeObjectName('short', 'c'.repeat(80), 'idx'), `short_${'c'.repeat(53)}_idx`);
});

t.test('a character is never cut in two', async (t) => {
  const name = makeObjectName('é'.repeat(40), null, 'pkey');
  t.ok(Buffer.byteLength(name) <= 63);
  t.notOk(name.includes('\ufffd'));
});

t.test('joined column names end at the longest name', async (t) => {
  t.equal(joinedNames(['a', 'b', 'c']), 'a_b_c');
  t.equal(Buffer.byteLength(joinedNames(['x'.repeat(60), 'y'.repeat(60)])), 63);
});
