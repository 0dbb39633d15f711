/**
 * Reading from a connection without the machinery of streams. Node gives every chunk that a server's connection receives
 * memory of 64 KiB and passes it through a stream's queue: about a tenth of what a point query costs. A socket that was made
 * with `onread` reads into one buffer and calls a function, but Node's servers do not make such sockets; so one is made here
 * over the accepted socket's handle.
 */
import { Socket } from 'node:net';

const READ_SIZE = 64 * 1024;

/** All sockets read into it: reading and handing out what was read are one step. Not so on Windows. */
const shared = Buffer.allocUnsafeSlow(READ_SIZE);

/** Messages are short mostly. They are copied to one chunk, one behind the other, until that is full. */
const CHUNK_SIZE = 8 * 1024;
/** Up to here a loop copies faster than the call of a built-in function. */
const SHORT = 256;

let chunk = Buffer.allocUnsafeSlow(CHUNK_SIZE);
let used = 0;

/** Gives `onBytes` memory of its own with the first bytes of the shared buffer. */
function handOut(count: number, onBytes: TakeBytes): void {
  if (count > CHUNK_SIZE / 2) {
    onBytes(Buffer.from(shared.subarray(0, count)), 0, count);
    return;
  }
  if (count > CHUNK_SIZE - used) {
    chunk = Buffer.allocUnsafeSlow(CHUNK_SIZE);
    used = 0;
  }
  const start = used;
  used += count;
  if (count > SHORT) shared.copy(chunk, start, 0, count);
  else for (let i = 0; i < count; i++) chunk[start + i] = shared[i];
  onBytes(chunk, start, used);
}

/** Gets bytes [start, end), which are its own. */
export type TakeBytes = (bytes: Buffer, start: number, end: number) => void;

/**
 * Takes over an accepted connection that is paused and has read nothing (`pauseOnConnect`). `onBytes` gets all that arrives,
 * in memory that is its own; 'end', 'error', 'close', pause() and resume() are as with any socket. Null when this Node does not
 * allow it: then the accepted socket is to be used.
 */
export function takeOver(accepted: Socket, onBytes: TakeBytes): Socket | null {
  const handle: unknown = Reflect.get(accepted, '_handle');
  if (process.platform === 'win32' || typeof handle !== 'object' || handle === null || !('useUserBuffer' in handle))
    return null;
  Reflect.set(accepted, '_handle', null);
  const options = {
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: shared,
      callback: (count: number): boolean => {
        handOut(count, onBytes);
        return true;
      },
    },
  };
  const direct = new Socket(options);
  accepted.destroy();
  return direct;
}
