/** The table of tags in types/stored-form.ts and the registered forms agree. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { storedForms } from '../../src/encoding/stored-forms.js';

const SOURCE = new URL('../../../src/types/stored-form.ts', import.meta.url);

t.test('each tag has the class that the table gives it', async (t) => {
  const documented = new Map<number, string>();
  for (const [, tag, name] of readFileSync(SOURCE, 'utf8').matchAll(/\| (1[6-9]|[2-9]\d) +\| (\w+) /g))
    documented.set(Number(tag), name);
  t.ok(documented.size >= 10);
  const registered = new Map(storedForms.map(({ tag, type }) => [tag, type === undefined ? '' : type.name]));
  for (const [tag, name] of documented)
    t.equal(registered.get(tag), name === 'JSON_NULL' ? 'JsonNull' : name, `tag ${tag}`);
  t.equal(registered.size, documented.size);
});

t.test('no tag and no class occurs twice', async (t) => {
  t.equal(new Set(storedForms.map(({ tag }) => tag)).size, storedForms.length);
  t.equal(new Set(storedForms.map(({ type }) => type)).size, storedForms.length);
});
