/** inet and cidr values: an address of 32 or 128 bits and the length of its network prefix; and their text. */

export type Family = 4 | 6;

export class Inet {
  constructor(
    readonly family: Family,
    readonly address: bigint,
    /** Length of the prefix: 0 to 32 or 128. */
    readonly bits: number,
  ) {}

  get width(): number {
    return this.family === 4 ? 32 : 128;
  }

  /** Ones where the network is. */
  get netmask(): bigint {
    return ((1n << BigInt(this.bits)) - 1n) << BigInt(this.width - this.bits);
  }

  get hostmask(): bigint {
    return (1n << BigInt(this.width - this.bits)) - 1n;
  }

  get network(): bigint {
    return this.address & this.netmask;
  }

  /** The address without the prefix length. */
  host(): string {
    return this.family === 4 ? formatV4(this.address) : formatV6(this.address);
  }

  /** Networks by their common bits, then by length of prefix, then by address; IPv4 first. */
  compare(other: Inet): number {
    if (this.family !== other.family) return this.family - other.family;
    const shift = BigInt(this.width - Math.min(this.bits, other.bits));
    const a = this.address >> shift;
    const b = other.address >> shift;
    if (a !== b) return a < b ? -1 : 1;
    if (this.bits !== other.bits) return this.bits - other.bits;
    return this.address < other.address ? -1 : this.address > other.address ? 1 : 0;
  }

  /** Whether the other's network lies within this one's, or is the same. */
  contains(other: Inet): boolean {
    if (this.family !== other.family || this.bits > other.bits) return false;
    const shift = BigInt(this.width - this.bits);
    return this.address >> shift === other.address >> shift;
  }
}

function formatV4(address: bigint): string {
  const value = Number(address);
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

function formatV6(address: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => Number((address >> BigInt(112 - i * 16)) & 0xffffn));
  const run = longestZeroRun(groups);
  if (run.start === 0 && (run.length === 6 || (run.length === 5 && groups[5] === 0xffff))) {
    return `::${run.length === 5 ? 'ffff:' : ''}${formatV4(address & 0xffffffffn)}`;
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (run.length < 2) return text(groups);
  return `${text(groups.slice(0, run.start))}::${text(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let i = 0; i < groups.length; i++) {
    let end = i;
    while (end < groups.length && groups[end] === 0) end++;
    if (end - i > best.length) best = { start: i, length: end - i };
    if (end > i) i = end;
  }
  return best;
}

const V4 = /^(\d{1,3})(?:\.(\d{1,3}))?(?:\.(\d{1,3}))?(?:\.(\d{1,3}))?$/;

/** Reads an IPv4 address; fewer than four numbers only where `short` is allowed. Null when it is none. */
export function parseV4(text: string, short: boolean): { address: bigint; bytes: number } | null {
  const match = V4.exec(text);
  if (match === null) return null;
  const numbers = match.slice(1).filter((part) => part !== undefined);
  if ((!short && numbers.length < 4) || numbers.some((part) => Number(part) > 255)) return null;
  let address = 0n;
  for (let i = 0; i < 4; i++) address = (address << 8n) | BigInt(numbers[i] ?? 0);
  return { address, bytes: numbers.length };
}

const GROUP = /^[0-9a-fA-F]{1,4}$/;

export function parseV6(text: string): bigint | null {
  let source = text;
  const tail = source.lastIndexOf(':');
  if (source.includes('.')) {
    const v4 = parseV4(source.slice(tail + 1), false);
    if (v4 === null) return null;
    source = `${source.slice(0, tail + 1)}${(v4.address >> 16n).toString(16)}:${(v4.address & 0xffffn).toString(16)}`;
  }
  const halves = source.split('::');
  if (halves.length > 2) return null;
  const [front, back] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - front.length - (back?.length ?? 0);
  if (back === undefined ? missing !== 0 : missing < 1) return null;
  const groups = back === undefined ? front : [...front, ...Array<string>(missing).fill('0'), ...back];
  if (!groups.every((group) => GROUP.test(group))) return null;
  return groups.reduce((address, group) => (address << 16n) | BigInt(`0x${group}`), 0n);
}
