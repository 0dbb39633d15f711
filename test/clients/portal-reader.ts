/** Reads a query's rows in parts through one portal, as the cursor and stream packages for node-postgres do. */
import type pg from 'pg';

type Row = readonly (string | null)[];

/** What the driver tells a submitted query; `count` rows are asked for with each `read`. */
export class PortalReader implements pg.Submittable {
  private connection: pg.Connection | null = null;
  private rows: Row[] = [];
  private waiting: { resolve: (rows: Row[]) => void; reject: (error: Error) => void } | null = null;
  private failure: Error | null = null;
  private finished = false;
  /** The command tag, once the portal has met its end. */
  tag: string | null = null;
  readonly columns: string[] = [];
  readonly done: Promise<void>;
  private settle: () => void = () => {};

  constructor(
    private readonly text: string,
    private readonly values: string[] = [],
    private readonly portal = 'reader',
  ) {
    this.done = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  readonly submit = (connection: pg.Connection): void => {
    this.connection = connection;
    connection.parse({ name: '', text: this.text, types: [] }, true);
    connection.bind({ portal: this.portal, values: this.values }, true);
    connection.describe({ type: 'P', name: this.portal }, true);
    connection.flush();
  };

  /** The next rows; none at the end. */
  read(count: number): Promise<Row[]> {
    if (this.failure !== null) return Promise.reject(this.failure);
    if (this.finished || this.connection === null) return Promise.resolve([]);
    this.connection.execute({ portal: this.portal, rows: String(count) }, true);
    this.connection.flush();
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
  }

  /** Ends the portal early. */
  close(): Promise<void> {
    if (!this.finished && this.connection !== null) {
      this.finished = true;
      this.connection.close({ type: 'P', name: this.portal }, true);
      this.connection.sync();
    }
    return this.done;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
    try {
      for (;;) {
        const rows = await this.read(100);
        if (rows.length === 0) return;
        yield* rows;
      }
    } finally {
      await this.close();
    }
  }

  handleRowDescription({ fields }: { fields: { name: string }[] }): void {
    this.columns.push(...fields.map((field) => field.name));
  }

  handleDataRow({ fields }: { fields: Row }): void {
    this.rows.push(fields);
  }

  handlePortalSuspended(): void {
    this.give();
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.tag = text;
    this.finished = true;
    this.connection?.sync();
    this.give();
  }

  handleReadyForQuery(): void {
    this.finished = true;
    this.settle();
  }

  handleError(error: Error): void {
    this.failure = error;
    this.finished = true;
    this.waiting?.reject(error);
    this.waiting = null;
    // The driver has forgotten this query by the time that ReadyForQuery comes.
    this.settle();
    this.connection?.sync();
  }

  private give(): void {
    const { rows } = this;
    this.rows = [];
    this.waiting?.resolve(rows);
    this.waiting = null;
  }
}
