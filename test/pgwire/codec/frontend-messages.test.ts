import fc from 'fast-check';
import { serialize } from 'pg-protocol';
import t from 'tap';
import { SqlError } from '../../../src/errors/sql-error.js';
import * as decode from '../../../src/pgwire/codec/frontend-messages.js';
import { MessageCursor } from '../../../src/pgwire/codec/message-cursor.js';

function cursorOn(body: Uint8Array): MessageCursor {
  const cursor = new MessageCursor();
  // Bytes before and after, which no decoder may look at.
  const padded = Buffer.concat([Buffer.from('zz'), body, Buffer.from('\0\0\0\0')]);
  cursor.reset(padded, 2, 2 + body.length);
  return cursor;
}

const bodyOf = (message: Buffer): MessageCursor => cursorOn(message.subarray(5));

t.test('what pg-protocol writes', async (t) => {
  t.equal(decode.decodeQuery(bodyOf(serialize.query('select 1'))), 'select 1');
  t.equal(
    decode.decodeQuery(bodyOf(serialize.query("select 'hé 𝄞 — a longer text'"))),
    "select 'hé 𝄞 — a longer text'",
  );
  t.same(decode.decodeParse(bodyOf(serialize.parse({ name: 's1', text: 'x', types: [23, 4294967295] }))), {
    name: 's1',
    sql: 'x',
    parameterTypes: [23, 4294967295],
  });
  t.same(decode.decodeExecute(bodyOf(serialize.execute({ portal: 'p', rows: 5 }))), { portal: 'p', maxRows: 5 });
  t.same(decode.decodeTarget(bodyOf(serialize.describe({ type: 'S', name: 'n' })), 'DESCRIBE'), {
    kind: 'statement',
    name: 'n',
  });
  t.same(decode.decodeTarget(bodyOf(serialize.close({ type: 'P' })), 'CLOSE'), { kind: 'portal', name: '' });
  t.equal(decode.decodeCopyFail(bodyOf(serialize.copyFail('boo'))), 'boo');
  const sasl = decode.decodeSaslInitialResponse(
    bodyOf(serialize.sendSASLInitialResponseMessage('SCRAM-SHA-256', 'n,,n=*,r=abc')),
  );
  t.equal(sasl.mechanism, 'SCRAM-SHA-256');
  t.equal(sasl.data?.toString(), 'n,,n=*,r=abc');
  t.equal(decode.decodeSaslResponse(bodyOf(serialize.sendSCRAMClientFinalMessage('c=biws'))).toString(), 'c=biws');
});

t.test('bind', async (t) => {
  const message = decode.decodeBind(
    bodyOf(serialize.bind({ portal: 'p', statement: 's', values: ['a', null, Buffer.from([1, 2]), ''], binary: true })),
  );
  t.equal(message.portal, 'p');
  t.equal(message.statement, 's');
  t.same(message.resultFormats, [1]);
  const { bytes, starts, ends, formats } = message.parameters;
  t.same(formats, [0, 0, 1, 0]);
  t.same(
    starts.map((start, i) => (start === -1 ? null : bytes.toString('latin1', start, ends[i]))),
    ['a', null, '\x01\x02', ''],
  );
  const none = decode.decodeBind(bodyOf(serialize.bind({})));
  t.same([none.parameters.starts.length, none.resultFormats], [0, [0]]);
});

t.test('malformed messages, in the words of PostgreSQL', async (t) => {
  const cases: [string, () => unknown, string, string][] = [
    [
      'no terminator',
      () => decode.decodeQuery(cursorOn(Buffer.from('select 1'))),
      '08P01',
      'invalid string in message',
    ],
    ['rest', () => decode.decodeQuery(cursorOn(Buffer.from('a\0x'))), '08P01', 'invalid message format'],
    [
      'bad UTF-8',
      () => decode.decodeQuery(cursorOn(Buffer.from([0x73, 0xff, 0xfe, 0]))),
      '22021',
      'invalid byte sequence for encoding "UTF8": 0xff',
    ],
    [
      'broken character',
      () => decode.decodeQuery(cursorOn(Buffer.from([0x27, 0xe4, 0x62, 0x62, 0x27, 0]))),
      '22021',
      'invalid byte sequence for encoding "UTF8": 0xe4 0x62 0x62',
    ],
    [
      'cut character',
      () => decode.decodeQuery(cursorOn(Buffer.from([0x27, 0xe4, 0]))),
      '22021',
      'invalid byte sequence for encoding "UTF8": 0xe4',
    ],
    [
      'value too short',
      () => decode.decodeBind(cursorOn(Buffer.from('\0\0\0\0\0\x01\0\0\0\x641', 'latin1'))),
      '08P01',
      'insufficient data left in message',
    ],
    [
      'negative length',
      () => decode.decodeBind(cursorOn(Buffer.from('\0\0\0\0\0\x01\xff\xff\xff\xfe\0\0', 'latin1'))),
      '08P01',
      'insufficient data left in message',
    ],
    [
      'format',
      () => decode.decodeBind(cursorOn(Buffer.from('\0\0\0\x01\0\x07\0\0\0\0', 'latin1'))),
      '22023',
      'unsupported format code: 7',
    ],
    [
      'format count',
      () => decode.decodeBind(cursorOn(Buffer.from('\0\0\0\x02\0\0\0\0\0\0\0\0', 'latin1'))),
      '08P01',
      'bind message has 2 parameter formats but 0 parameters',
    ],
    [
      'subtype',
      () => decode.decodeTarget(cursorOn(Buffer.from('X\0')), 'DESCRIBE'),
      '08P01',
      'invalid DESCRIBE message subtype 88',
    ],
    ['empty', () => decode.decodeTarget(cursorOn(Buffer.from('')), 'CLOSE'), '08P01', 'no data left in message'],
  ];
  for (const [name, work, code, message] of cases) {
    try {
      work();
      t.fail(`${name}: no error`);
    } catch (error) {
      t.match(error, { code, message }, name);
    }
  }
});

t.test('a U+FFFD in the text itself is no error', async (t) => {
  t.equal(decode.decodeQuery(cursorOn(Buffer.from("select '\ufffd'\0"))), "select '\ufffd'");
});

t.test('arbitrary bodies give a message or a SqlError', async () => {
  const decoders = [
    decode.decodeQuery,
    decode.decodeParse,
    decode.decodeBind,
    decode.decodeExecute,
    decode.decodeCopyFail,
    decode.decodeSaslInitialResponse,
    (cursor: MessageCursor) => decode.decodeTarget(cursor, 'CLOSE'),
  ];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat(decoders.length - 1), (body, which) => {
      try {
        decoders[which](cursorOn(body));
        return true;
      } catch (error) {
        return error instanceof SqlError;
      }
    }),
    { numRuns: 1000 },
  );
});
