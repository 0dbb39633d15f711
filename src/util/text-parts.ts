/**
 * A long text that grows piece by piece. Pieces are joined to flat parts as they come: a text of a million
 * concatenations is a tree of a million objects, which the collector moves and which the first look at a character turns into a text in one go.
 */

/** A text is joined as it comes as long as it is short: most of them stay so. */
const SHORT = 1024;
/** Characters and pieces that make a part. */
const PART_LENGTH = 64 * 1024;
const PART_PIECES = 2048;

export class TextParts {
  private joined = '';
  private pieces: string[] = [];
  private pending = 0;

  add(piece: string): void {
    if (this.joined.length < SHORT) {
      this.joined += piece;
      return;
    }
    this.pending += piece.length;
    if (this.pieces.push(piece) >= PART_PIECES || this.pending >= PART_LENGTH) this.join();
  }

  /** Everything so far; more may be added. */
  get text(): string {
    if (this.pieces.length > 0) this.join();
    return this.joined;
  }

  private join(): void {
    this.joined += this.pieces.join('');
    this.pieces = [];
    this.pending = 0;
  }
}
