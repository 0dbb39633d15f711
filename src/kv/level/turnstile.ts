/** Lets operations through, or holds new ones back until those under way have ended and something is done about the store. */
export class Turnstile {
  private inside = 0;
  private waiting: (() => void)[] | null = null;
  private emptied: (() => void) | null = null;

  get open(): boolean {
    return this.waiting === null;
  }

  /** To be followed by `leave`. */
  async enter(): Promise<void> {
    while (this.waiting !== null) {
      const { waiting } = this;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    this.inside++;
  }

  leave(): void {
    if (--this.inside === 0) this.emptied?.();
  }

  /** Holds back; ends when nobody is inside. */
  async shut(): Promise<void> {
    this.waiting ??= [];
    if (this.inside === 0) return;
    await new Promise<void>((resolve) => {
      this.emptied = resolve;
    });
    this.emptied = null;
  }

  reopen(): void {
    const waiting = this.waiting ?? [];
    this.waiting = null;
    for (const resolve of waiting) resolve();
  }
}
