/**
 * Offsets of a named zone through history, asked from Intl and kept: time is cut into chunks of a year, and a chunk's
 * changes are found once, by samples and halving. Times are seconds since 2000-01-01 UTC, offsets seconds east of UTC.
 */

/** A stretch of time with one offset; cut at the borders of chunks. */
export interface ZoneSpan {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}

const CHUNK = 31557600;
const SAMPLE = 4 * 86400;
const UNIX_EPOCH_SECONDS = 946684800;
/** Before 1800 zones have their first offset, which is local mean time. */
const FIRST = -6311433600;
/** From here on (2500) history repeats every 400 years. */
const LAST = 15778476000;
const CYCLE = 146097 * 86400;
const MAX_CHUNKS = 2000;

export class IntlSpans {
  private readonly format: Intl.DateTimeFormat;
  private readonly chunks = new Map<number, ZoneSpan[]>();
  private readonly first: ZoneSpan;
  private recent: ZoneSpan;

  private readonly standard: number;

  /**
   * With `known` offsets, any other that Intl gives is replaced by the zone's standard one. Throws RangeError when Intl
   * does not know the zone.
   */
  constructor(
    name: string,
    private readonly known: ReadonlyMap<number, { readonly isDst: boolean }> | null = null,
  ) {
    this.format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset', hour: 'numeric' });
    this.standard = known === null ? 0 : ([...known].find(([, { isDst }]) => !isDst)?.[0] ?? 0);
    this.first = { start: Number.NEGATIVE_INFINITY, end: FIRST, offset: this.ask(FIRST) };
    this.recent = this.first;
  }

  spanAt(seconds: number): ZoneSpan {
    const { recent } = this;
    if (seconds >= recent.start && seconds < recent.end) return recent;
    if (seconds >= LAST) return this.repeated(seconds);
    this.recent = seconds < FIRST ? this.first : this.find(seconds);
    return this.recent;
  }

  private repeated(seconds: number): ZoneSpan {
    const shift = (Math.floor((seconds - LAST) / CYCLE) + 1) * CYCLE;
    const span = this.find(seconds - shift);
    return { start: span.start + shift, end: span.end + shift, offset: span.offset };
  }

  private find(seconds: number): ZoneSpan {
    const index = Math.floor(seconds / CHUNK);
    let chunk = this.chunks.get(index);
    if (chunk === undefined) {
      chunk = this.load(index);
      if (this.chunks.size >= MAX_CHUNKS) this.chunks.clear();
      this.chunks.set(index, chunk);
    }
    let at = chunk.length - 1;
    while (chunk[at].start > seconds) at--;
    return chunk[at];
  }

  private load(index: number): ZoneSpan[] {
    const end = (index + 1) * CHUNK;
    const spans: ZoneSpan[] = [];
    let start = index * CHUNK;
    let previous = start;
    let offset = this.ask(start);
    while (previous < end) {
      const sample = Math.min(previous + SAMPLE, end);
      const here = this.ask(sample === end ? end - 1 : sample);
      if (here === offset) {
        previous = sample;
        continue;
      }
      const change = this.changeBetween(previous, sample === end ? end - 1 : sample, offset);
      spans.push({ start, end: change, offset });
      start = change;
      previous = change;
      offset = this.ask(change);
    }
    spans.push({ start, end, offset });
    return spans;
  }

  /** First second in (low, high] whose offset is not `offset`. REQUIRES that `high` is such. */
  private changeBetween(low: number, high: number, offset: number): number {
    let same = low;
    let other = high;
    while (other - same > 1) {
      const middle = Math.floor((same + other) / 2);
      if (this.ask(middle) === offset) same = middle;
      else other = middle;
    }
    return other;
  }

  private ask(seconds: number): number {
    const offset = this.read(seconds);
    return this.known === null || this.known.has(offset) ? offset : this.standard;
  }

  /** Reads the offset from the end of e.g. `4 PM GMT+00:53:28`. */
  private read(seconds: number): number {
    const text = this.format.format((seconds + UNIX_EPOCH_SECONDS) * 1000);
    const at = text.lastIndexOf('GMT') + 3;
    if (at >= text.length) return 0;
    const [hours, minutes = '0', rest = '0'] = text.slice(at + 1).split(':');
    const magnitude = Number(hours) * 3600 + Number(minutes) * 60 + Number(rest);
    return text[at] === '-' || text[at] === '\u2212' ? 0 - magnitude : magnitude;
  }
}
