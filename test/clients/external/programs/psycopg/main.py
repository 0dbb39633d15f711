"""psycopg 3: text and binary, pipelines, COPY, server-side cursors, prepared statements, type adapters, asyncio."""
import asyncio
import datetime
import decimal
import uuid

import psycopg
from psycopg import sql
from psycopg.rows import class_row, dict_row, namedtuple_row
from psycopg.types import TypeInfo
from psycopg.types.composite import CompositeInfo, register_composite
from psycopg.types.enum import EnumInfo, register_enum
from psycopg.types.json import Jsonb
from psycopg.types.multirange import MultirangeInfo
from psycopg.types.range import Range, RangeInfo

print("version:", psycopg.__version__)
conn = psycopg.connect("", autocommit=True)
conn.execute("SET timezone = 'UTC'")

print("== types in text and binary")
conn.execute(
    "CREATE TABLE kinds (id serial PRIMARY KEY, s int2, i int, big int8, n numeric, f4 float4, f8 float8, b bool, t text, v varchar(9), c char(3),"
    " raw bytea, d date, tm time, ts timestamp, tz timestamptz, ttz timetz, iv interval, u uuid, j json, jb jsonb, ints int[], texts text[],"
    " r int4range, ip inet, net cidr, nothing text)"
)
utc = datetime.timezone.utc
row = (
    1, -5, 2**60, decimal.Decimal("-12345678901234567890.000123"), 1.5, 0.1, True, "it's ü\n", "vc", "c", b"\x00\xff", datetime.date(2024, 2, 29),
    datetime.time(1, 2, 3, 4), datetime.datetime(2024, 2, 29, 1, 2, 3, 4), datetime.datetime(2024, 2, 29, 12, tzinfo=utc),
    datetime.time(1, 2, tzinfo=utc), datetime.timedelta(days=3, seconds=5, microseconds=6), uuid.UUID(int=5), '{"a": 1}', Jsonb({"a": [1, None]}),
    [1, 2, None], ["a,b", '"', ""], Range(1, 5), "10.0.0.1", "10.0.0.0/8", None,
)
for mark in ("%s", "%b", "%t"):
    for binary in (False, True):
        cur = conn.cursor(binary=binary)
        try:
            cur.execute("INSERT INTO kinds VALUES (DEFAULT" + f", {mark}" * len(row) + ") RETURNING *", row)
            print(mark, binary, cur.fetchone()[1:])
        except psycopg.Error as error:
            print(mark, binary, error.sqlstate, str(error).splitlines()[0])
cur = conn.cursor(binary=True)
cur.execute("SELECT 'NaN'::numeric, 'infinity'::float8, '{{1,2},{3,4}}'::int8[], '{}'::text[], '[2024-01-01,)'::daterange, 'empty'::int8range, '{[1,3),[5,7)}'::int4multirange")
print(cur.fetchone())
print([(c.name, c.type_code, c.type_display, c.internal_size, c.precision, c.scale) for c in conn.execute("SELECT n, v, iv::interval(3), 1.5::numeric(6,2) FROM kinds").description])

print("== prepared statements")
for i in range(8):
    last = conn.execute("SELECT %s::int + 1, %s::text", (i, "x"), prepare=True).fetchone()
print(last, conn.execute("SELECT count(*), bool_and(from_sql = false), min(parameter_types::text) FROM pg_prepared_statements").fetchone())
conn.execute("ALTER TABLE kinds ADD extra int")
print(conn.execute("SELECT id, extra FROM kinds WHERE id = %s", (1,), prepare=True).fetchone())
conn.execute("ALTER TABLE kinds ALTER extra TYPE text")
try:
    print(conn.execute("SELECT id, extra FROM kinds WHERE id = %s", (1,), prepare=True).fetchone())
except psycopg.Error as error:
    print(error.sqlstate, error)

