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

/** LevelDB stores checksums in another form, so that checksums of what has checksums in it are none (crc32c.h). */
export function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
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
  text(): Buffer {
    const length = this.varint();
    const start = this.at;
    this.at += length;
    if (this.at > this.bytes.length) throw new BadTable(this.base, 'a text is cut off');
    return this.bytes.subarray(start, this.at);
  }
}
