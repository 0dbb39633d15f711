/** inet, cidr and macaddr: text, binary form, order and order keys. */
import t from 'tap';
import { SqlError } from '../../../src/errors/sql-error.js';
import { macaddrCodec } from '../../../src/types/network/mac-codecs.js';
import { cidrCodec, inetCodec } from '../../../src/types/network/network-codecs.js';
import type { TypeCodec } from '../../../src/types/type-codec.js';
import { ByteWriter } from '../../../src/util/byte-writer.js';
import { testCallContext } from '../container/test-context.js';

const cx = testCallContext();

function text<T>(codec: TypeCodec<T>, input: string): string {
  return codec.format(codec.parse(input, cx, -1), cx);
}

t.test('text', async (t) => {
  t.equal(text(inetCodec, '10.1.2.3/8'), '10.1.2.3/8');
  t.equal(text(inetCodec, '10.1.2.3/32'), '10.1.2.3');
  t.equal(text(inetCodec, '::ffff:1.2.3.4'), '::ffff:1.2.3.4');
  t.equal(text(inetCodec, '1:0:0:2:0:0:0:3'), '1:0:0:2::3');
  t.equal(text(cidrCodec, '10.1'), '10.1.0.0/16');
  t.equal(text(cidrCodec, '192.168/16'), '192.168.0.0/16');
  t.equal(text(macaddrCodec, '0800.2b01.0203'), '08:00:2b:01:02:03');
  t.equal(text(macaddrCodec, '8:0:2b:1:2:3'), '08:00:2b:01:02:03');
});

t.test('errors', async (t) => {
  for (const wrong of ['10', '10.1.2.300', '10.1.2.3/33', '1::2::3', '']) {
    t.throws(() => inetCodec.parse(wrong, cx, -1), SqlError, wrong);
  }
  t.throws(() => cidrCodec.parse('10.1.2.3/8', cx, -1), { code: '22P02', message: 'invalid cidr value: "10.1.2.3/8"' });
  t.throws(() => macaddrCodec.parse('08:00:2b:01:02:zz', cx, -1), { code: '22P02' });
});

t.test('binary form', async (t) => {
  const out = new ByteWriter();
  inetCodec.send(inetCodec.parse('10.1.2.3/8', cx, -1), out, cx);
  const bytes = out.copy();
  t.equal(bytes.toString('hex'), '020800040a010203');
  t.equal(inetCodec.format(inetCodec.receive(bytes, 0, bytes.length, cx, -1), cx), '10.1.2.3/8');
});

t.test('keys order as values', async (t) => {
  const values = [
    '0.0.0.0/0',
    '10.0.0.0/8',
    '10.9.0.0/8',
    '10.0.0.0/16',
    '10.0.0.1',
    '10.1.0.0/16',
    '::/0',
    '::1',
    'ffff::/16',
  ];
  const inets = values.map((value) => inetCodec.parse(value, cx, -1));
  for (const a of inets) {
    for (const b of inets) {
      const [x, y] = [inetCodec.encodeKey(a), inetCodec.encodeKey(b)];
      t.equal(x < y ? -1 : x > y ? 1 : 0, Math.sign(inetCodec.compare(a, b)), `${a.host()} and ${b.host()}`);
    }
  }
});
