/**
 * The rows of the TPC-H tables as lines for COPY, with the specification's cardinalities and distributions (clause 4.2.3).
 * A scale factor of 1 has 6,000,000 line items. The content is not that of dbgen, so answers differ from the published ones.
 */
import { Random } from './random.js';
import { address, amount, dateText, dayOf, phone, TextPool } from './text.js';
import {
  COLORS,
  CONTAINER_SYLLABLES,
  INSTRUCTIONS,
  NATIONS,
  PRIORITIES,
  REGIONS,
  SEGMENTS,
  SHIP_MODES,
  TYPE_SYLLABLES,
} from './words.js';

const FIRST_ORDER = dayOf('1992-01-01');
const LAST_ORDER = dayOf('1998-12-31') - 151;
const TODAY = dayOf('1995-06-17');
const TEXT_LENGTH = 300_000;

export type Line = string;

/** The rows of each table, in the order in which foreign keys want them. Lines have no newline. */
export interface TableRows {
  readonly table: string;
  rows(): Iterable<Line>;
}

function numbered(name: string, key: number): string {
  return `${name}#${String(key).padStart(9, '0')}`;
}

function line(...fields: readonly (string | number)[]): Line {
  return fields.join('\t');
}

/** In cents. */
function retailPrice(part: number): number {
  return 90_000 + (Math.floor(part / 10) % 20_001) + 100 * (part % 1000);
}

export class Tables {
  private readonly suppliers: number;
  private readonly parts: number;
  private readonly customers: number;
  private readonly clerks: number;
  private readonly text = new TextPool(new Random(1), TEXT_LENGTH);

  constructor(
    scale: number,
    private readonly seed = 20_151_127,
  ) {
    this.suppliers = Math.max(1, Math.round(scale * 10_000));
    this.parts = Math.max(1, Math.round(scale * 200_000));
    this.customers = Math.max(3, Math.round(scale * 150_000));
    this.clerks = Math.max(1, Math.round(scale * 1000));
  }

  all(): readonly TableRows[] {
    return [
      { table: 'region', rows: () => this.region() },
      { table: 'nation', rows: () => this.nation() },
      { table: 'supplier', rows: () => this.supplier() },
      { table: 'customer', rows: () => this.customer() },
      { table: 'part', rows: () => this.part() },
      { table: 'partsupp', rows: () => this.partsupp() },
      { table: 'orders', rows: () => this.orders((order) => [order]) },
      { table: 'lineitem', rows: () => this.orders((_, items) => items) },
    ];
  }

  private random(table: number): Random {
    return new Random(this.seed + table * 1_000_003);
  }

  private *region(): Iterable<Line> {
    const random = this.random(1);
    for (const [key, name] of REGIONS.entries()) yield line(key, name, this.text.comment(random, 31, 115));
  }

  private *nation(): Iterable<Line> {
    const random = this.random(2);
    for (const [key, [name, region]] of NATIONS.entries())
      yield line(key, name, region, this.text.comment(random, 31, 114));
  }

  /** Of 10,000 suppliers five have complaints and five recommendations of customers (at least one of each). */
  private *supplier(): Iterable<Line> {
    const random = this.random(3);
    const marked = Math.max(1, Math.round(this.suppliers / 2000));
    const special = random.sample(
      Array.from({ length: this.suppliers }, (_, i) => i + 1),
      Math.min(this.suppliers, marked * 2),
    );
    for (let key = 1; key <= this.suppliers; key++) {
      const nation = random.between(0, NATIONS.length - 1);
      const place = special.indexOf(key);
      const comment = this.text.comment(random, 25, 100);
      const word = place < 0 ? '' : place < marked ? 'Complaints' : 'Recommends';
      yield line(
        key,
        numbered('Supplier', key),
        address(random),
        nation,
        phone(random, nation),
        amount(random.between(-99_999, 999_999)),
        word === '' ? comment : `Customer ${comment.slice(0, 70)}${word}`,
      );
    }
  }

