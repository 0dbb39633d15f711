/** Records the outcomes of all session scripts anew from a real PostgreSQL (connection from PGHOST, PGPORT, …). */
import { writeFileSync } from 'node:fs';
import { inFreshDatabase } from '../golden/fresh-database.js';
import { goldenFiles } from '../golden/golden-file.js';
import { SessionRunner } from './session-runner.js';
import { readSessionScript, type SessionCase, writeSessionScript } from './session-script.js';

const only = process.argv[2];

for (const path of goldenFiles('test/golden-sessions')) {
  if (only !== undefined && !path.includes(only)) continue;
  await inFreshDatabase(async (database) => {
    const runner = await SessionRunner.connect({ database });
    const { setup, cases } = readSessionScript(path);
    const recorded: SessionCase[] = [];
    try {
      for (const one of cases) {
        await runner.prepare(setup);
        const outcomes = await runner.run(one);
        recorded.push({ ...one, steps: one.steps.map((step, i) => ({ ...step, expected: outcomes[i] })) });
      }
    } finally {
      await runner.close();
    }
    writeFileSync(path, writeSessionScript({ setup, cases: recorded }));
    process.stdout.write(`${path}: ${recorded.length} cases\n`);
  });
}
