import { serialize } from 'pg-protocol';
import t from 'tap';
import { decodeStartupPacket, parseStartupOptions } from '../../../src/pgwire/codec/startup-packet.js';

t.test('what pg-protocol writes', async (t) => {
  const packet = decodeStartupPacket(serialize.startup({ user: 'ü', database: 'd', application_name: '' }).subarray(4));
  if (packet.kind !== 'startup') throw new Error('not a startup packet');
  t.equal(packet.parameters.get('user'), 'ü');
  t.equal(packet.parameters.get('application_name'), '');
  t.same(packet.extensions, []);
  t.same(decodeStartupPacket(serialize.requestSsl().subarray(4)), { kind: 'ssl' });
  t.same(decodeStartupPacket(serialize.cancel(12, -34).subarray(4)), { kind: 'cancel', pid: 12, secret: -34 });
});

t.test('versions and malformed packets', async (t) => {
  const packet = (text: string): Buffer => Buffer.from(text, 'latin1');
  t.match(decodeStartupPacket(packet('\0\x03\0\x02user\0a\0_pq_.x\x001\0\0')), { minor: 2, extensions: ['_pq_.x'] });
  t.throws(() => decodeStartupPacket(packet('\0\x02\0\0\0')), {
    code: '0A000',
    message: 'unsupported frontend protocol 2.0: server supports 3.0 to 3.0',
  });
  const layout = { code: '08P01', message: 'invalid startup packet layout: expected terminator as last byte' };
  t.throws(() => decodeStartupPacket(packet('\0\x03\0\0AA')), layout);
  t.throws(() => decodeStartupPacket(packet('\0\x03\0\0user\0a\0')), layout);
  t.throws(() => decodeStartupPacket(packet('\0\x03\0\0user\0a\0\0x')), layout);
  t.throws(() => decodeStartupPacket(packet('\0\x03\0\0')), layout);
});

t.test('options', async (t) => {
  t.same(
    [...parseStartupOptions('-c work_mem=5MB --DateStyle=German  -cenable-sort=off')],
    [
      ['work_mem', '5MB'],
      ['DateStyle', 'German'],
      ['enable_sort', 'off'],
    ],
  );
  t.same([...parseStartupOptions('-c search_path=a,\\ b\\\\c')], [['search_path', 'a, b\\c']]);
  t.same([...parseStartupOptions('  ')], []);
  t.throws(() => parseStartupOptions('-Z'), {
    code: '42601',
    message: 'invalid command-line argument for server process: -Z',
  });
  t.throws(() => parseStartupOptions('-c x'), { code: '42601', message: '-c x requires a value' });
});
