/** Pages to bytes and back: the bytes of version 1, any choice of slots, and damage. */
import fc from 'fast-check';
import t from 'tap';
import { RowCorruption } from '../../src/encoding/datum-codec.js';
import { decodePage, encodePage } from '../../src/encoding/page-codec.js';
import type { Row } from '../../src/types/datum.js';
import { crc32c } from '../../src/util/crc32c.js';

const LIMIT = 1 << 20;

function empty(slots: number): (Row | null)[] {
  return new Array<Row | null>(slots).fill(null);
}

function encoded(rows: readonly (Row | null)[]): Buffer {
  const bytes = encodePage(rows, LIMIT);
  if (bytes === null) throw new Error('more than the limit');
  return bytes;
}

t.test('the bytes of version 1', async (t) => {
  const rows = empty(256);
  rows[1] = [1];
  rows[9] = [null, 'a'];
  const body = Buffer.from(`01800202${'0202'}${'00'.repeat(30)}01030202000601${'61'}`, 'hex');
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32c(body));
  t.same(encoded(rows), Buffer.concat([body, checksum]));
});

t.test('rows come back in their slots, and other slots are left alone', async (t) => {
  const row = fc.array(fc.oneof(fc.integer(), fc.string(), fc.constant(null)), { maxLength: 5 });
  fc.assert(
    fc.property(fc.array(fc.option(row), { minLength: 256, maxLength: 256 }), (rows) => {
      const found: (Row | null)[] = new Array<Row>(256).fill(['before']);
      decodePage(encoded(rows), found);
      t.same(
        found,
        rows.map((one) => one ?? ['before']),
      );
    }),
    { numRuns: 30 },
  );
  const full = Array.from({ length: 256 }, (_, i): Row => [i, `row ${i}`]);
  const found = empty(256);
  decodePage(encoded(full), found);
  t.same(found, full, 'all slots');
});

t.test('a page beyond the limit is not encoded', async (t) => {
  const rows = Array.from({ length: 256 }, (): Row => ['x'.repeat(100)]);
  t.equal(encodePage(rows, 20_000), null);
  t.not(encodePage(rows, 30_000), null);
});

t.test('damage anywhere is found', async (t) => {
  const rows = empty(256);
  rows[0] = [1, 'text'];
  rows[255] = [2, 'more text'];
  const bytes = encoded(rows);
  for (let at = 0; at < bytes.length; at++) {
    for (const mask of [1, 0x80]) {
      const damaged = Buffer.from(bytes);
      damaged[at] ^= mask;
      t.throws(() => decodePage(damaged, empty(256)), RowCorruption, `byte ${at} ^ ${mask}`);
    }
    t.throws(() => decodePage(bytes.subarray(0, at), empty(256)), RowCorruption, `the first ${at} bytes`);
  }
});

t.test('a structure that no server writes is refused, whatever the checksum says', async (t) => {
  const seal = (hex: string): Buffer => {
    const body = Buffer.from(hex, 'hex');
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32c(body));
    return Buffer.concat([body, checksum]);
  };
  t.throws(() => decodePage(seal('02'), empty(8)), { name: 'RowCorruption', message: /version 2/ });
  t.throws(() => decodePage(seal('010800'), empty(256)), RowCorruption, 'another number of slots');
  t.throws(() => decodePage(seal('010809'), empty(8)), RowCorruption, 'more rows than slots');
  t.throws(() => decodePage(seal('01080200'), empty(8)), RowCorruption, 'fewer bits than rows');
  t.throws(() => decodePage(seal('0108010100' + '00'), empty(8)), RowCorruption, 'bytes left over');
});
