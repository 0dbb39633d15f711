/** Imports point down only (docs/architecture.md): the table of allowed arrows between folders, and no circles. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import t from 'tap';

/** A folder may import itself, and the folders listed. */
const ALLOWED: Record<string, readonly string[]> = {
  errors: [],
  util: ['errors'],
  config: ['errors', 'util'],
  types: ['errors', 'util'],
  encoding: ['errors', 'util', 'types'],
  kv: ['errors', 'util'],
  wal: ['errors', 'util'],
  storage: ['errors', 'util', 'types', 'encoding', 'kv', 'wal'],
  catalog: ['errors', 'util', 'types', 'encoding', 'storage'],
  'sql/parser': ['errors', 'util'],
  'sql/plpgsql': ['errors', 'types', 'catalog', 'sql/parser', 'sql/binder'],
  'sql/functions': ['errors', 'util', 'types'],
  'sql/plan': ['errors', 'util', 'types', 'storage', 'catalog'],
  'sql/binder': ['errors', 'util', 'types', 'storage', 'catalog', 'sql/parser', 'sql/functions', 'sql/plan'],
  'sql/deparse': ['errors', 'util', 'types', 'catalog', 'sql/parser', 'sql/plan', 'sql/binder'],
  'sql/optimizer': ['errors', 'util', 'types', 'catalog', 'sql/plan'],
  exec: ['errors', 'util', 'types', 'encoding', 'storage', 'catalog', 'sql/functions', 'sql/plan'],
  ddl: [
    'errors',
    'util',
    'types',
    'storage',
    'catalog',
    'sql/parser',
    'sql/plpgsql',
    'sql/functions',
    'sql/plan',
    'sql/binder',
    'sql/deparse',
    'exec',
  ],
  session: [
    'check',
    'errors',
    'util',
    'types',
    'storage',
    'catalog',
    'sql/parser',
    'sql/plpgsql',
    'sql/functions',
    'sql/plan',
    'sql/binder',
    'sql/optimizer',
    'sql/deparse',
    'exec',
    'ddl',
  ],
  'pgwire/codec': ['errors', 'util', 'types'],
  pgwire: ['errors', 'util', 'types', 'session', 'pgwire/codec'],
  check: ['errors', 'util', 'types', 'storage', 'catalog', 'exec'],
  server: ['errors', 'util', 'config', 'session', 'pgwire', 'storage', 'kv', 'wal', 'check'],
};

const FOLDERS = Object.keys(ALLOWED).sort((a, b) => b.length - a.length);

function folderOf(path: string): string | undefined {
  return FOLDERS.find((folder) => path.startsWith(`${folder}/`));
}

function sourceFiles(): string[] {
  return readdirSync('src', { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.ts'));
}

/** Modules that a file imports at run time or for types, relative to src. */
function importsOf(file: string): string[] {
  const text = readFileSync(join('src', file), 'utf8');
  return [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '(\.[^']+)'/gms)].map((match) =>
    relative('src', join('src', dirname(file), match[1])),
  );
}

t.test('imports point down', async (t) => {
  for (const file of sourceFiles()) {
    const from = folderOf(file);
    t.ok(from !== undefined, `${file} is in a known folder`);
    if (from === undefined) continue;
    for (const target of importsOf(file)) {
      const to = folderOf(target);
      if (to === from) continue;
      t.ok(to !== undefined && ALLOWED[from].includes(to), `${file} imports ${target}`);
    }
  }
});

t.test('the table has no circle', async (t) => {
  const state = new Map<string, 'open' | 'done'>();
  const visit = (folder: string, path: readonly string[]): void => {
    if (state.get(folder) === 'done') return;
    t.not(state.get(folder), 'open', `no circle at ${[...path, folder].join(' -> ')}`);
    if (state.get(folder) === 'open') return;
    state.set(folder, 'open');
    for (const next of ALLOWED[folder]) visit(next, [...path, folder]);
    state.set(folder, 'done');
  };
  for (const folder of FOLDERS) visit(folder, []);
});

t.test('classic-level is imported in one folder', async (t) => {
  const users = sourceFiles().filter((file) =>
    readFileSync(join('src', file), 'utf8').includes("from 'classic-level'"),
  );
  t.same(users, ['kv/level/level-store.ts']);
});
