import fc from 'fast-check';
import { serialize } from 'pg-protocol';
import t from 'tap';
import { SqlError } from '../../../src/errors/sql-error.js';
import { FrameReader, FramingError } from '../../../src/pgwire/codec/frame-reader.js';

/** Feeds the pieces and returns every frame as type and body. */
function readAll(reader: FrameReader, pieces: readonly Buffer[]): [string, string][] {
  const frames: [string, string][] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (let type = reader.next(); type !== 0; type = reader.next()) {
      frames.push([String.fromCharCode(type), reader.body().toString('latin1')]);
    }
  }
  return frames;
}

const STREAM = Buffer.concat([
  serialize.query('select 1'),
  serialize.parse({ name: 'p', text: 'select $1', types: [23] }),
  serialize.sync(),
  serialize.copyData(Buffer.alloc(300, 'x')),
  serialize.flush(),
]);
const EXPECTED = readAll(new FrameReader(), [Buffer.from(STREAM)]);

t.test('frames of one chunk', async (t) => {
  t.equal(EXPECTED.map(([type]) => type).join(''), 'QPSdH');
  t.equal(EXPECTED[0][1], 'select 1\0');
  t.equal(EXPECTED[3][1].length, 300);
});

t.test('any split into two, and byte by byte', async (t) => {
  for (let i = 0; i <= STREAM.length; i++) {
    const frames = readAll(new FrameReader(), [Buffer.from(STREAM.subarray(0, i)), Buffer.from(STREAM.subarray(i))]);
    if (JSON.stringify(frames) !== JSON.stringify(EXPECTED)) t.fail(`split at ${i}`);
  }
  t.same(
    readAll(
      new FrameReader(),
      Array.from(STREAM, (byte) => Buffer.from([byte])),
    ),
    EXPECTED,
  );
});

t.test('any split at all', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: STREAM.length }), { maxLength: 12 }), (cuts) => {
      const sorted = [0, ...cuts.sort((a, b) => a - b), STREAM.length];
      const pieces = sorted.slice(1).map((end, i) => Buffer.from(STREAM.subarray(sorted[i], end)));
      return JSON.stringify(readAll(new FrameReader(), pieces)) === JSON.stringify(EXPECTED);
    }),
  );
});

t.test('bodies handed out stay as they are while more arrives', async (t) => {
  const reader = new FrameReader();
  const bodies: Buffer[] = [];
  for (let i = 0; i < 200; i++) {
    const message = serialize.query(`select ${i} ${'x'.repeat(i)}`);
    for (let at = 0; at < message.length; at += 7) {
      reader.push(Buffer.from(message.subarray(at, at + 7)));
      if (reader.next() !== 0) bodies.push(reader.body());
    }
  }
  t.equal(bodies.length, 200);
  t.ok(bodies.every((body, i) => body.toString() === `select ${i} ${'x'.repeat(i)}\0`));
});

t.test('random bytes end in an error or in frames, never in more memory than came', async () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 20 }), (pieces) => {
      const reader = new FrameReader();
      let total = 0;
      try {
        for (const piece of pieces) {
          total += piece.length;
          reader.push(Buffer.from(piece));
          while (reader.next() !== 0) {
            if (reader.bodyEnd > reader.buffer.length || reader.bodyStart > reader.bodyEnd) return false;
          }
        }
      } catch (error) {
        return error instanceof FramingError || (error instanceof SqlError && error.code === '08P01');
      }
      return reader.buffer.length <= 4 * total;
    }),
    { numRuns: 500 },
  );
});

t.test('lengths', async (t) => {
  const framed = (type: string, length: number): FrameReader => {
    const reader = new FrameReader();
    const header = Buffer.alloc(5);
    header.write(type, 0, 'latin1');
    header.writeInt32BE(length, 1);
    reader.push(header);
    return reader;
  };
  t.throws(() => framed('Q', 3).next(), FramingError);
  t.throws(() => framed('Q', -1).next(), FramingError);
  t.throws(() => framed('Q', 0x7fffffff).next(), FramingError);
  // PostgreSQL's limits are on the length word, which counts itself.
  t.throws(() => framed('S', 10_001).next(), FramingError, 'a message that holds only a name');
  t.equal(framed('S', 10_000).next(), 0);
  t.throws(() => framed('d', 0x3fffffff).next(), FramingError);
  const large = framed('d', 0x3ffffffe);
  t.equal(large.next(), 0, 'a gigabyte announced is no gigabyte allocated');
  t.equal(large.buffer.length, 5);
  t.match(
    catchError(() => framed('y', 4).next()),
    {
      code: '08P01',
      severity: 'FATAL',
      message: 'invalid frontend message type 121',
    },
  );
  const late = framed('p', 0x7fffffff);
  t.throws(() => late.next(), FramingError, 'a password');
  late.isAuthenticated = true;
  t.match(
    catchError(() => late.next()),
    { code: '08P01', message: 'invalid frontend message type 112' },
    'after the authentication',
  );
  const small = new FrameReader(100);
  small.push(serialize.query('x'.repeat(200)));
  t.throws(() => small.next(), FramingError, 'the configured limit');
});

t.test('startup packets', async (t) => {
  const packet = serialize.startup({ user: 'u', database: 'd' });
  for (let i = 0; i < packet.length; i++) {
    const reader = new FrameReader();
    reader.push(Buffer.from(packet.subarray(0, i)));
    t.notOk(reader.nextStartup());
    reader.push(Buffer.concat([packet.subarray(i), serialize.sync()]));
    t.ok(reader.nextStartup());
    t.equal(reader.body().length, packet.length - 4);
    t.equal(reader.next(), 0x53);
  }
  for (const bytes of ['GET / HTTP/1.1\r\n\r\n', '\x16\x03\x01\x00\xf0\x01', '\0\0\0\x07', '\0\0\x27\x11']) {
    const reader = new FrameReader();
    reader.push(Buffer.from(bytes, 'latin1'));
    t.throws(() => reader.nextStartup(), FramingError);
  }
});

function catchError(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

t.test('chunks that lie in larger memory', async (t) => {
  const messages = [serialize.query('SELECT 1'), serialize.query('SELECT 2'), serialize.query('SELECT 3')];
  const memory = Buffer.concat([Buffer.from('before'), ...messages, Buffer.from('behind')]);
  const last = memory.length - 'behind'.length;
  for (let cut = 'before'.length; cut <= last; cut++) {
    const frames = new FrameReader();
    const bodies: string[] = [];
    for (const [start, end] of [
      ['before'.length, cut],
      [cut, last],
    ]) {
      frames.push(memory, start, end);
      while (frames.next() !== 0) bodies.push(frames.body().toString());
    }
    t.same(bodies, ['SELECT 1\0', 'SELECT 2\0', 'SELECT 3\0'], `cut at ${cut}`);
    t.equal(frames.pending, 0);
  }
});
