/** Paths named in documents exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';

function documents(): string[] {
  const below = (directory: string): string[] =>
    readdirSync(directory, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(directory, name));
  return ['README.md', 'CHANGELOG.md', ...below('docs'), ...below('src')];
}

t.test('paths in documents', async (t) => {
  for (const path of documents()) {
    const text = readFileSync(path, 'utf8');
    for (const [, link] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^https?:/.test(link)) continue;
      t.ok(existsSync(join(dirname(path), link)), `${path}: ${link}`);
    }
    for (const [, named] of text.matchAll(/`((?:src|test|bin|docs|bench|data|config)\/[\w./-]+)`/g)) {
      t.ok(existsSync(named), `${path}: ${named}`);
    }
  }
});
