/** COPY's text and CSV readers: where chunks end does not matter, and quick and careful ways give the same. */
import fc from 'fast-check';
import t from 'tap';
import { type CopyOptions, copyOptions } from '../../src/exec/copy/copy-options.js';
import { type LineReader, type LineTarget, TextReader } from '../../src/exec/copy/copy-reader.js';
import { CsvReader } from '../../src/exec/copy/csv-reader.js';
import type { FieldParser } from '../../src/exec/copy/field-parser.js';

const NONE: ReadonlySet<number> = new Set();
const asText: FieldParser = (text, start, end) => text.slice(start, end);

/** What a reader gives for the input in pieces: line number, line, fields. */
function read(reader: LineReader, input: Buffer, cuts: readonly number[], parsers: LineTarget['parsers']): unknown[] {
  const lines: unknown[] = [];
  const add = (fields: readonly unknown[], line: number, text: string, start: number, end: number): void => {
    lines.push([line, text.slice(start, end), [...fields]]);
  };
  const target: LineTarget = { parsers, reading: () => undefined, row: add, fields: add };
  const places = [...new Set(cuts.map((cut) => cut % (input.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, input.length]) {
    reader.push(input.subarray(from, to), target);
    from = to;
  }
  reader.finish(target);
  return lines;
}

const options = (format: string): CopyOptions => copyOptions([{ name: 'format', value: format }], true);
const piece = fc.constantFrom(
  'a',
  'é',
  '€',
  '12',
  '\t',
  '\t',
  '\n',
  '\\\n',
  '\\\\',
  '\\N',
  '\\t',
  '"',
  '""',
  ',',
  ',',
  '\r\n',
  '',
);
const input = fc.array(piece, { maxLength: 40 }).map((pieces) => Buffer.from(pieces.join('')));
const cuts = fc.array(fc.nat(200), { maxLength: 6 });

t.test('text: any division into chunks gives the same lines', async (t) => {
  fc.assert(
    fc.property(input, cuts, (bytes, places) => {
      const whole = read(new TextReader(options('text')), bytes, [], null);
      t.same(read(new TextReader(options('text')), bytes, places, null), whole, JSON.stringify(bytes.toString()));
    }),
    { numRuns: 300 },
  );
});

t.test('text: rows made at once have the values of those made field by field', async (t) => {
  fc.assert(
    fc.property(input, cuts, fc.integer({ min: 1, max: 3 }), (bytes, places, columns) => {
      const parsers = new Array<FieldParser>(columns).fill(asText);
      const careful = read(new TextReader(options('text')), bytes, [], null);
      t.same(read(new TextReader(options('text')), bytes, places, parsers), careful, JSON.stringify(bytes.toString()));
    }),
    { numRuns: 300 },
  );
});

t.test('CSV: any division into chunks gives the same lines', async (t) => {
  const reader = (): CsvReader => new CsvReader(options('csv'), NONE, NONE);
  const result = (bytes: Buffer, places: readonly number[]): unknown => {
    try {
      return read(reader(), bytes, places, null);
    } catch (error) {
      return String(error);
    }
  };
  fc.assert(
    fc.property(input, cuts, (bytes, places) => {
      t.same(result(bytes, places), result(bytes, []), JSON.stringify(bytes.toString()));
    }),
    { numRuns: 300 },
  );
});
