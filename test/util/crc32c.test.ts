/** CRC-32C against the published vectors (RFC 3720, B.4) and its own continuation. */
import t from 'tap';
import { crc32c } from '../../src/util/crc32c.js';

t.test('known vectors', async (t) => {
  t.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
  t.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
  t.equal(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => i))), 0x46dd794e);
  t.equal(crc32c(Buffer.from(Array.from({ length: 32 }, (_, i) => 31 - i))), 0x113fdb5c);
  t.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  t.equal(crc32c(Buffer.alloc(0)), 0);
});

t.test('parts, offsets and seeds give the checksum of the whole', async (t) => {
  const bytes = Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 131) & 255));
  const whole = crc32c(bytes);
  for (let cut = 0; cut <= 300; cut += 13) t.equal(crc32c(bytes, cut, 300, crc32c(bytes, 0, cut)), whole);
  t.equal(crc32c(Buffer.concat([Buffer.alloc(3), bytes]), 3), whole);
});
