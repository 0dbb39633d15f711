"""psycopg2: types, server-side cursors, COPY, two-phase commit, notifications, errors with their diagnostics."""
import datetime
import decimal
import io
import select
import uuid

import psycopg2
import psycopg2.errors
import psycopg2.extensions
import psycopg2.extras

print("version:", psycopg2.__version__.split()[0])
conn = psycopg2.connect("")  # everything from the environment
cur = conn.cursor()

print("== types")
cur.execute(
    "CREATE TABLE kinds (id serial PRIMARY KEY, i int, n numeric(10,2), f float8, b bool, t text, raw bytea, d date, ts timestamp,"
    " tz timestamptz, iv interval, u uuid, j jsonb, ints int[], texts text[], r int4range, ip inet)"
)
psycopg2.extras.register_uuid()
psycopg2.extras.register_inet()
cur.execute("SET timezone = 'UTC'")
row = (
    7, decimal.Decimal("12.50"), 0.1, True, "it's ü", b"\x00\xff", datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 1, 2, 3, 4),
    datetime.datetime(2024, 2, 29, 12, 0, tzinfo=datetime.timezone.utc), datetime.timedelta(days=3, seconds=5), uuid.UUID(int=5),
    psycopg2.extras.Json({"a": [1, None]}), [1, 2, None], ["a,b", '"'], psycopg2.extras.NumericRange(1, 5), "10.0.0.1/8",
)
cur.execute("INSERT INTO kinds VALUES (DEFAULT" + ", %s" * len(row) + ") RETURNING *", row)
for column, value in zip(cur.description, cur.fetchone()):
    value = bytes(value) if isinstance(value, memoryview) else value
    print(column.name, column.type_code, column.internal_size, column.precision, column.scale, repr(value))
print(cur.rowcount, cur.statusmessage)
cur.execute("SELECT %s::date[], %s::numeric[], %s::bytea", ([datetime.date(2024, 1, 1)], [decimal.Decimal("1.5")], memoryview(b"\x01")))
dates, numbers, raw = cur.fetchone()
print(dates, numbers, bytes(raw))
cur.execute("SELECT 'infinity'::float8, 'NaN'::numeric, '-infinity'::float4, 'epoch'::timestamptz, '{{1,2},{3,4}}'::int[]")
print(cur.fetchone())
conn.commit()

print("== composite and enum")
cur.execute("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (x int, y text)")
pair = psycopg2.extras.register_composite("pair", cur)
cur.execute("SELECT (1, 'a,\"b')::pair, ARRAY[(2, NULL)::pair], 'ok'::mood, ARRAY['sad','ok']::mood[]")
print(cur.fetchone(), pair.attnames)
try:
    psycopg2.extras.register_hstore(conn)
except psycopg2.ProgrammingError as error:
    print(error)
conn.commit()

print("== bulk")
cur.execute("CREATE TABLE item (id int PRIMARY KEY, name text)")
rows = psycopg2.extras.execute_values(cur, "INSERT INTO item VALUES %s RETURNING id", [(i, f"n{i}") for i in range(250)], page_size=100, fetch=True)
print(len(rows), rows[0], rows[-1])
psycopg2.extras.execute_batch(cur, "UPDATE item SET name = %s WHERE id = %s", [("x", i) for i in range(30)])
cur.execute("SELECT name, count(*) FROM item WHERE id < 40 GROUP BY name ORDER BY 2 DESC, 1 LIMIT 2")
print(cur.fetchall())
conn.commit()

print("== server-side cursors")
with conn.cursor("named", scrollable=True) as named:
    named.itersize = 20
    named.execute("SELECT id FROM item ORDER BY id")
    print(named.fetchmany(3), named.fetchone())
    named.scroll(10)
    print(named.fetchone())
    named.scroll(0, mode="absolute")
    print(named.fetchone(), sum(1 for _ in named))
with conn.cursor("held", withhold=True) as held:
    held.execute("SELECT id FROM item ORDER BY id DESC")
    conn.commit()
    print(held.fetchmany(2))
with conn.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as dicts:
    dicts.execute("SELECT 1 AS a, 'x' AS b")
    print(dict(dicts.fetchone()))
with conn.cursor(cursor_factory=psycopg2.extras.NamedTupleCursor) as tuples:
    tuples.execute("SELECT 1 AS a, 'x' AS b")
    print(tuples.fetchone())

print("== COPY")
cur.copy_from(io.StringIO("1000\tone\n1001\t\\N\n"), "item", columns=("id", "name"))
out = io.StringIO()
cur.copy_expert("COPY (SELECT * FROM item WHERE id >= 1000 ORDER BY id) TO STDOUT (FORMAT csv, HEADER, NULL '-')", out)
print(repr(out.getvalue()))
try:
    cur.copy_expert("COPY item FROM STDIN", io.StringIO("x\ty\n"))
except psycopg2.Error as error:
    print(error.pgcode, error.diag.message_primary, "|", error.diag.context)
conn.rollback()

print("== transactions")
conn.set_session(isolation_level="SERIALIZABLE", readonly=True, deferrable=True)
cur.execute("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'), current_setting('transaction_deferrable')")
print(cur.fetchone())
try:
    cur.execute("DELETE FROM item")
except psycopg2.errors.ReadOnlySqlTransaction as error:
    print(error.pgcode, error.diag.message_primary)
print(conn.get_transaction_status() == psycopg2.extensions.TRANSACTION_STATUS_INERROR)
try:
    cur.execute("SELECT 1")
except psycopg2.errors.InFailedSqlTransaction as error:
    print(error.pgcode, error.diag.message_primary)
conn.rollback()
conn.set_session(isolation_level="DEFAULT", readonly=False, deferrable=False)
with conn:
    cur.execute("DELETE FROM item WHERE id > 10")
    print(cur.rowcount)
try:
    with conn:
        cur.execute("DELETE FROM item")
        raise RuntimeError("undone")
except RuntimeError as error:
    print(error)
cur.execute("SELECT count(*) FROM item")
print(cur.fetchone())
conn.commit()

print("== notifications and notices")
conn.autocommit = True
cur.execute("LISTEN news; NOTIFY news, 'hello'")
if not conn.notifies:
    select.select([conn], [], [], 5)
    conn.poll()
print([(n.channel, n.payload, n.pid == conn.get_backend_pid()) for n in conn.notifies])
cur.execute("DROP TABLE IF EXISTS nothing_here")
print(conn.notices[-1].strip())

print("== errors")
for text in (
    "SELECT * FROM nope", "SELECT nope", "SELECT 1/0", "SELECT 'x'::int", "SELEC 1", "INSERT INTO item VALUES (1, 'x')",
    "INSERT INTO item VALUES (NULL, 'x')", "SELECT 'angry'::mood", "SELECT pg_sleep('x')", "CREATE TABLE item (a int)", "SELECT f(1)",
):
    try:
        cur.execute(text)
    except psycopg2.Error as error:
        d = error.diag
        print(type(error).__name__, error.pgcode, d.severity, d.message_primary, d.message_detail, d.message_hint, d.statement_position,
              d.schema_name, d.table_name, d.column_name, d.constraint_name)

print("== status")
print(conn.server_version // 10000, conn.encoding, conn.get_parameter_status("standard_conforming_strings"), conn.protocol_version)
print(conn.get_parameter_status("DateStyle"), conn.get_parameter_status("integer_datetimes"), conn.info.dsn_parameters.get("sslmode"))
conn.close()
print(conn.closed)
