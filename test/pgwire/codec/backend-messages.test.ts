import type { BackendMessage } from 'pg-protocol/dist/messages.js';
import { Parser } from 'pg-protocol/dist/parser.js';
import t, { type Test } from 'tap';
import { sqlError } from '../../../src/errors/sql-error.js';
import * as messages from '../../../src/pgwire/codec/backend-messages.js';
import { DataRowWriter } from '../../../src/pgwire/codec/data-row.js';
import { writeErrorResponse, writeNoticeResponse } from '../../../src/pgwire/codec/error-message.js';
import type { Format } from '../../../src/session/result-sink.js';
import type { Datum } from '../../../src/types/datum.js';
import * as oid from '../../../src/types/oids.js';
import { ByteWriter } from '../../../src/util/byte-writer.js';
import { FAKE_TYPE_CONTEXT } from '../fake-session.js';

/** Has pg-protocol read what `write` wrote, whole and in two pieces cut at every offset. */
function read(t: Test, write: (out: ByteWriter) => void): BackendMessage[] {
  const out = new ByteWriter(1);
  write(out);
  const bytes = out.copy();
  const whole = parse([bytes]);
  for (let i = 1; i < bytes.length; i++) {
    const split = parse([bytes.subarray(0, i), bytes.subarray(i)]);
    if (JSON.stringify(split) !== JSON.stringify(whole)) t.fail(`differs when split at ${i}`);
  }
  return whole;
}

function parse(pieces: readonly Buffer[]): BackendMessage[] {
  const parser = new Parser();
  const found: BackendMessage[] = [];
  for (const piece of pieces) parser.parse(Buffer.from(piece), (message) => found.push(message));
  return found;
}

t.test('messages without a body', async (t) => {
  const found = read(t, (out) => {
    messages.writeParseComplete(out);
    messages.writeBindComplete(out);
    messages.writeCloseComplete(out);
    messages.writeNoData(out);
    messages.writePortalSuspended(out);
    messages.writeEmptyQueryResponse(out);
    messages.writeCopyDone(out);
  });
  t.same(
    found.map((message) => message.name),
    ['parseComplete', 'bindComplete', 'closeComplete', 'noData', 'portalSuspended', 'emptyQuery', 'copyDone'],
  );
});

t.test('messages with fields', async (t) => {
  const found = read(t, (out) => {
    messages.writeReadyForQuery(out, 'T');
    messages.writeCommandComplete(out, 'INSERT 0 123456');
    messages.writeParameterStatus(out, 'TimeZone', 'Etc/UTC');
    messages.writeBackendKeyData(out, 77, -5);
    messages.writeNotificationResponse(out, 9, 'chan', 'päy');
    messages.writeParameterDescription(out, [23, 4294967295]);
    messages.writeAuthenticationOk(out);
    messages.writeAuthenticationSasl(out, ['SCRAM-SHA-256']);
    messages.writeAuthenticationSaslContinue(out, 'r=abc');
    messages.writeAuthenticationSaslFinal(out, 'v=xyz');
    messages.writeCopyResponse(out, 'in', 0, [0, 0]);
    messages.writeCopyResponse(out, 'out', 1, [1]);
    messages.writeCopyData(out, Buffer.from('row\n'));
  });
  t.match(found, [
    { name: 'readyForQuery', status: 'T' },
    { name: 'commandComplete', text: 'INSERT 0 123456' },
    { name: 'parameterStatus', parameterName: 'TimeZone', parameterValue: 'Etc/UTC' },
    { name: 'backendKeyData', processID: 77, secretKey: -5 },
    { name: 'notification', processId: 9, channel: 'chan', payload: 'päy' },
    { name: 'parameterDescription', parameterCount: 2 },
    { name: 'authenticationOk' },
    { name: 'authenticationSASL', mechanisms: ['SCRAM-SHA-256'] },
    { name: 'authenticationSASLContinue', data: 'r=abc' },
    { name: 'authenticationSASLFinal', data: 'v=xyz' },
    { name: 'copyInResponse', binary: false, columnTypes: [0, 0] },
    { name: 'copyOutResponse', binary: true, columnTypes: [1] },
    { name: 'copyData', chunk: Buffer.from('row\n') },
  ]);
});

t.test('messages that pg-protocol does not know', async (t) => {
  const out = new ByteWriter();
  messages.writeNegotiateProtocolVersion(out, ['_pq_.foo']);
  t.equal(out.copy().toString('latin1'), 'v\0\0\0\x15\0\x03\0\0\0\0\0\x01_pq_.foo\0');
  out.reset();
  messages.writeCopyResponse(out, 'both', 0, []);
  t.equal(out.copy().toString('latin1'), 'W\0\0\0\x07\0\0\0');
});

