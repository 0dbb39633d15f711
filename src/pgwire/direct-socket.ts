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

/**
 * Takes over an accepted connection that is paused and has read nothing (`pauseOnConnect`). `onBytes` gets all that arrives,
 * in memory that is its own; 'end', 'error', 'close', pause() and resume() are as with any socket. Null when this Node does not
 * allow it: then the accepted socket is to be used.
 */
export function takeOver(accepted: Socket, onBytes: (bytes: Buffer) => void): Socket | null {
  const handle: unknown = Reflect.get(accepted, '_handle');
  if (process.platform === 'win32' || typeof handle !== 'object' || handle === null || !('useUserBuffer' in handle))
    return null;
  Reflect.set(accepted, '_handle', null);
  const options = {
    handle,
    allowHalfOpen: true,
    onread: {
      buffer: shared,
      callback: (count: number, buffer: Uint8Array): boolean => {
        onBytes(Buffer.from(buffer.subarray(0, count)));
        return true;
      },
    },
  };
  const direct = new Socket(options);
  accepted.destroy();
  return direct;
}
