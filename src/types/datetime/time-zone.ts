/**
 * Time zones by name: the offset of an instant, the instant of a local time, and the abbreviation. Names are those of
 * the zone database, in any case, or POSIX specifications. Times are seconds since 2000-01-01, offsets seconds
 * east of UTC.
 */
import { SECS_PER_DAY, USECS_PER_SEC } from './civil-calendar.js';
import { type PosixZone, parsePosixZone, posixSpanAt } from './posix-zone.js';
import { joinTimestamp, type Timestamp } from './timestamp-value.js';
import { type ZoneEntry, type ZoneOffsetName, zoneEntries } from './zone-names.js';
import { IntlSpans, type ZoneSpan } from './zone-spans.js';

export interface TimeZone {
  readonly name: string;
  /** The offset where it never changes, else null. */
  readonly fixedOffset: number | null;
  spanAt(utcSeconds: number): ZoneSpan;
  /** The abbreviation at an instant, e.g. CET, or +03. */
  abbreviationAt(utcSeconds: number): string;
  isDstAt(utcSeconds: number): boolean;
}

class FixedZone implements TimeZone {
  private readonly span: ZoneSpan;

  constructor(
    readonly name: string,
    readonly fixedOffset: number,
    private readonly abbreviation: string,
  ) {
    this.span = { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY, offset: fixedOffset };
  }

  spanAt(): ZoneSpan {
    return this.span;
  }

  abbreviationAt(): string {
    return this.abbreviation;
  }

  isDstAt(): boolean {
    return false;
  }
}

const LOCAL_MEAN_TIME: ZoneOffsetName = { abbreviation: 'LMT', isDst: false };

class NamedZone implements TimeZone {
  readonly fixedOffset = null;
  private readonly spans: IntlSpans;

  constructor(
    readonly name: string,
    private readonly entry: ZoneEntry,
  ) {
    this.spans = new IntlSpans(entry.name, localMeanTimeOf(entry));
  }

  spanAt(utcSeconds: number): ZoneSpan {
    return this.spans.spanAt(utcSeconds);
  }

  abbreviationAt(utcSeconds: number): string {
    const { offset } = this.spanAt(utcSeconds);
    const { abbreviation } = this.nameAt(utcSeconds, offset);
    return abbreviation === '' ? digitsOf(offset) : abbreviation;
  }

  isDstAt(utcSeconds: number): boolean {
    return this.nameAt(utcSeconds, this.spanAt(utcSeconds).offset).isDst;
  }

  private nameAt(utcSeconds: number, offset: number): ZoneOffsetName {
    for (const exception of this.entry.exceptions) {
      if (utcSeconds >= exception.from && utcSeconds < exception.to) return exception;
    }
    return this.entry.offsets.get(offset) ?? LOCAL_MEAN_TIME;
  }
}

/**
 * Zones such as EST5EDT and CET have no local mean time of their own, but Intl gives them that of a city: then the
 * standard offset to take instead.
 */
function localMeanTimeOf(entry: ZoneEntry): ReadonlyMap<number, ZoneOffsetName> | null {
  return /^[A-Z]{3}(?:\d[A-Z]{3})?$/.test(entry.name) ? entry.offsets : null;
}

class RuleZone implements TimeZone {
  readonly fixedOffset = null;

  constructor(
    readonly name: string,
    private readonly zone: PosixZone,
  ) {}

  spanAt(utcSeconds: number): ZoneSpan {
    return posixSpanAt(this.zone, utcSeconds);
  }

  abbreviationAt(utcSeconds: number): string {
    return posixSpanAt(this.zone, utcSeconds).name;
  }

  isDstAt(utcSeconds: number): boolean {
    return posixSpanAt(this.zone, utcSeconds).isDst;
  }
}

