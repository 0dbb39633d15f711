/**
 * A KvStore whose writes outlast a full disk and a lack of descriptors: they wait, and so do the reads of work in the
 * background (`reads`), which nobody could report a fault to. While one waits, `shortage` says so, and nobody should begin
 * what would have to be written.
 */
import type { Shortage } from '../util/shortage.js';
import { KvError, type KvErrorKind } from './kv-error.js';
import type { KvOperation, KvRange, KvReads, KvStore } from './kv-store.js';

const RETRY_MS = 500;
const SHORTAGES: Readonly<Partial<Record<KvErrorKind, Shortage['of']>>> = { full: 'space', crowded: 'descriptors' };

export class PatientStore implements KvStore {
  /** What a write waits for; null: all is well. */
  shortage: Shortage | null = null;
  private closing = false;
  /** For background work. Patient from `start` on: until then somebody waits for the store to be opened. */
  readonly reads: KvReads = { range: (range) => this.readPatiently(range) };
  private started = false;
  /** Told when `shortage` is set. */
  onShortage: () => void = () => undefined;

  constructor(
    private readonly kv: KvStore,
    private readonly name: string,
  ) {}

  getSync(key: Buffer): Buffer | undefined {
    return this.kv.getSync(key);
  }

  range(range: KvRange): Promise<[Buffer, Buffer][]> {
    return this.kv.range(range);
  }

  scan(range: KvRange, chunk?: number): AsyncIterable<[Buffer, Buffer][]> {
    return this.kv.scan(range, chunk);
  }

  write(operations: readonly KvOperation[], options?: { readonly sync?: boolean }): Promise<void> {
    return this.insist(() => this.kv.write(operations, options));
  }

  clear(range: { readonly gte: Buffer; readonly lt: Buffer }): Promise<void> {
    return this.insist(() => this.kv.clear(range));
  }

  approximateSize(gte: Buffer, lt: Buffer): Promise<number> {
    return this.kv.approximateSize(gte, lt);
  }

  resume(): Promise<boolean> {
    return this.kv.resume();
  }

  giveUp(): void {
    this.kv.giveUp();
  }

  start(): void {
    this.started = true;
  }

  private async readPatiently(range: KvRange): Promise<[Buffer, Buffer][]> {
    for (;;) {
      try {
        return await this.kv.range(range);
      } catch (error) {
        const isCrowded = error instanceof KvError && error.kind === 'crowded';
        if (!isCrowded || !this.started || this.closing) throw error;
        this.begin({ of: 'descriptors', file: this.name });
        await retryDelay();
        this.shortage = null;
      }
    }
  }

  /** From now on a shortage is a fault: nobody is left who could wait. */
  stopWaiting(): void {
    this.closing = true;
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.kv.close();
  }

  private async insist(write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await write();
        return;
      } catch (error) {
        const of = error instanceof KvError ? SHORTAGES[error.kind] : undefined;
        if (of === undefined || this.closing) throw error;
        await this.outlast({ of, file: this.name }, error);
      }
    }
  }

  private begin(shortage: Shortage): void {
    this.shortage = shortage;
    this.onShortage();
  }

  private async outlast(shortage: Shortage, error: unknown): Promise<void> {
    do {
      this.begin(shortage);
      await retryDelay();
      if (this.closing) {
        this.kv.giveUp();
        throw error;
      }
    } while (!(await this.kv.resume()));
    this.shortage = null;
  }
}

function retryDelay(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, RETRY_MS);
  });
}
