"""asyncpg: binary types, its introspection, cursors, COPY of records, pools, listeners, errors."""
import asyncio
import datetime
import decimal
import io
import ipaddress
import uuid

import asyncpg

print("version:", asyncpg.__version__)


async def types(c):
    print("== types")
    await c.execute("CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (x int, y text[]); CREATE DOMAIN small AS int CHECK (VALUE < 10)")
    await c.execute(
        "CREATE TABLE kinds (id serial PRIMARY KEY, s int2, big int8, n numeric, f float4, g float8, b bool, t text, raw bytea, d date, tm time, ts timestamp,"
        " tz timestamptz, iv interval, u uuid, j jsonb, ints int[], m mood, p pair, r int4range, mr int8multirange, ip inet, net cidr, bits varbit,"
        " sm small, moods mood[], mac macaddr)"
    )
    utc = datetime.timezone.utc
    row = (
        -5, 2**60, decimal.Decimal("-0.00123"), 1.5, 0.1, True, "ü\n", b"\x00\xff", datetime.date(2024, 2, 29), datetime.time(1, 2, 3),
        datetime.datetime(2024, 2, 29, 1, 2, 3, 4), datetime.datetime(2024, 2, 29, tzinfo=utc), datetime.timedelta(days=40, seconds=5), uuid.UUID(int=5),
        '{"a": [1]}', [[1, 2], [3, None]], "ok", (1, ["x", None]), asyncpg.Range(1, 5), [asyncpg.Range(1, 3), asyncpg.Range(5, None)],
        ipaddress.ip_interface("10.0.0.1/8"), ipaddress.ip_network("10.0.0.0/8"), asyncpg.BitString("1010 1"), 5, ["sad", "ok"], "08:00:2b:01:02:03",
    )
    marks = ", ".join(f"${i + 1}" for i in range(len(row)))
    got = await c.fetchrow(f"INSERT INTO kinds VALUES (DEFAULT, {marks}) RETURNING *", *row)
    for name, value in got.items():
        print(name, repr(value))
    for wrong in (("small", 10), ("mood", "angry"), ("int4", 2**40), ("text", 5)):
        try:
            print(await c.fetchval(f"SELECT $1::{wrong[0]}", wrong[1]))
        except (asyncpg.PostgresError, asyncpg.DataError) as error:
            print(type(error).__name__, str(error).split("(")[0].strip())


async def statements(c):
    print("== prepared statements")
    statement = await c.prepare("SELECT id, t AS name, j, m, p FROM kinds WHERE id = ANY($1::int[]) AND t <> $2")
    print([(a.name, a.type.name, a.type.kind, a.type.schema) for a in statement.get_attributes()])
    print([(p.name, p.kind) for p in statement.get_parameters()], statement.get_statusmsg())
    print(await statement.fetch([1], "x"), statement.get_statusmsg())
    print(sorted((await statement.explain([1], "x"))[0].keys()))
    await c.execute("CREATE TABLE item (id int PRIMARY KEY, name text)")
    await c.executemany("INSERT INTO item VALUES ($1, $2)", [(i, f"n{i}") for i in range(300)])
    print(await c.fetchval("SELECT count(*) FROM item"))
    print(await c.fetchmany("INSERT INTO item VALUES ($1, $2) RETURNING id", [(1000, "a"), (1001, "b")]))
    print(await c.execute("UPDATE item SET name = 'x' WHERE id < 10"), await c.execute("SELECT 1; SELECT 2"))
    try:
        await c.executemany("INSERT INTO item VALUES ($1, $2)", [(2000, "a"), (1, "b")])
    except asyncpg.UniqueViolationError as error:
        print(error.sqlstate, error.detail, error.constraint_name, await c.fetchval("SELECT count(*) FROM item WHERE id = 2000"))
    await c.execute("ALTER TABLE item ADD extra int")
    print(await c.fetchrow("SELECT * FROM item WHERE id = $1", 1))