print("== executemany and results")
conn.execute("CREATE TABLE item (id serial PRIMARY KEY, name text UNIQUE)")
cur = conn.cursor()
cur.executemany("INSERT INTO item (name) VALUES (%s) RETURNING id", [("a",), ("b",), ("c",)], returning=True)
got = [cur.fetchone()]
while cur.nextset():
    got.append(cur.fetchone())
print(got, cur.rowcount)
cur.execute("SELECT 1; SELECT 'two', 2; UPDATE item SET name = name")
while True:
    print(cur.statusmessage, cur.fetchall() if cur.description else cur.rowcount)
    if not cur.nextset():
        break

print("== pipeline")
with conn.pipeline() as pipeline:
    cursors = [conn.execute("SELECT %s::int", (i,)) for i in range(5)]
    conn.execute("INSERT INTO item (name) VALUES ('piped')")
    pipeline.sync()
    print([c.fetchone() for c in cursors])
try:
    with conn.pipeline():
        conn.execute("INSERT INTO item (name) VALUES ('lost')")
        conn.execute("INSERT INTO item (name) VALUES ('a')")
        conn.execute("SELECT 1")
except psycopg.Error as error:
    print(error.sqlstate, error.diag.constraint_name)
print(conn.execute("SELECT array_agg(name ORDER BY name) FROM item").fetchone(), conn.info.transaction_status.name)
with conn.pipeline() as pipeline:
    with conn.transaction():
        conn.execute("INSERT INTO item (name) VALUES ('in transaction')")
    first = conn.execute("SELECT 1/0")
    try:
        pipeline.sync()
    except psycopg.Error as error:
        print(error.sqlstate)
    print(conn.execute("SELECT count(*) FROM item").fetchone())

