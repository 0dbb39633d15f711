/** Extension uuid-ossp: UUIDs of RFC 4122, versions 1, 3, 4 and 5, and the name spaces of its appendix C. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { uuidOfHex } from '../../../types/text/byte-codecs.js';
import { type FunctionFamily, plainFunctions } from '../registry.js';

const NAME_SPACES: Readonly<Record<string, string>> = {
  uuid_nil: '00000000-0000-0000-0000-000000000000',
  uuid_ns_dns: '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  uuid_ns_url: '6ba7b811-9dad-11d1-80b4-00c04fd430c8',
  uuid_ns_oid: '6ba7b812-9dad-11d1-80b4-00c04fd430c8',
  uuid_ns_x500: '6ba7b814-9dad-11d1-80b4-00c04fd430c8',
};

/** From 1582-10-15 to 1970-01-01: milliseconds. */
const GREGORIAN_MS = 12_219_292_800_000n;
const TICKS_PER_MS = 10_000n;
const NODE_BYTES = 6;
const MULTICAST = 1;

let lastTicks = 0n;
let sequence = randomBytes(2).readUInt16BE() & 0x3fff;

/** Ticks of 100 ns, never the same twice; the clock may step back, then the sequence changes. */
function nextTicks(): bigint {
  const now = (BigInt(Date.now()) + GREGORIAN_MS) * TICKS_PER_MS;
  if (now + TICKS_PER_MS <= lastTicks) sequence = (sequence + 1) & 0x3fff;
  lastTicks = now > lastTicks || now + TICKS_PER_MS <= lastTicks ? now : lastTicks + 1n;
  return lastTicks;
}

function timeBased(node: Buffer): string {
  const ticks = nextTicks();
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(Number(ticks & 0xffffffffn), 0);
  bytes.writeUInt16BE(Number((ticks >> 32n) & 0xffffn), 4);
  bytes.writeUInt16BE(Number((ticks >> 48n) & 0x0fffn) | 0x1000, 6);
  bytes.writeUInt16BE(sequence | 0x8000, 8);
  node.copy(bytes, 10);
  return uuidOfHex(bytes.toString('hex'));
}

function randomNode(): Buffer {
  const node = randomBytes(NODE_BYTES);
  node[0] |= MULTICAST;
  return node;
}

/** The machine's address; a random one where it has none. */
function ownNode(): Buffer {
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { mac, internal } of addresses ?? []) {
      if (!internal && mac !== '00:00:00:00:00:00') return Buffer.from(mac.replaceAll(':', ''), 'hex');
    }
  }
  return randomNode();
}

function nameBased(algorithm: 'md5' | 'sha1', version: number): (space: string, name: string) => string {
  return (space, name) => {
    const hash = createHash(algorithm)
      .update(Buffer.from(space.replaceAll('-', ''), 'hex'))
      .update(name, 'utf8');
    const bytes = hash.digest().subarray(0, 16);
    bytes[6] = (bytes[6] & 0x0f) | (version << 4);
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    return uuidOfHex(bytes.toString('hex'));
  };
}

export const uuidFunctions: FunctionFamily = plainFunctions({
  ...Object.fromEntries(Object.entries(NAME_SPACES).map(([name, value]) => [name, () => value])),
  uuid_generate_v1: () => timeBased(ownNode()),
  uuid_generate_v1mc: () => timeBased(randomNode()),
  uuid_generate_v3: nameBased('md5', 3),
  uuid_generate_v4: () => randomUUID(),
  uuid_generate_v5: nameBased('sha1', 5),
});
