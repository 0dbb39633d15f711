/**
 * Time zones given as POSIX specifications: `FOO5`, `<+03>-03`, `PST8PDT`, `CET-1CEST,M3.5.0,M10.5.0/3`. Offsets in the
 * specification are west of UTC; a zone with summer time and no rules has those of the United States.
 */
import {
  CivilDate,
  civilFromDays,
  dayOfWeek,
  daysFromCivil,
  daysInMonth,
  isLeapYear,
  SECS_PER_DAY,
} from './civil-calendar.js';

interface Rule {
  readonly kind: 'month' | 'julian' | 'zero';
  readonly month: number;
  readonly week: number;
  readonly day: number;
  /** Local time of the change in seconds. */
  readonly time: number;
}

export interface PosixZone {
  readonly standard: { readonly name: string; readonly offset: number };
  /** `null` without summer time. Offsets are seconds east of UTC. */
  readonly summer: { readonly name: string; readonly offset: number; readonly from: Rule; readonly to: Rule } | null;
}

const CHANGE_AT = 7200;
const UNITED_STATES = ',M3.2.0,M11.1.0';

/** Reads a specification; undefined when it is none. */
export function parsePosixZone(text: string): PosixZone | undefined {
  const reader = new SpecReader(text);
  const name = reader.name();
  if (name === undefined) return undefined;
  const west = reader.time();
  if (west === undefined) return undefined;
  const standard = { name, offset: 0 - west };
  if (reader.done) return { standard, summer: null };
  const summerName = reader.name();
  if (summerName === undefined) return undefined;
  let summerWest: number | undefined = west - 3600;
  if (!reader.done && !reader.at(',')) summerWest = reader.time();
  if (summerWest === undefined) return undefined;
  const rules = reader.done ? new SpecReader(UNITED_STATES) : reader;
  const from = rules.rule();
  const to = rules.rule();
  if (from === undefined || to === undefined || !rules.done) return undefined;
  return { standard, summer: { name: summerName, offset: 0 - summerWest, from, to } };
}

class SpecReader {
  private position = 0;
  constructor(private readonly text: string) {}

  get done(): boolean {
    return this.position >= this.text.length;
  }

  at(character: string): boolean {
    return this.text[this.position] === character;
  }

  /** Only the first name may be empty. */
  name(): string | undefined {
    const isFirst = this.position === 0;
    const rest = this.text.slice(this.position);
    const quoted = /^<([^>]*)>/.exec(rest);
    const found = quoted ?? /^[^0-9,+-]*/.exec(rest);
    if (found === null) return undefined;
    this.position += found[0].length;
    const name = quoted === null ? found[0] : quoted[1];
    return name.length > 0 || isFirst ? name : undefined;
  }

  /** `[+-]hh[:mm[:ss]]` in seconds. */
  time(): number | undefined {
    const found = /^([+-]?)(\d+)(?::(\d+))?(?::(\d+))?/.exec(this.text.slice(this.position));
    if (found === null) return undefined;
    this.position += found[0].length;
    if (this.at(':')) return undefined;
    const hours = Number(found[2]);
    const minutes = Number(found[3] ?? 0);
    const seconds = Number(found[4] ?? 0);
    if (hours > 167 || minutes > 59 || seconds > 60) return undefined;
    const total = hours * 3600 + minutes * 60 + seconds;
    return found[1] === '-' ? 0 - total : total;
  }

  /** `,Mm.w.d[/time]`, `,Jn[/time]` or `,n[/time]`. */
  rule(): Rule | undefined {
    const found = /^,(?:M(\d+)\.(\d+)\.(\d+)|(J?)(\d+))/.exec(this.text.slice(this.position));
    if (found === null) return undefined;
    this.position += found[0].length;
    let time: number | undefined = CHANGE_AT;
    if (this.at('/')) {
      this.position++;
      time = this.time();
    }
    if (time === undefined) return undefined;
    if (found[1] === undefined) {
      const day = Number(found[5]);
      const kind = found[4] === 'J' ? 'julian' : 'zero';
      if (day > (kind === 'zero' ? 365 : 366) || (kind === 'julian' && day < 1)) return undefined;
      return { kind, month: 0, week: 0, day, time };
    }
    const [month, week, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
    if (month < 1 || month > 12 || week < 1 || week > 5 || day > 6) return undefined;
    return { kind: 'month', month, week, day, time };
  }
}

function ruleDay(rule: Rule, year: number): number {
  if (rule.kind === 'zero') return daysFromCivil(year, 1, 1) + rule.day;
  if (rule.kind === 'julian')
    return daysFromCivil(year, 1, 1) + rule.day - (isLeapYear(year) && rule.day >= 60 ? 0 : 1);
  const first = daysFromCivil(year, rule.month, 1);
  let day = first + ((rule.day - dayOfWeek(first) + 7) % 7) + (rule.week - 1) * 7;
  if (day >= first + daysInMonth(year, rule.month)) day -= 7;
  return day;
}

export interface PosixSpan {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
  readonly name: string;
  readonly isDst: boolean;
}

/** The stretch of one offset around an instant (seconds since 2000-01-01 UTC). */
export function posixSpanAt(zone: PosixZone, seconds: number): PosixSpan {
  const { standard, summer } = zone;
  if (summer === null) {
    return { start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY, ...standard, isDst: false };
  }
  const year = civilFromDays(Math.floor(seconds / SECS_PER_DAY), new CivilDate()).year;
  const changes: { at: number; isDst: boolean }[] = [];
  for (let y = year - 1; y <= year + 1; y++) {
    changes.push({ at: ruleDay(summer.from, y) * SECS_PER_DAY + summer.from.time - standard.offset, isDst: true });
    changes.push({ at: ruleDay(summer.to, y) * SECS_PER_DAY + summer.to.time - summer.offset, isDst: false });
  }
  changes.sort((a, b) => a.at - b.at);
  let index = changes.length - 2;
  while (index > 0 && changes[index].at > seconds) index--;
  const { isDst } = changes[index];
  const { name, offset } = isDst ? summer : standard;
  return { start: changes[index].at, end: changes[index + 1].at, offset, name, isDst };
}