  private *customer(): Iterable<Line> {
    const random = this.random(4);
    for (let key = 1; key <= this.customers; key++) {
      const nation = random.between(0, NATIONS.length - 1);
      yield line(
        key,
        numbered('Customer', key),
        address(random),
        nation,
        phone(random, nation),
        amount(random.between(-99_999, 999_999)),
        random.pick(SEGMENTS),
        this.text.comment(random, 29, 116),
      );
    }
  }

  private *part(): Iterable<Line> {
    const random = this.random(5);
    for (let key = 1; key <= this.parts; key++) {
      const maker = random.between(1, 5);
      yield line(
        key,
        random.sample(COLORS, 5).join(' '),
        `Manufacturer#${maker}`,
        `Brand#${maker}${random.between(1, 5)}`,
        TYPE_SYLLABLES.map((syllables) => random.pick(syllables)).join(' '),
        random.between(1, 50),
        CONTAINER_SYLLABLES.map((syllables) => random.pick(syllables)).join(' '),
        amount(retailPrice(key)),
        this.text.comment(random, 5, 22),
      );
    }
  }

  /** One of the four suppliers of a part. At small scales the step is cut so that they stay different. */
  private supplierOf(part: number, place: number): number {
    const { suppliers } = this;
    const step =
      Math.floor(suppliers / 4) + (Math.floor((part - 1) / suppliers) % Math.max(1, Math.floor(suppliers / 12)));
    return ((part + place * step) % suppliers) + 1;
  }

  private *partsupp(): Iterable<Line> {
    const random = this.random(6);
    for (let part = 1; part <= this.parts; part++) {
      for (let place = 0; place < 4; place++) {
        yield line(
          part,
          this.supplierOf(part, place),
          random.between(1, 9999),
          amount(random.between(100, 100_000)),
          this.text.comment(random, 49, 198),
        );
      }
    }
  }

  /** Orders and their line items come from the same numbers; `choose` says which lines are wanted. */
  private *orders(choose: (order: Line, items: readonly Line[]) => readonly Line[]): Iterable<Line> {
    const random = this.random(7);
    for (let n = 0; n < this.customers * 10; n++) {
      const key = Math.floor(n / 8) * 32 + (n % 8) + 1;
      const day = random.between(FIRST_ORDER, LAST_ORDER);
      const customer = this.buyer(random);
      const priority = random.pick(PRIORITIES);
      const clerk = numbered('Clerk', random.between(1, this.clerks));
      const comment = this.text.comment(random, 19, 78);
      const items = Array.from({ length: random.between(1, 7) }, (_, i) => this.lineItem(random, key, i + 1, day));
      const total = items.reduce((sum, item) => sum + item.price, 0);
      const open = items.filter((item) => item.open).length;
      const status = open === 0 ? 'F' : open === items.length ? 'O' : 'P';
      const order = line(key, customer, status, amount(total), dateText(day), priority, clerk, 0, comment);
      yield* choose(
        order,
        items.map((item) => item.text),
      );
    }
  }

  /** A third of the customers never orders. */
  private buyer(random: Random): number {
    for (;;) {
      const key = random.between(1, this.customers);
      if (key % 3 !== 0) return key;
    }
  }

  private lineItem(random: Random, order: number, number: number, ordered: number) {
    const part = random.between(1, this.parts);
    const supplier = this.supplierOf(part, random.between(0, 3));
    const quantity = random.between(1, 50);
    const extended = quantity * retailPrice(part);
    const discount = random.between(0, 10);
    const tax = random.between(0, 8);
    const shipped = ordered + random.between(1, 121);
    const committed = ordered + random.between(30, 90);
    const received = shipped + random.between(1, 30);
    const open = shipped > TODAY;
    const text = line(
      order,
      part,
      supplier,
      number,
      amount(quantity * 100),
      amount(extended),
      amount(discount),
      amount(tax),
      received <= TODAY ? random.pick(['R', 'A']) : 'N',
      open ? 'O' : 'F',
      dateText(shipped),
      dateText(committed),
      dateText(received),
      random.pick(INSTRUCTIONS),
      random.pick(SHIP_MODES),
      this.text.comment(random, 10, 43),
    );
    return { text, open, price: Math.round((extended * (100 - discount) * (100 + tax)) / 10_000) };
  }
}