print("== COPY")
with conn.cursor() as cur:
    with cur.copy("COPY item (name) FROM STDIN") as copy:
        for i in range(1000):
            copy.write_row((f"r{i}",))
    print(cur.rowcount)
    with cur.copy("COPY item (id, name) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(["int4", "text"])
        copy.write_row((100000, "binary"))
        copy.write_row((100001, None))
    print(cur.rowcount)
    with cur.copy("COPY (SELECT id, name, '{1,2}'::int[] FROM item WHERE id >= 100000 ORDER BY id) TO STDOUT (FORMAT binary)") as copy:
        copy.set_types(["int4", "text", "int4[]"])
        print(list(copy.rows()))
    with cur.copy("COPY (VALUES (1, 'a,b'), (2, NULL)) TO STDOUT (FORMAT csv, FORCE_QUOTE *)") as copy:
        print(b"".join(bytes(data) for data in copy))
    for data in ("1\n", "x\ty\n", "5\ta\tb\n"):
        try:
            with cur.copy("COPY item FROM STDIN") as copy:
                copy.write(data)
        except psycopg.Error as error:
            print(error.sqlstate, error.diag.message_primary, "|", error.diag.context)
    try:
        with cur.copy("COPY item FROM STDIN") as copy:
            copy.write("77777\tx\n")
            raise RuntimeError("given up")
    except RuntimeError as error:
        print(error)

print("== server-side cursors")
with conn.transaction():
    with conn.cursor(name="srv", scrollable=True) as cur:
        cur.execute("SELECT id FROM item ORDER BY id")
        print(cur.fetchmany(2), cur.fetchone(), cur.rownumber)
        cur.scroll(5)
        print(cur.fetchone())
        cur.scroll(0, mode="absolute")
        print(cur.fetchone(), sum(1 for _ in cur))
    with conn.cursor(name="bin", binary=True) as cur:
        cur.itersize = 100
        cur.execute("SELECT id, name FROM item ORDER BY id DESC")
        print(sum(r[0] for r in cur) > 0, cur.description[1].name)
cur = conn.cursor(name="kept", withhold=True)
cur.execute("SELECT 1 UNION SELECT 2 ORDER BY 1")
print(cur.fetchall())
cur.close()

print("== transactions")
with conn.transaction():
    conn.execute("DELETE FROM item WHERE id > 50")
    try:
        with conn.transaction() as inner:
            conn.execute("DELETE FROM item")
            conn.execute("SELECT 1/0")
    except psycopg.errors.DivisionByZero as error:
        print(error.sqlstate)
    with conn.transaction(force_rollback=True):
        conn.execute("DELETE FROM item")
    print(conn.execute("SELECT count(*) FROM item").fetchone())
other = psycopg.connect("")
other.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
other.read_only = True
other.deferrable = True
print(other.execute("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'), current_setting('transaction_deferrable')").fetchone())
other.rollback()
conn.execute("SELECT 1")
other.read_only = False
other.close()

print("== types of the database")
conn.execute("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (x int, y text); CREATE TYPE span AS RANGE (subtype = float8)")
info = EnumInfo.fetch(conn, "mood")
register_enum(info, conn)
print(info.name, info.labels, conn.execute("SELECT 'ok'::mood, ARRAY['sad','ok']::mood[]").fetchone())
pair = CompositeInfo.fetch(conn, "pair")
register_composite(pair, conn)
print(pair.field_names, conn.execute("SELECT %s::pair, ARRAY[(2,'b')::pair]", ((1, "z"),)).fetchone())
print(conn.cursor(binary=True).execute("SELECT (1, 'z')::pair").fetchone())
print(RangeInfo.fetch(conn, "span").subtype_oid, MultirangeInfo.fetch(conn, "int4multirange").range_oid, TypeInfo.fetch(conn, "hstore"), TypeInfo.fetch(conn, "jsonb").oid)

print("== rows and identifiers")
print(list(conn.cursor().stream("SELECT g FROM generate_series(1, 4) g")))
print(conn.cursor(row_factory=dict_row).execute("SELECT 1 AS a, 'x' AS b").fetchone())
print(conn.cursor(row_factory=namedtuple_row).execute("SELECT 1 AS a, 'x' AS b").fetchone())
print(conn.execute(sql.SQL("SELECT {} FROM {} WHERE {} = {}").format(sql.Identifier("name"), sql.Identifier("item"), sql.Identifier("id"), sql.Literal(1))).fetchone())

print("== errors and notifications")
notices = []
conn.add_notice_handler(lambda d: notices.append((d.severity, d.sqlstate, d.message_primary)))
conn.execute("DROP TABLE IF EXISTS nothing_here")
print(notices)
for text in ("SELECT * FROM nope", "INSERT INTO item (name) VALUES ('a')", "SELECT 'angry'::mood", "SELECT 1 +", "SELECT ''::int"):
    try:
        conn.execute(text)
    except psycopg.Error as error:
        d = error.diag
        print(type(error).__name__, error.sqlstate, d.message_primary, d.message_detail, d.message_hint, d.statement_position, d.constraint_name)
conn.execute("LISTEN news")
conn.execute("SELECT pg_notify('news', 'hello')")
print([(n.channel, n.payload) for n in conn.notifies(timeout=5, stop_after=1)])
print(conn.info.server_version // 10000, conn.info.encoding, conn.info.parameter_status("server_encoding"), conn.info.pipeline_status.name)


async def main():
    print("== asyncio")
    async with await psycopg.AsyncConnection.connect("", autocommit=True) as aconn:
        async with aconn.cursor() as cur:
            await cur.execute("SELECT %s::int4", (5,))
            print(await cur.fetchone())
            async with cur.copy("COPY (SELECT generate_series(1, 3)) TO STDOUT") as copy:
                print([r async for r in copy.rows()])
        sleeping = asyncio.ensure_future(aconn.execute("SELECT pg_sleep(30)"))
        await asyncio.sleep(0.2)
        sleeping.cancel()
        try:
            await sleeping
        except (asyncio.CancelledError, psycopg.errors.QueryCanceled) as error:
            print("cancelled")


asyncio.run(main())
conn.close()
