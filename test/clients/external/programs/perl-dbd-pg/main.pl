# DBD::Pg: placeholders, types, metadata, COPY, cursors, savepoints, asynchronous queries, errors.
use strict;
use warnings;
use DBI;
use DBD::Pg qw(:pg_types :async);

print "version: $DBD::Pg::VERSION\n";
binmode STDOUT, ':encoding(UTF-8)';
my $db = DBI->connect('dbi:Pg:', undef, undef, {RaiseError => 1, PrintError => 0, AutoCommit => 1});
my $show = sub { print join(' | ', map { defined $_ ? ref $_ ? '{' . join(',', map { defined $_ ? $_ : 'undef' } @$_) . '}' : $_ : 'undef' } @_), "\n" };
my $tries = sub {
  my ($sql) = @_;
  eval { $db->do($sql); print "no error\n"; 1 } or $show->($db->state, $db->err, split /\n/, $db->errstr);
};

print "== types and placeholders\n";
$db->do('CREATE TABLE kinds (id serial PRIMARY KEY, i int, n numeric(10,2), b bool, t text, raw bytea, d date, ints int[], texts text[], j jsonb)');
my $insert = $db->prepare('INSERT INTO kinds (i, n, b, t, raw, d, ints, texts, j) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING *');
$insert->bind_param(5, undef, {pg_type => PG_BYTEA});
$insert->execute(7, '12.50', 1, "it's \x{fc}", "\0\xff", '2024-02-29', [1, 2, undef], ['a,b', '"'], '{"a": 1}');
my $row = $insert->fetchrow_hashref;
$row->{raw} = unpack 'H*', $row->{raw};
$show->(map { "$_=" . (ref $row->{$_} ? '{' . join(',', map { $_ // 'undef' } @{$row->{$_}}) . '}' : $row->{$_}) } sort keys %$row);
$show->(@{$insert->{NAME}});
$show->(@{$insert->{TYPE}});
$show->(map { $_ // 'undef' } @{$insert->{PRECISION}});
$show->(@{$insert->{NULLABLE}});
$show->(@{$insert->{pg_type}});
my $named = $db->prepare('SELECT :a::int + :b::int, $$?$$', {});
$named->bind_param(':a', 2);
$named->bind_param(':b', 3);
$named->execute;
$show->($named->fetchrow_array);
my $dollar = $db->prepare('SELECT $1::text || $2, $1', {pg_server_prepare => 1});
for my $x (qw(a b)) { $dollar->execute($x, 'z'); $show->($dollar->fetchrow_array); }
$show->($db->selectrow_array('SELECT ?::int[] @> ?::int[]', undef, [1, 2], [1]));
$show->($db->quote("it's \\"), $db->quote_identifier('a"b'), $db->quote("\0\xff", {pg_type => PG_BYTEA}));
$show->($db->last_insert_id(undef, 'public', 'kinds', undef));

print "== metadata\n";
$db->do('CREATE TABLE item (id int PRIMARY KEY, name varchar(20) NOT NULL DEFAULT \'x\', kind int REFERENCES kinds ON DELETE SET NULL, UNIQUE (name))');
$db->do("COMMENT ON COLUMN item.name IS 'called'");
$db->do('CREATE VIEW seen AS SELECT id FROM item');
$show->(@$_[1, 2, 3]) for @{$db->table_info(undef, 'public', '%', 'TABLE,VIEW')->fetchall_arrayref};
$show->(@$_[2, 3, 4, 5, 6, 10, 11, 12, 16, 17]) for @{$db->column_info(undef, 'public', 'item', '%')->fetchall_arrayref};
$show->($db->primary_key(undef, 'public', 'item'));
$show->(@$_[2, 3, 6, 7, 8, 9, 10, 11, 12]) for @{$db->foreign_key_info(undef, 'public', 'kinds', undef, 'public', 'item')->fetchall_arrayref};
$show->(@$_[1, 2, 3, 5, 6, 7, 8]) for @{$db->statistics_info(undef, 'public', 'item', 0, 0)->fetchall_arrayref};
$show->(map { $_->{TYPE_NAME} } grep { $_->{TYPE_NAME} =~ /^(int4|text|bytea)$/ } $db->type_info);
$show->(int($db->{pg_server_version} / 10000), $db->{pg_standard_conforming_strings}, $db->{pg_enable_utf8}, $db->get_info(17));

print "== COPY\n";
$db->do('COPY item (id, name) FROM STDIN');
$db->pg_putcopydata("$_\tn$_\n") for 1 .. 500;
$db->pg_putcopyend;
$db->do('COPY (SELECT id, name FROM item WHERE id < 3 ORDER BY id) TO STDOUT (FORMAT csv, HEADER)');
my $line = '';
while ($db->pg_getcopydata($line) >= 0) { print $line; }
$db->do('COPY item (id, name) FROM STDIN');
$db->pg_putcopydata("x\ty\n");
eval { $db->pg_putcopyend; 1 } or $show->($db->state, split /\n/, $db->errstr);

print "== transactions and cursors\n";
$db->begin_work;
$db->pg_savepoint('here');
$tries->("INSERT INTO item VALUES (1, 'again')");
$show->($db->ping, $db->pg_ping, $db->{pg_db} eq $ENV{PGDATABASE});
$db->pg_rollback_to('here');
$db->do('DECLARE c SCROLL CURSOR FOR SELECT id FROM item ORDER BY id');
$show->(map { @$_ } @{$db->selectall_arrayref('FETCH 3 FROM c')});
$show->(map { @$_ } @{$db->selectall_arrayref('FETCH ABSOLUTE -2 FROM c')});
$db->commit;
my $rows = $db->do('UPDATE item SET name = name || ? WHERE id > ?', undef, '!', 490);
my $none = $db->do('DELETE FROM item WHERE id = -1');
$show->($rows, $none);
my $tuples = $db->prepare('INSERT INTO item VALUES (?, ?)');
my @status;
my $done = $tuples->execute_array({ArrayTupleStatus => \@status}, [601, 602], ['p', 'q']);
$show->($done, @status);
$show->(map { "$_->[0]:$_->[1]" } @{$db->selectall_arrayref('SELECT id, name FROM item WHERE id > 495 ORDER BY id')});

print "== asynchronous queries and notifications\n";
$db->do('SELECT pg_sleep(0.1), 42', {pg_async => PG_ASYNC});
$show->($db->pg_result);
my $slow = $db->prepare('SELECT pg_sleep(30)', {pg_async => PG_ASYNC});
$slow->execute;
$show->($db->pg_cancel ? 'cancelled' : 'not cancelled');
$db->do('LISTEN news');
$db->do("NOTIFY news, 'hello'");
my $note = $db->pg_notifies;
$show->($note->[0], $note->[2]);

print "== errors\n";
$tries->($_) for 'SELECT * FROM nope', 'SELECT 1/0', "SELECT 'x'::int", 'SELEC 1', "INSERT INTO item VALUES (1, 'x')", 'INSERT INTO item VALUES (9999, NULL)', "INSERT INTO item VALUES (9999, 'y', -1)";
eval { $db->do('SELECT * FROM nope'); };
$show->($db->pg_error_field($_)) for qw(severity state primary detail hint statement_position);
$db->disconnect;