/** `+03`, `-0330`: how zones without a name of their own are called. */
function digitsOf(offset: number): string {
  const magnitude = Math.abs(offset);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(magnitude / 60) % 60;
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(magnitude / 3600))}${minutes === 0 ? '' : two(minutes)}`;
}

export const UTC_ZONE: TimeZone = new FixedZone('UTC', 0, 'UTC');
const FIXED_NAMES = new Set([
  'utc',
  'etc/utc',
  'gmt',
  'etc/gmt',
  'zulu',
  'etc/zulu',
  'uct',
  'etc/uct',
  'universal',
  'etc/universal',
]);
const ZONE_TEXT = /^[A-Za-z0-9_+\-/<>,.: ]+$/;
const MAX_NAME = 255;
const MAX_CACHED = 2000;

const cache = new Map<string, TimeZone | undefined>();
let recentName = 'UTC';
let recentZone: TimeZone = UTC_ZONE;

/** The zone of that name, or undefined. The same object for the same name while it is cached. */
export function findTimeZone(name: string): TimeZone | undefined {
  if (name === recentName) return recentZone;
  let zone = cache.get(name);
  if (zone === undefined && !cache.has(name)) {
    zone = makeZone(name);
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(name, zone);
  }
  if (zone !== undefined) {
    recentName = name;
    recentZone = zone;
  }
  return zone;
}

/** The zone of a session's setting. The setting was checked when it was made. */
export function sessionZone(name: string): TimeZone {
  return findTimeZone(name) ?? UTC_ZONE;
}

function makeZone(name: string): TimeZone | undefined {
  if (name.length > MAX_NAME || !ZONE_TEXT.test(name)) return undefined;
  const lower = name.toLowerCase();
  const prefix = lower.startsWith('posix/') ? 'posix/' : '';
  const entry = zoneEntries().get(lower.slice(prefix.length));
  if (entry !== undefined) return named(prefix + entry.name, entry);
  const spec = name.toUpperCase();
  const posix = parsePosixZone(spec);
  if (posix === undefined) return undefined;
  return posix.summer === null
    ? new FixedZone(spec, posix.standard.offset, posix.standard.name)
    : new RuleZone(spec, posix);
}

function named(name: string, entry: ZoneEntry): TimeZone {
  const { name: base, offsets } = entry;
  const [[offset, { abbreviation }]] = offsets;
  if (FIXED_NAMES.has(base.toLowerCase())) return new FixedZone(name, 0, abbreviation);
  if (offsets.size === 1 && base.startsWith('Etc/')) {
    return new FixedZone(name, offset, abbreviation === '' ? digitsOf(offset) : abbreviation);
  }
  try {
    return new NamedZone(name, entry);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return new FixedZone(name, offset, abbreviation);
  }
}

/**
 * The offset that applies to a local time. A time that a change skips takes the offset before it, a time that occurs
 * twice the later one, as PostgreSQL does.
 */
export function offsetOfLocal(zone: TimeZone, localSeconds: number): number {
  if (zone.fixedOffset !== null) return zone.fixedOffset;
  const dayBefore = localSeconds - SECS_PER_DAY;
  let span = zone.spanAt(dayBefore);
  const { offset } = span;
  while (span.end <= localSeconds + SECS_PER_DAY) {
    const boundary = span.end;
    span = zone.spanAt(boundary);
    if (span.offset === offset) continue;
    const before = localSeconds - offset;
    const after = localSeconds - span.offset;
    if (before < boundary && after < boundary) return offset;
    if (before > boundary && after >= boundary) return span.offset;
    return before > after ? offset : span.offset;
  }
  return offset;
}

/** Local day and microseconds to the instant, without a check of the range. */
export function utcOfLocal(zone: TimeZone, day: number, time: number): Timestamp {
  const offset = zone.fixedOffset ?? offsetOfLocal(zone, day * SECS_PER_DAY + Math.floor(time / USECS_PER_SEC));
  return joinTimestamp(day, time - offset * USECS_PER_SEC);
}

/** The offset at an instant given as day and microseconds. */
export function offsetAt(zone: TimeZone, day: number, time: number): number {
  return zone.fixedOffset ?? zone.spanAt(day * SECS_PER_DAY + Math.floor(time / USECS_PER_SEC)).offset;
}
