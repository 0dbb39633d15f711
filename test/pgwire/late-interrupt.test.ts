/** A client that goes, or a request to end, just when a wait of its statement is over and the task not yet resumed. */
import { Socket } from 'node:net';
import { serialize } from 'pg-protocol';
import t from 'tap';
import { sqlError } from '../../src/errors/sql-error.js';
import { FrameReader } from '../../src/pgwire/codec/frame-reader.js';
import { MessageLoop } from '../../src/pgwire/message-loop.js';
import { Output } from '../../src/pgwire/output.js';
import { RunQueue } from '../../src/pgwire/run-queue.js';
import { SILENT_LOGGER } from '../../src/pgwire/wire-logger.js';
import type { ResultSink } from '../../src/session/result-sink.js';
import { Signal, type Task } from '../../src/util/task.js';
import { FakeSession } from './fake-session.js';

/** Waits for something, and then for the client's data, as a COPY does that has met a lock. */
class CopyingSession extends FakeSession {
  readonly lock = new Signal();
  outcome: unknown = null;

  override *query(_sql: string, sink: ResultSink): Task<void> {
    yield this.lock;
    try {
      yield* sink.readCopyData();
    } catch (error) {
      this.outcome = error;
      throw error;
    }
  }
}

function scene() {
  const session = new CopyingSession({
    user: 'u',
    database: 'd',
    settings: new Map(),
    remoteAddress: '',
    remotePort: 0,
    tls: null,
  });
  const queue = new RunQueue((error) => {
    throw error;
  });
  const frames = new FrameReader();
  // It leads nowhere.
  const socket = new Socket();
  socket.on('error', () => undefined);
  const host = {
    frames,
    output: new Output(socket, 1 << 20),
    queue,
    log: SILENT_LOGGER,
    finish: () => undefined,
    setReading: () => undefined,
  };
  const loop = new MessageLoop(host, session);
  frames.push(serialize.query('COPY'));
  loop.run();
  /** Ends the wait; `then` comes before the task goes on. */
  const release = (then: () => void): void =>
    queue.enter({
      run: () => {
        session.lock.fire();
        then();
      },
    });
  return { session, loop, release };
}

t.test('the client goes', async (t) => {
  const { session, loop, release } = scene();
  release(() => loop.disconnected());
  t.match(session.outcome, { code: '08006' });
  t.equal(session.terminated, 1);
});

t.test('a cancel request', async (t) => {
  const { session, loop, release } = scene();
  release(() => loop.cancel());
  t.match(session.outcome, { code: '57014' });
  t.equal(session.terminated, 0);
  t.equal(loop.waitEvent, null, 'the statement is over');
});

t.test('the backend is to end', async (t) => {
  const { session, loop, release } = scene();
  release(() => loop.stop(sqlError('admin_shutdown', 'terminating connection', { severity: 'FATAL' })));
  t.match(session.outcome, { code: '57P01' });
  t.equal(session.terminated, 1);
});
