/**
 * Fuzzer of the wire on the whole server: a sound conversation with bytes changed, lost and put in, in chunks that end
 * anywhere. No internal error may come back, no session stay behind, and another connection goes on. FUZZ_RUNS and
 * FUZZ_SEED widen the search.
 */
import { connect } from 'node:net';
import fc from 'fast-check';
import { serialize } from 'pg-protocol';
import t from 'tap';
import { startTestServer } from '../test-server.js';
import { describe, ScriptClient } from './protocol-script.js';

const RUNS = Number(process.env.FUZZ_RUNS ?? 250);
const SEED = Number(process.env.FUZZ_SEED ?? 4711);

const PARTS: readonly Buffer[] = [
  serialize.query('SELECT 1, $$x$$'),
  serialize.parse({ name: 's', text: 'SELECT $1::int4 + 1, $2::text, $3::bytea', types: [23] }),
  serialize.bind({ portal: 'p', statement: 's', values: ['1', 'ü', null] }),
  serialize.describe({ type: 'S', name: 's' }),
  serialize.describe({ type: 'P', name: 'p' }),
  serialize.execute({ portal: 'p', rows: 1 }),
  serialize.close({ type: 'P', name: 'p' }),
  serialize.flush(),
  serialize.sync(),
  serialize.query('BEGIN; CREATE TEMP TABLE held (a int, b text) ON COMMIT DROP'),
  serialize.query('COPY held FROM STDIN'),
  serialize.copyData(Buffer.from('1\tx\n2\ty\n')),
  serialize.copyDone(),
  serialize.query('COPY held TO STDOUT (FORMAT csv)'),
  serialize.query('COMMIT'),
  serialize.query('SELECT 1 / 0'),
  serialize.parse({ text: "INSERT INTO pg_temp.held VALUES ($1, 'z') RETURNING *" }),
  serialize.bind({ values: ['7'] }),
  serialize.execute({}),
  serialize.sync(),
];

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const edit = fc.record({
  kind: fc.constantFrom('change', 'lose', 'put in', 'length'),
  at: place,
  bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function applyEdit(stream: Buffer, { kind, at, bytes }: Edit): Buffer {
  const place = Math.floor(at * stream.length);
  switch (kind) {
    case 'change':
      return Buffer.concat([stream.subarray(0, place), bytes, stream.subarray(place + bytes.length)]);
    case 'lose':
      return Buffer.concat([stream.subarray(0, place), stream.subarray(place + bytes.length)]);
    case 'put in':
      return Buffer.concat([stream.subarray(0, place), bytes, stream.subarray(place)]);
    default: {
      const changed = Buffer.from(stream);
      if (place + 4 <= changed.length) changed.writeInt32BE((bytes[0] << 24) | bytes[0], place);
      return changed;
    }
  }
}

const conversation = fc.record({
  parts: fc.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 14 }),
  startupToo: fc.boolean(),
  edits: fc.array(edit, { maxLength: 4 }),
  cuts: fc.array(place, { maxLength: 6 }),
});
type Conversation = typeof conversation extends fc.Arbitrary<infer T> ? T : never;

function chunksOf({ parts, startupToo, edits, cuts }: Conversation): Buffer[] {
  const startup = serialize.startup({ user: 'orbit', database: 'actors' });
  const changed = edits.reduce(applyEdit, Buffer.concat(startupToo ? [startup, ...parts] : parts));
  const stream = startupToo ? changed : Buffer.concat([startup, changed]);
  const places = [0, ...cuts.map((cut) => Math.floor(cut * stream.length)).sort((a, b) => a - b), stream.length];
  return places.slice(1).map((end, i) => stream.subarray(places[i], end));
}

/** Sends the chunks one by one, closes the sending side, and gives back everything that comes. */
function converse(port: number, chunks: readonly Buffer[]): Promise<string> {
  return new Promise((resolve) => {
    const heard: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', async () => {
      for (const chunk of chunks) {
        if (!socket.writable) break;
        socket.write(chunk);
        await new Promise((next) => setImmediate(next));
      }
      socket.end();
    });
    socket.on('data', (chunk: Buffer) => heard.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(heard).toString('latin1')));
  });
}

t.test('changed conversations', async (t) => {
  const server = await startTestServer();
  const steady = await ScriptClient.open({ host: '127.0.0.1', port: server.port, user: 'orbit', database: 'actors' });
  t.teardown(() => server.stop());
  const ask = async (sql: string): Promise<string> => {
    steady.send(serialize.query(sql));
    return (await steady.until('readyForQuery')).map(describe).join('\n');
  };
  const faults: string[] = [];
  for (const sample of fc.sample(conversation, { numRuns: RUNS, seed: SEED })) {
    const chunks = chunksOf(sample);
    const answer = await converse(server.port, chunks);
    if (answer.includes('CXX000')) faults.push(Buffer.concat(chunks).toString('latin1'));
  }
  t.same(faults, []);
  let left = '';
  for (let i = 0; i < 300 && !left.includes('dataRow ["1"]'); i++) {
    left = await ask('SELECT count(*) FROM pg_stat_activity');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  t.match(left, 'dataRow ["1"]', 'no session is left');
  steady.destroy();
});
