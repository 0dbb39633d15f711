/**
 * A workload whose traces can be checked to the last row after a crash: transfers between accounts, each with a line in a
 * ledger, and batches of wide rows. A client numbers its transactions and remembers which were answered; the one under
 * way when the server dies may or may not be there, but as a whole.
 */
import pg from 'pg';

export const ACCOUNTS = 20;
const START_BALANCE = 1000;
const BATCH_ROWS = 60;
/** Every so many transactions of a client, a batch of wide rows is inserted. */
const BATCH_EVERY = 5;

export class LedgerClient {
  /** The last transaction that was answered. */
  acknowledged = 0;
  /** The last transaction that was begun. */
  begun = 0;

  constructor(readonly id: number) {}

  /** Works until the connection breaks. @throws other errors than a lost connection */
  async work(port: number): Promise<void> {
    const client = await connect(port).catch(() => null);
    if (client === null) return;
    let lost = false;
    client.on('error', () => {
      lost = true;
    });
    try {
      for (;;) {
        this.begun++;
        await this.transaction(client, this.begun);
        this.acknowledged = this.begun;
      }
    } catch (error) {
      // An error that the server reports is not expected here; only its death is.
      if (error instanceof pg.DatabaseError && !lost && error.code !== '57P01') throw error;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  private async transaction(client: pg.Client, n: number): Promise<void> {
    const amount = 1 + ((n * 7) % 13);
    const one = (this.id * 5 + n) % ACCOUNTS;
    const other = (one + 1 + (n % (ACCOUNTS - 1))) % ACCOUNTS;
    // Locks are taken in one order, so that nobody is chosen as the victim of a deadlock.
    const steps = one < other ? [-amount, amount] : [amount, -amount];
    await client.query('BEGIN');
    const update = 'UPDATE account SET balance = balance + $1 WHERE id = $2';
    await client.query(update, [steps[0], Math.min(one, other)]);
    await client.query(update, [steps[1], Math.max(one, other)]);
    await client.query('INSERT INTO ledger VALUES ($1, $2, $3, $4, $5)', [this.id, n, one, other, amount]);
    if (n % BATCH_EVERY === 0) {
      const sql = "INSERT INTO wide SELECT $1::int, $2::int, g, repeat('x', 1000) FROM generate_series(1, $3::int) g";
      await client.query(sql, [this.id, n, BATCH_ROWS]);
      await client.query('DELETE FROM wide WHERE client = $1 AND n < $2', [this.id, n - 2 * BATCH_EVERY]);
    }
    await client.query('COMMIT');
  }

  /** After a restart the server knows whether the transaction under way was committed. */
  async settle(client: pg.Client): Promise<void> {
    const { rows } = await client.query('SELECT coalesce(max(n), 0)::int AS n FROM ledger WHERE client = $1', [
      this.id,
    ]);
    const last: number = rows[0].n;
    if (last < this.acknowledged)
      throw new Error(`client ${this.id}: ${this.acknowledged} was answered, ${last} is there`);
    if (last > this.begun) throw new Error(`client ${this.id}: ${last} was never begun`);
    this.acknowledged = last;
    this.begun = last;
  }
}

export async function connect(port: number): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'orbit', database: 'actors' });
  await client.connect();
  return client;
}

export async function createTables(client: pg.Client): Promise<void> {
  await client.query('CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL)');
  await client.query('CREATE INDEX account_balance ON account (balance)');
  await client.query(
    'CREATE TABLE ledger (client int, n int, one int, other int, amount int, PRIMARY KEY (client, n))',
  );
  await client.query('CREATE TABLE wide (client int, n int, line int, filler text, PRIMARY KEY (client, n, line))');
  await client.query('INSERT INTO account SELECT g, $1::int FROM generate_series(0, $2::int) g', [
    START_BALANCE,
    ACCOUNTS - 1,
  ]);
}

/** @throws when anything is lost, half there, or different in an index and its table */
export async function checkTables(client: pg.Client, clients: readonly LedgerClient[]): Promise<void> {
  for (const one of clients) await one.settle(client);
  await checkBalances(client);
  for (const { id, acknowledged } of clients) {
    const { rows } = await client.query('SELECT n FROM ledger WHERE client = $1 ORDER BY n', [id]);
    if (rows.length !== acknowledged) throw new Error(`client ${id}: ${rows.length} lines of ${acknowledged}`);
    const last = acknowledged - (acknowledged % BATCH_EVERY);
    const expected = [last - 2 * BATCH_EVERY, last - BATCH_EVERY, last].filter((n) => n > 0);
    const batches = await client.query(
      'SELECT n, count(*)::int AS c FROM wide WHERE client = $1 GROUP BY n ORDER BY n',
      [id],
    );
    const found = JSON.stringify(batches.rows);
    if (found !== JSON.stringify(expected.map((n) => ({ n, c: BATCH_ROWS }))))
      throw new Error(`client ${id}, ${acknowledged} acknowledged: batches ${found}`);
  }
  await checkIndexes(client);
}

async function checkBalances(client: pg.Client): Promise<void> {
  const balances = Array.from({ length: ACCOUNTS }, () => START_BALANCE);
  for (const { one, other, amount } of (await client.query('SELECT one, other, amount FROM ledger')).rows) {
    balances[one] -= amount;
    balances[other] += amount;
  }
  const { rows } = await client.query('SELECT id, balance FROM account ORDER BY id');
  const found = JSON.stringify(rows.map((row) => row.balance));
  if (found !== JSON.stringify(balances)) throw new Error(`balances ${found} instead of ${JSON.stringify(balances)}`);
}

/** The same question answered by the table and by an index. */
async function checkIndexes(client: pg.Client): Promise<void> {
  const questions = [
    'SELECT id, balance FROM account WHERE balance > -1000000 ORDER BY balance, id',
    'SELECT client, n, amount FROM ledger WHERE client >= 0 ORDER BY client, n',
    'SELECT client, n, line FROM wide WHERE client >= 0 ORDER BY client, n, line',
  ];
  for (const question of questions) await checkAnswers(client, question);
}

/** @throws when a question has another answer by a table's rows than by its indexes */
export async function checkAnswers(client: pg.Client, question: string): Promise<void> {
  const answers: string[] = [];
  for (const off of ['enable_indexscan = off', 'enable_seqscan = off']) {
    await client.query(
      `BEGIN; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL ${off}`,
    );
    answers.push(JSON.stringify((await client.query(question)).rows));
    await client.query('COMMIT');
  }
  if (answers[0] !== answers[1]) throw new Error(`table and index differ: ${question}`);
}
