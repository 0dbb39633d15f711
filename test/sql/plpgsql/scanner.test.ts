import t from 'tap';
import { characterAt, scan } from '../../../src/sql/plpgsql/scanner.js';

const texts = (source: string): string[] => scan(source).map(({ text }) => text);

t.test('strings, comments and dollar quotes hide what is in them', async (t) => {
  t.same(texts(`x := 'a;''b' -- ;\n|| $q$;'$q$ /* ; /* ; */ ; */ ;`), [
    'x',
    ':=',
    "'a;''b'",
    '||',
    "$q$;'$q$",
    ';',
    '',
  ]);
  t.equal(scan(String.raw`E'a\'b\n\x41'`)[0].value, "a'b\nA");
  t.equal(scan("B'101'")[0].value, '101');
});

t.test('names are folded, quoted ones are not', async (t) => {
  const [plain, quoted] = scan('FooBar "Foo""Bar"');
  t.same([plain.value, plain.quoted], ['foobar', false]);
  t.same([quoted.value, quoted.quoted], ['Foo"Bar', true]);
});

t.test('ranges, labels, assignments and parameters', async (t) => {
  t.same(texts('1..n <<l>> a[1]:=$1-1'), [
    '1',
    '..',
    'n',
    '<<',
    'l',
    '>>',
    'a',
    '[',
    '1',
    ']',
    ':=',
    '$1',
    '-',
    '1',
    '',
  ]);
  t.same(texts('a =-1'), ['a', '=', '-', '1', '']);
  t.same(texts('a @-1'), ['a', '@-', '1', '']);
});

t.test('what has no end is told where it begins', async (t) => {
  t.throws(() => scan("é 'abc"), { code: '42601', fields: { position: 3 } });
  t.throws(() => scan('/* /* */'), { code: '42601', fields: { position: 1 } });
  t.throws(() => scan('$a$ b'), { message: 'unterminated dollar-quoted string at or near "$a$ b"' });
  t.throws(() => scan('""'), { message: 'zero-length delimited identifier at or near """"' });
});

t.test('positions count characters', async (t) => {
  t.equal(characterAt('a😀b', 3), 3);
});
