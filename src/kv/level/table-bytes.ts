/** Numbers and texts as LevelDB writes them in its files. */

/** Bytes that are not what LevelDB has at that place of a file. */
export class BadTable extends Error {
  override readonly name = 'BadTable';

  constructor(
    readonly offset: number,
    what: string,
  ) {
    super(what);
  }
}

export class ByteReader {
  /** `base`: the offset in the file that a fault is reported with. */
  constructor(
    private readonly bytes: Buffer,
    private readonly base: number,
    public at = 0,
  ) {}

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined || scale > 2 ** 63) throw new BadTable(this.base, 'a number is cut off');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  /** A length and that many bytes. */
  skipText(): void {
    const length = this.varint();
    this.at += length;
  }
}
