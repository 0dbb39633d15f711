/** Rows to bytes and back: every form of value, the bytes of version 1 as they were released, and damage. */
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { RowCorruption } from '../../src/encoding/datum-codec.js';
import { decodeRow, encodeRow, rowBytes } from '../../src/encoding/row-codec.js';
import { BitString } from '../../src/types/bits/bit-string.js';
import { Interval } from '../../src/types/datetime/interval.js';
import { TimeTz } from '../../src/types/datetime/timetz.js';
import { type Datum, normalizeInt8, PgArray, PgRecord, type Row } from '../../src/types/datum.js';
import { JSON_NULL, JsonbArray, JsonbObject } from '../../src/types/json/jsonb.js';
import { Inet } from '../../src/types/network/inet.js';
import { Numeric } from '../../src/types/numeric/numeric.js';
import { EMPTY_RANGE, Multirange, Range } from '../../src/types/range/range.js';
import { ByteWriter } from '../../src/util/byte-writer.js';
import { crc32c } from '../../src/util/crc32c.js';

const numerics: Numeric[] = [
  Numeric.NaN,
  Numeric.INFINITY,
  Numeric.NEGATIVE_INFINITY,
  new Numeric(0, 16383),
  new Numeric(-Number.MAX_SAFE_INTEGER, 5),
  Numeric.of(2n ** 53n, 0),
  Numeric.of(-(10n ** 500n), 300),
];

const objects: object[] = [
  ...numerics,
  new Interval(-14, 3, 1),
  new Interval(0, 0, -(2n ** 62n)),
  new TimeTz(86_400_000_000, -50_400),
  JSON_NULL,
  JsonbObject.fromPairs(['b', 'a'], [new JsonbArray([1, 'x', true, JSON_NULL]), Numeric.of(10n ** 30n, 2)]),
  BitString.fromBits('10110'),
  BitString.EMPTY,
  new Inet(4, 3_232_235_777n, 24),
  new Inet(6, 2n ** 127n + 1n, 128),
  EMPTY_RANGE,
  new Range(1, null, true, false),
  new Multirange([new Range(numerics[4], numerics[3], false, true)]),
  new PgArray(25, [2, 2], [-1, 0], ['a', null, 'ü', '']),
  new PgArray(23, [], [], []),
  new PgRecord(2249, [23, 25, 17], [1, null, Uint8Array.of(0, 255)]),
];

const integer = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -70, max: 70 }), fc.integer());
const scalar: fc.Arbitrary<Datum> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  integer,
  fc.double(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }).map(normalizeInt8),
  fc.string({ unit: 'binary' }),
  fc.uint8Array(),
  fc.constantFrom(...objects),
);
const datum: fc.Arbitrary<Datum> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 5 }).map((elements) => PgArray.of(25, elements)) },
  {
    weight: 1,
    arbitrary: fc.array(scalar, { maxLength: 5 }).map(
      (values) =>
        new PgRecord(
          2249,
          values.map((_, i) => i + 1),
          values,
        ),
    ),
  },
);

/** Deeply equal, of the same classes, with NaN equal to itself and -0 apart from 0. Byte strings may be Buffers. */
function same(found: unknown, wanted: unknown): boolean {
  if (Object.is(found, wanted)) return true;
  if (typeof found !== 'object' || typeof wanted !== 'object' || found === null || wanted === null) return false;
  if (found instanceof Uint8Array || wanted instanceof Uint8Array)
    return found instanceof Uint8Array && wanted instanceof Uint8Array && Buffer.compare(found, wanted) === 0;
  if (found.constructor !== wanted.constructor) return false;
  const names = Object.keys(wanted);
  return (
    names.length === Object.keys(found).length &&
    names.every((n) => same(Reflect.get(found, n), Reflect.get(wanted, n)))
  );
}

function check(t: Test, row: Row): void {
  const found = decodeRow(rowBytes(row));
  t.ok(same(found, row), 'comes back', same(found, row) ? {} : { found, row });
}

t.test('every class of values comes back', async (t) => {
  for (const value of objects) check(t, [value]);
  check(t, []);
  check(t, objects);
});

t.test('any row comes back', async (t) => {
  const found = fc.check(
    fc.property(fc.array(datum, { maxLength: 20 }), (row) => same(decodeRow(rowBytes(row)), row)),
    { numRuns: 1500 },
  );
  t.notOk(found.failed, fc.defaultReportMessage(found) ?? '');
});

