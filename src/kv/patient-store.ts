/**
 * A KvStore whose writes outlast a full disk: they wait until there is space. While one waits, `fullFile` says so, and
 * nobody should begin what would have to be written.
 */
import { KvError } from './kv-error.js';
import type { KvOperation, KvRange, KvStore } from './kv-store.js';

const RETRY_MS = 500;

export class PatientStore implements KvStore {
  /** What cannot be written; null: all is well. */
  fullFile: string | null = null;
  private closing = false;
  /** Told when `fullFile` is set. */
  onFull: () => void = () => undefined;

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

  /** From now on a full disk is a fault: nobody is left who could wait for space. */
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
        if (!(error instanceof KvError) || error.kind !== 'full' || this.closing) throw error;
        await this.waitForSpace(error);
      }
    }
  }

  private async waitForSpace(error: KvError): Promise<void> {
    this.fullFile = this.name;
    this.onFull();
    do {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      if (this.closing) throw error;
    } while (!(await this.kv.resume()));
    this.fullFile = null;
  }
}
