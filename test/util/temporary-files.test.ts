/** Temporary files: what was written comes back, whoever shares the file, and descriptors stay within their share. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { runTask } from '../../src/util/task.js';
import { TemporaryFiles } from '../../src/util/temporary-files.js';

function directory(t: Test): string {
  const made = mkdtempSync(join(tmpdir(), 'orbit-tmp-'));
  t.teardown(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

t.test('more files than their share of descriptors', async (t) => {
  const path = directory(t);
  const files = new TemporaryFiles(path, 2);
  const used = Array.from({ length: 7 }, () => files.make());
  t.equal(files.descriptors, 2);
  t.same(readdirSync(path), [], 'they have no names');
  const places = await Promise.all(used.map((file, i) => runTask(file.append(Buffer.alloc(1000 * (i + 1), i)))));
  const more = await Promise.all(used.map((file, i) => runTask(file.append(Buffer.alloc(10, i + 100)))));
  used.forEach((file, i) => {
    t.ok(file.read(places[i], 1000 * (i + 1)).every((byte) => byte === i));
    t.ok(file.read(more[i], 10).every((byte) => byte === i + 100));
  });
  for (const file of used.slice(2)) file.close();
  t.equal(files.descriptors, 2);
  t.equal(used[0].read(places[0], 1)[0], 0, 'others have left the file');
  used[0].close();
  used[0].close();
  t.equal(files.descriptors, 1);
  const next = files.make();
  t.equal(files.descriptors, 2);
  next.close();
  used[1].close();
  t.equal(files.descriptors, 0);
});

t.test('closed while it is written', async (t) => {
  const files = new TemporaryFiles(directory(t), 2);
  const file = files.make();
  const written = runTask(file.append(Buffer.alloc(1 << 20)));
  file.close();
  t.equal(files.descriptors, 1);
  await written;
  t.equal(files.descriptors, 0);
});

t.test('new users join the smallest file', async (t) => {
  const files = new TemporaryFiles(directory(t), 2);
  const [large, small] = [files.make(), files.make()];
  await runTask(large.append(Buffer.alloc(100)));
  await runTask(small.append(Buffer.alloc(10)));
  const third = files.make();
  t.equal(await runTask(third.append(Buffer.alloc(1))), 10);
  for (const file of [large, small, third]) file.close();
});

t.test('what a killed process has left is removed', async (t) => {
  const path = directory(t);
  writeFileSync(join(path, 'tmp-1-1'), 'x');
  writeFileSync(join(path, 'kept'), 'x');
  TemporaryFiles.clear(path);
  t.same(readdirSync(path), ['kept']);
  TemporaryFiles.clear(join(path, 'missing'));
});

t.test('a directory that cannot be made', async (t) => {
  const path = directory(t);
  writeFileSync(join(path, 'file'), 'x');
  t.throws(() => new TemporaryFiles(join(path, 'file'), 1).make(), { code: '58030', message: /could not create/ });
});