async def cursors(c):
    print("== cursors and transactions")
    async with c.transaction(isolation="serializable", readonly=True, deferrable=True):
        print(await c.fetchrow("SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only')"))
        total = 0
        async for record in c.cursor("SELECT id FROM item ORDER BY id", prefetch=50):
            total += record["id"]
        print(total)
        cur = await c.cursor("SELECT id FROM item ORDER BY id")
        await cur.forward(5)
        print(await cur.fetchrow(), await cur.fetch(2))
    try:
        async with c.transaction():
            await c.execute("DELETE FROM item")
            try:
                async with c.transaction():
                    await c.execute("SELECT 1/0")
            except asyncpg.DivisionByZeroError as error:
                print(error.sqlstate)
            print(await c.fetchval("SELECT count(*) FROM item"))
            raise RuntimeError("undone")
    except RuntimeError as error:
        print(error, await c.fetchval("SELECT count(*) FROM item"), c.is_in_transaction())


async def copies(c):
    print("== COPY")
    print(await c.copy_records_to_table("item", records=[(5000 + i, f"c{i}") for i in range(500)], columns=["id", "name"]))
    print(await c.copy_to_table("item", source=io.BytesIO(b"6000,a\n6001,\n"), columns=["id", "name"], format="csv"))
    out = io.BytesIO()
    print(await c.copy_from_query("SELECT id, name FROM item WHERE id >= $1 ORDER BY id", 6000, output=out, format="csv", header=True), out.getvalue())
    out = io.BytesIO()
    print(await c.copy_from_table("item", columns=["id"], output=out, format="binary"), len(out.getvalue()))
    try:
        await c.copy_records_to_table("item", records=[(1, "again")], columns=["id", "name"])
    except asyncpg.UniqueViolationError as error:
        print(error.sqlstate, error.context if hasattr(error, "context") else "")


async def codecs(c):
    print("== codecs and listeners")
    import json

    await c.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
    await c.set_type_codec("mood", encoder=str, decoder=lambda s: s.upper(), schema="public", format="text")
    print(await c.fetchrow("SELECT $1::jsonb AS j, $2::mood AS m", {"a": [1]}, "ok"))
    heard = asyncio.Queue()
    await c.add_listener("news", lambda conn, pid, channel, payload: heard.put_nowait((channel, payload)))
    await c.execute("NOTIFY news, 'hello'")
    print(await asyncio.wait_for(heard.get(), 5))
    logs = []
    c.add_log_listener(lambda conn, message: logs.append((message.severity, message.message)))
    await c.execute("DROP TABLE IF EXISTS nothing_here")
    await asyncio.sleep(0.05)
    print(logs)
    await c.reset()
    print(c.get_server_version().major, c.get_settings().server_encoding, c.get_settings().TimeZone is not None)


async def errors(c):
    print("== errors")
    for text in ("SELECT * FROM nope", "SELECT nope", "SELECT 1/0", "SELECT 'x'::int", "SELEC 1", "INSERT INTO item VALUES (NULL)", "SELECT f(1)", "COMMIT PREPARED 'x'"):
        try:
            await c.fetch(text)
        except asyncpg.PostgresError as error:
            print(type(error).__name__, error.sqlstate, error.message, error.detail, error.hint, error.position, error.column_name)
    try:
        await c.fetch("SELECT pg_sleep(30)", timeout=0.2)
    except asyncio.TimeoutError:
        print("timeout", await c.fetchval("SELECT 1"))


async def main():
    c = await asyncpg.connect(server_settings={"application_name": "trial", "timezone": "UTC"})
    print(await c.fetchval("SHOW application_name"))
    for part in (types, statements, cursors, copies, codecs, errors):
        await part(c)
    await c.close()
    print("== pool")
    async with asyncpg.create_pool(min_size=2, max_size=4) as pool:
        print(await asyncio.gather(*[pool.fetchval("SELECT $1::int", i) for i in range(12)]))


asyncio.run(main())
