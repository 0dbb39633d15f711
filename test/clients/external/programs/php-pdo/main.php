<?php
// PHP: PDO over pgsql (prepares, types, cursors, COPY) and the pg_* functions.
$version = phpversion('pdo_pgsql');
echo "version: $version\n";
$dsn = sprintf('pgsql:host=%s;port=%s;dbname=%s;user=%s', getenv('PGHOST'), getenv('PGPORT'), getenv('PGDATABASE'), getenv('PGUSER'));
$db = new PDO($dsn, null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
function show($value): void
{
    echo json_encode($value, JSON_UNESCAPED_UNICODE | JSON_PARTIAL_OUTPUT_ON_ERROR), "\n";
}
function fails(callable $work): void
{
    try {
        $work();
        show('no error');
    } catch (PDOException $error) {
        show([$error->getCode(), $error->errorInfo[2]]);
    }
}

echo "== types and prepares\n";
$db->exec('CREATE TABLE kinds (id serial PRIMARY KEY, i int, n numeric(10,2), f float8, b bool, t text, raw bytea, d timestamptz, j jsonb, ints int[])');
$db->exec("SET timezone = 'UTC'");
foreach ([false, true] as $emulate) {
    $insert = $db->prepare('INSERT INTO kinds (i, n, f, b, t, raw, d, j, ints) VALUES (:i, :n, :f, :b, :t, :raw, :d, :j, :ints) RETURNING *', [PDO::ATTR_EMULATE_PREPARES => $emulate]);
    $insert->bindValue('i', 7, PDO::PARAM_INT);
    $insert->bindValue('n', '12.50');
    $insert->bindValue('f', 0.1);
    $insert->bindValue('b', true, PDO::PARAM_BOOL);
    $insert->bindValue('t', "it's ü");
    $insert->bindValue('raw', "\0\xff", PDO::PARAM_LOB);
    $insert->bindValue('d', '2024-02-29 12:00:00+02');
    $insert->bindValue('j', '{"a": [1]}');
    $insert->bindValue('ints', '{1,2,NULL}');
    $insert->execute();
    $row = $insert->fetch(PDO::FETCH_ASSOC);
    $row['raw'] = bin2hex(is_resource($row['raw']) ? stream_get_contents($row['raw']) : $row['raw']);
    show($row);
}
for ($i = 0; $i < $insert->columnCount(); $i++) {
    $meta = $insert->getColumnMeta($i);
    show([$meta['name'], $meta['native_type'], $meta['pgsql:oid'], $meta['table'] ?? null, $meta['len'], $meta['precision'], $meta['pdo_type']]);
}
show($db->lastInsertId());
show($db->lastInsertId('kinds_id_seq'));
$select = $db->prepare('SELECT i + ? AS sum, ?::text AS text FROM kinds WHERE id = ANY (?::int[])');
$select->execute([1, 'x', '{1,2}']);
show([$select->rowCount(), $select->fetchAll(PDO::FETCH_NUM)]);
show($db->query('SELECT id, t FROM kinds ORDER BY id')->fetchAll(PDO::FETCH_KEY_PAIR));
show($db->query("SELECT '{\"a\":1}'::jsonb ?? 'a' AS has")->fetchColumn());
fails(fn() => $db->prepare('SELECT ?::int')->execute(['x']));
fails(fn() => $db->prepare('SELECT ?::int')->execute([]));

echo "== COPY\n";
$db->exec('CREATE TABLE item (id int PRIMARY KEY, name text)');
show($db->pgsqlCopyFromArray('item', ["1\tone", "2\t\\N", "3\tthree"]));
show($db->pgsqlCopyToArray('item'));
show($db->pgsqlCopyToArray('item', ',', 'none', 'name'));
fails(fn() => $db->pgsqlCopyFromArray('item', ["x\ty"]));

echo "== transactions and cursors\n";
$db->beginTransaction();
$db->exec('SAVEPOINT here');
fails(fn() => $db->exec("INSERT INTO item VALUES (1, 'again')"));
fails(fn() => $db->query('SELECT 1'));
$db->exec('ROLLBACK TO here');
$cursor = $db->prepare('SELECT id FROM item ORDER BY id', [PDO::ATTR_CURSOR => PDO::CURSOR_SCROLL]);
$cursor->execute();
show([$cursor->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_LAST), $cursor->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_FIRST), $cursor->fetch(PDO::FETCH_NUM, PDO::FETCH_ORI_ABS, 2)]);
show($db->inTransaction());
$db->rollBack();
show($db->exec('UPDATE item SET name = name'));
show([$db->getAttribute(PDO::ATTR_CLIENT_VERSION) !== '', intdiv((int) $db->getAttribute(PDO::ATTR_SERVER_VERSION), 1), $db->getAttribute(PDO::ATTR_DRIVER_NAME), $db->quote("it's")]);

echo "== errors and notifications\n";
foreach (['SELECT * FROM nope', 'SELECT 1/0', "SELECT 'x'::int", 'SELEC 1', "INSERT INTO item VALUES (1, 'x')", 'INSERT INTO item VALUES (NULL)'] as $sql) fails(fn() => $db->exec($sql));
$db->exec('LISTEN news');
$db->exec("NOTIFY news, 'hello'");
$note = $db->pgsqlGetNotify(PDO::FETCH_ASSOC, 5000);
show([$note['message'], $note['payload']]);

echo "== pg functions\n";
$pg = pg_connect('');
show(pg_fetch_all(pg_query_params($pg, 'SELECT $1::int + 1 AS n, $2 AS t', [4, 'x'])));
pg_prepare($pg, 'p', 'SELECT name FROM item WHERE id = $1');
show(pg_fetch_row(pg_execute($pg, 'p', [3])));
show(pg_meta_data($pg, 'item'));
show(pg_insert($pg, 'item', ['id' => 10, 'name' => 'ten']) !== false);
show(pg_select($pg, 'item', ['id' => 10]));
show(pg_update($pg, 'item', ['name' => 'TEN'], ['id' => 10]));
show(pg_copy_to($pg, 'item', ';'));
show(@pg_query($pg, 'SELECT * FROM nope'));
pg_send_query($pg, "INSERT INTO item VALUES (1, 'x')");
$result = pg_get_result($pg);
show(array_map(fn($field) => pg_result_error_field($result, $field), [PGSQL_DIAG_SEVERITY, PGSQL_DIAG_SQLSTATE, PGSQL_DIAG_MESSAGE_PRIMARY, PGSQL_DIAG_MESSAGE_DETAIL]));
$result = pg_query($pg, 'SELECT id, name FROM item ORDER BY id');
show([pg_num_rows($result), pg_field_name($result, 1), pg_field_type($result, 1), pg_field_table($result, 1), pg_field_size($result, 0), pg_field_prtlen($result, 0, 1)]);
show([pg_parameter_status($pg, 'server_encoding'), pg_client_encoding($pg), pg_transaction_status($pg) === PGSQL_TRANSACTION_IDLE, pg_escape_literal($pg, "it's \\"), pg_escape_identifier($pg, 'a"b')]);