t.test('row description', async (t) => {
  const found = read(t, (out) => {
    messages.writeRowDescription(
      out,
      [
        { name: 'id', tableOid: 4294967295, columnNumber: 1, typeOid: 23, typeLength: 4, typmod: -1 },
        { name: 'größe', tableOid: 0, columnNumber: 0, typeOid: 1043, typeLength: -1, typmod: 14 },
      ],
      [1, 0],
    );
  });
  t.match(found[0], {
    fieldCount: 2,
    fields: [
      { name: 'id', columnID: 1, dataTypeID: 23, dataTypeSize: 4, dataTypeModifier: -1, format: 'binary' },
      { name: 'größe', tableID: 0, dataTypeID: 1043, dataTypeSize: -1, dataTypeModifier: 14, format: 'text' },
    ],
  });
});

t.test('errors and notices with every field', async (t) => {
  const error = sqlError('check_violation', 'bad "row"', {
    detail: 'D',
    hint: 'H',
    position: 3,
    internalPosition: 4,
    internalQuery: 'q',
    where: 'W',
    schema: 's',
    table: 't',
    column: 'c',
    dataType: 'd',
    constraint: 'n',
  });
  const [found, notice] = read(t, (out) => {
    writeErrorResponse(out, error);
    writeNoticeResponse(out, { severity: 'WARNING', code: '01000', message: 'careful', fields: {} });
  });
  t.match(found, {
    message: 'bad "row"',
    severity: 'ERROR',
    code: '23514',
    detail: 'D',
    hint: 'H',
    position: '3',
    internalPosition: '4',
    internalQuery: 'q',
    where: 'W',
    schema: 's',
    table: 't',
    column: 'c',
    dataType: 'd',
    constraint: 'n',
  });
  t.match(notice, { name: 'notice', severity: 'WARNING', code: '01000', message: 'careful' });
  const out = new ByteWriter();
  writeErrorResponse(out, sqlError('data_exception', 'a\0b'));
  t.match(parse([out.copy()])[0], { message: 'ab', code: '22000' }, 'a zero byte cannot break the frame');
});

/** The fields of one DataRow as strings of bytes. */
function row(types: readonly number[], formats: readonly Format[], values: Datum[]): (string | null)[] {
  const out = new ByteWriter(1);
  const writer = new DataRowWriter();
  writer.start(types, formats, FAKE_TYPE_CONTEXT);
  writer.write(out, values);
  const bytes = out.copy();
  const fields: (string | null)[] = [];
  let at = 7;
  for (let i = 0; i < bytes.readUInt16BE(5); i++) {
    const length = bytes.readInt32BE(at);
    at += 4;
    fields.push(length === -1 ? null : bytes.toString('latin1', at, at + Math.max(length, 0)));
    at += Math.max(length, 0);
  }
  t.equal(at, bytes.length);
  t.equal(bytes.readInt32BE(1), bytes.length - 1);
  return fields;
}

t.test('integers as text', async (t) => {
  const values = [
    0, 7, -1, 10, 99, 100, 12345, 99999, 100000, 999999, 1234567, 12345678, 99999999, 123456789, 2147483647,
  ];
  for (const value of [
    ...values,
    ...values.map((n) => -n),
    -2147483648,
    4294967295,
    9007199254740991,
    -9007199254740991,
  ]) {
    t.same(row([oid.INT8], [0], [value]), [String(value)]);
  }
  t.same(row([oid.INT8], [0], [9223372036854775807n]), ['9223372036854775807']);
});

t.test('other values', async (t) => {
  const long = 'ä'.repeat(50);
  const latin = (text: string): string => Buffer.from(text).toString('latin1');
  t.same(
    row(
      [oid.BOOL, oid.BOOL, oid.TEXT, oid.TEXT, oid.TEXT, oid.VARCHAR],
      [0, 0, 0, 0, 0, 1],
      [true, false, null, '', 'né', long],
    ),
    ['t', 'f', null, '', latin('né'), latin(long)],
  );
  t.same(
    row(
      [oid.INT2, oid.INT4, oid.INT8, oid.BOOL, oid.FLOAT8, oid.TEXT],
      [1, 1, 1, 1, 1, 1],
      [-2, -3, -4, true, 1.5, 'x'],
    ),
    ['\xff\xfe', '\xff\xff\xff\xfd', '\xff\xff\xff\xff\xff\xff\xff\xfc', '\x01', '\x3f\xf8\0\0\0\0\0\0', 'x'],
  );
  t.same(row([oid.NUMERIC, oid.NUMERIC], [0, 1], ['1.5', '1.5']), ['<1.5>', '1.5'], 'the rest through the codec');
});

t.test('a row that cannot be written leaves nothing behind', async (t) => {
  const out = new ByteWriter();
  const writer = new DataRowWriter();
  writer.start([oid.INT4, oid.NUMERIC], [0, 0], FAKE_TYPE_CONTEXT);
  writer.write(out, [1, 'x']);
  const before = out.copy();
  t.throws(() => writer.write(out, [2, 'unprintable']), { code: 'XX001' });
  t.same(out.copy(), before);
});
