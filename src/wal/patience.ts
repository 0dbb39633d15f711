/** Waits out what may pass by itself: a full disk, or too few descriptors to open a file with. */
import { type Shortage, shortageOf } from '../util/shortage.js';

/** How long to wait before space, or a descriptor, is looked for again. */
const RETRY_MS = 300;

export class Patience {
  private readonly waits = new Set<Shortage>();
  /** False: a shortage is a fault, because nobody is there yet, or any more, who could wait for its end. */
  isPatient = false;

  /** What is being waited for. Null: all is well. */
  get shortage(): Shortage | null {
    if (this.waits.size === 0) return null;
    const [first] = this.waits;
    return first;
  }

  /**
   * Does `work`, again after a while when it meets a shortage (of the kind `only`, if that is given). `file` is what the
   * work is about. REQUIRES: work that failed so has changed nothing. @throws other faults
   */
  async outlast<T>(file: string, work: () => Promise<T>, only?: Shortage['of']): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const of = shortageOf(error);
        if (of === null || (only !== undefined && of !== only) || !this.isPatient) throw error;
        const shortage = { of, file };
        this.waits.add(shortage);
        await new Promise((resolve) => {
          setTimeout(resolve, RETRY_MS);
        });
        this.waits.delete(shortage);
      }
    }
  }
}
