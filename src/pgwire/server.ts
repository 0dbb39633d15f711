/**
 * The listening end of the wire: accepts connections, counts them, closes them at shutdown.
 */
import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { sqlError } from '../errors/sql-error.js';
import { BackendRegistry } from './backend-registry.js';
import { Connection, type ConnectionShared } from './connection.js';
import { RunQueue } from './run-queue.js';
import { DEFAULTS, type PgWireOptions } from './wire-options.js';

/** As pg_ctl stop: wait for clients to leave, send them away, or drop them. */
export type ShutdownMode = 'smart' | 'fast' | 'immediate';

const KEEPALIVE_DELAY_MS = 60_000;
const BACKLOG = 512;

export class PgWireServer {
  readonly registry = new BackendRegistry();
  private readonly listeners: Server[] = [];
  private readonly connections = new Set<Connection>();
  private readonly maxConnections: number;
  private readonly maxSockets: number;
  private readonly shared: ConnectionShared;
  private closing = false;
  private whenEmpty: (() => void) | null = null;

  constructor(options: PgWireOptions) {
    this.maxConnections = options.maxConnections ?? DEFAULTS.maxConnections;
    this.maxSockets = options.maxSockets ?? this.maxConnections * 2 + 100;
    const log = options.log ?? DEFAULTS.log;
    this.shared = {
      options,
      log,
      queue: new RunQueue((error) => log.error({ err: error }, 'connection failed')),
      registry: this.registry,
      mockSecret: options.mockAuthenticationSecret ?? randomBytes(32),
      admit: () => this.admit(),
    };
  }

  /**
   * Listens on TCP, or, when `host` is a directory (begins with a slash), on the Unix socket `.s.PGSQL.<port>` in
   * it. May be called more than once. Rejects with the system's error (EADDRINUSE, …).
   */
  listen(host: string, port: number): Promise<AddressInfo> {
    const server = createServer(
      {
        allowHalfOpen: true,
        pauseOnConnect: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEPALIVE_DELAY_MS,
      },
      this.accept,
    );
    const path = host.startsWith('/') ? `${host}/.s.PGSQL.${port}` : null;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(path === null ? { host, port, backlog: BACKLOG } : { path, backlog: BACKLOG }, () => {
        server.removeListener('error', reject);
        server.on('error', (error) => this.shared.log.error({ err: error }, 'listener failed'));
        this.listeners.push(server);
        const address = server.address();
        if (address !== null && typeof address === 'object') resolve(address);
        else resolve({ address: path ?? host, family: 'unix', port });
      });
    });
  }

  /** Accepts no more, ends the connections there are, and resolves when the last is gone. */
  async close(mode: ShutdownMode = 'fast'): Promise<void> {
    this.closing = true;
    const closed = this.listeners
      .splice(0)
      .map((listener) => new Promise<void>((resolve) => listener.close(() => resolve())));
    if (mode !== 'smart') {
      for (const connection of [...this.connections]) {
        if (mode === 'immediate') connection.destroy();
        else connection.stop(adminShutdown());
      }
    }
    if (this.connections.size > 0) {
      await new Promise<void>((resolve) => {
        const previous = this.whenEmpty;
        this.whenEmpty = () => {
          previous?.();
          resolve();
        };
      });
    }
    await Promise.all(closed);
  }

  private readonly accept = (socket: Socket): void => {
    // Sockets that never get through startup must not pile up either.
    if (this.connections.size >= this.maxSockets) {
      socket.destroy();
      return;
    }
    const connection = new Connection(socket, this.shared, this.forget);
    this.connections.add(connection);
  };

  private readonly forget = (connection: Connection): void => {
    this.connections.delete(connection);
    if (this.connections.size === 0) this.whenEmpty?.();
  };

  private admit(): void {
    if (this.closing) {
      throw sqlError('cannot_connect_now', 'the database system is shutting down', { severity: 'FATAL' });
    }
    if (this.registry.size >= this.maxConnections) {
      throw sqlError('too_many_connections', 'sorry, too many clients already', { severity: 'FATAL' });
    }
  }
}

function adminShutdown(): ReturnType<typeof sqlError> {
  return sqlError('admin_shutdown', 'terminating connection due to administrator command', { severity: 'FATAL' });
}