t.test('numbers at the limits of their forms', async (t) => {
  const edges = [0, 1, 63, 64, 8191, 8192, 2 ** 31, 2 ** 32, 2 ** 52, Number.MAX_SAFE_INTEGER];
  check(t, [...edges, ...edges.map((n) => -n), ...edges.map((n) => -n - 1)]);
  check(t, [-0, 2 ** 53, -(2 ** 53), 2 ** 70, 0.1, Number.MIN_VALUE, Number.MAX_VALUE, NaN, Infinity, -Infinity]);
  check(t, [9007199254740992n, -9007199254740992n, 2n ** 63n - 1n, -(2n ** 63n)]);
});

t.test('long values and many columns', async (t) => {
  check(t, ['x'.repeat(127), 'x'.repeat(128), 'ü'.repeat(70_000), Buffer.alloc(300_000, 7)]);
  check(
    t,
    Array.from({ length: 1600 }, (_, i) => i),
  );
});

t.test('a value keeps no hold of the bytes it was read from', async (t) => {
  const bytes = rowBytes([Uint8Array.of(1, 2, 3), BitString.fromBits('1'), 'text']);
  const row = decodeRow(bytes);
  bytes.fill(0);
  t.ok(same(row, [Uint8Array.of(1, 2, 3), BitString.fromBits('1'), 'text']));
});

t.test('version 1, byte by byte: never change what this expects', async (t) => {
  const released: [Row, string][] = [
    [[], '0100'],
    [[null, false, true], '0103000102'],
    [[0, -1, 63, -64, 64, -65], '010603000301037e037f038001038101'],
    [[1_000_000], '01010380897a'],
    [[0.5, -0], '0102043fe0000000000000048000000000000000'],
    [[9007199254740992n], '0101050020000000000000'],
    [['aü'], '01010603' + '61c3bc'],
    [[Uint8Array.of(0, 255)], '0101070200ff'],
    [[new PgArray(23, [2], [1], [7, null])], '0101081701020302030e00'],
    [[new PgRecord(2249, [23], [1])], '010109c911011703' + '02'],
  ];
  for (const [row, hex] of released) {
    const bytes = rowBytes(row);
    t.equal(bytes.subarray(0, -4).toString('hex'), hex, JSON.stringify(hex));
    t.equal(bytes.readUInt32BE(bytes.length - 4), crc32c(bytes, 0, bytes.length - 4));
    t.ok(same(decodeRow(bytes), row));
  }
});

t.test('a row stands anywhere in a buffer', async (t) => {
  const out = new ByteWriter(4);
  out.latin1('before');
  encodeRow(['x', 1], out);
  const end = out.length;
  out.latin1('behind');
  t.same(decodeRow(out.view(), 6, end), ['x', 1]);
});

t.test('any damaged byte and any lost end is noticed', async (t) => {
  const bytes = rowBytes([1, 'text', null, new Numeric(5, 1), new PgArray(23, [2], [1], [1, 2])]);
  for (let at = 0; at < bytes.length; at++) {
    for (const mask of [1, 0x80, 0xff]) {
      const damaged = Buffer.from(bytes);
      damaged[at] ^= mask;
      t.throws(() => decodeRow(damaged), RowCorruption, `byte ${at} ^ ${mask}`);
    }
    t.throws(() => decodeRow(bytes, 0, at), RowCorruption, `the first ${at} bytes`);
  }
  t.throws(() => decodeRow(Buffer.concat([bytes, Buffer.alloc(1)])), RowCorruption);
});

t.test('bytes of another version, or with an unknown tag, are refused by name', async (t) => {
  const seal = (hex: string): Buffer => {
    const body = Buffer.from(hex, 'hex');
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32c(body));
    return Buffer.concat([body, checksum]);
  };
  t.throws(() => decodeRow(seal('0200')), { name: 'RowCorruption', message: /version 2/ });
  t.throws(() => decodeRow(seal('0101fa')), { name: 'RowCorruption', message: /unknown tag 250/ });
  t.throws(() => decodeRow(seal('010200')), RowCorruption, 'a column too few');
  t.throws(() => decodeRow(seal('01010000')), RowCorruption, 'bytes left over');
  t.throws(() => decodeRow(seal('0101' + '0605' + '61')), RowCorruption, 'a string beyond the end');
});

t.test('a class without a stored form is named', async (t) => {
  class Stranger {}
  t.throws(() => rowBytes([new Stranger()]), /Stranger have no stored form/);
});
