# ruby-pg: queries with type maps, prepared statements, COPY, single-row mode, pipelines, notifications, errors.
require 'pg'

puts "version: #{PG::VERSION}"
conn = PG.connect
conn.exec("SET timezone = 'UTC'")
def fails(conn, sql, *params)
  conn.exec_params(sql, params)
  puts 'no error'
rescue PG::Error => e
  r = e.result
  fields = [PG::PG_DIAG_SQLSTATE, PG::PG_DIAG_MESSAGE_PRIMARY, PG::PG_DIAG_MESSAGE_DETAIL, PG::PG_DIAG_MESSAGE_HINT, PG::PG_DIAG_STATEMENT_POSITION, PG::PG_DIAG_CONSTRAINT_NAME]
  p [e.class, *fields.map { |f| r&.error_field(f) }]
end

puts '== types'
conn.exec('CREATE TABLE kinds (id serial PRIMARY KEY, i int, n numeric(10,2), f float8, b bool, t text, raw bytea, d date, ts timestamp, tz timestamptz, ints int[], j jsonb, u uuid, ip inet)')
conn.type_map_for_results = PG::BasicTypeMapForResults.new(conn)
conn.type_map_for_queries = PG::BasicTypeMapForQueries.new(conn)
values = [7, BigDecimal('12.50'), 0.1, true, "it's ü", PG::BasicTypeMapForQueries::BinaryData.new("\0\xff".b), '2024-02-29', '2024-02-29 01:02:03', '2024-02-29 12:00+00', [1, 2, nil], '{"a": 1}', '00000000-0000-0000-0000-000000000005', '10.0.0.1']
marks = (1..values.size).map { |i| "$#{i}" }.join(', ')
[0, 1].each do |format|
  r = conn.exec_params("INSERT INTO kinds VALUES (DEFAULT, #{marks}) RETURNING i, n, f, b, t, raw, d, ts, tz, ints, j, u", values, format)
  p r.values[0].map { |v| v.is_a?(BigDecimal) ? v.to_s : v.is_a?(Time) ? v.utc.to_s : v }
rescue PG::Error => e
  p e.class, e.message.lines.first
end
r = conn.exec('SELECT id, t, n, i + 1 FROM kinds')
p r.fields, (0...r.nfields).map { |i| [r.ftype(i), r.fmod(i), r.fsize(i), r.ftablecol(i)] }, r.cmd_status, r.cmd_tuples
p conn.exec_params('SELECT $1::int8[], $2::float8[], $3::text[]', [[[1, 2], [3, 4]], [1.5], ['a,b', '"', nil]]).values
p conn.exec("SELECT 'infinity'::float8, 'NaN'::float4, NULL").values.flatten.map(&:to_s)

puts '== prepared statements'
conn.prepare('p', 'SELECT i + $1 AS sum, t FROM kinds WHERE id = $2')
d = conn.describe_prepared('p')
p d.nparams, (0...d.nparams).map { |i| d.paramtype(i) }, d.fields
p conn.exec_prepared('p', [5, 1]).to_a
conn.exec('DEALLOCATE p')
p conn.exec('SELECT 1 AS a; SELECT 2 AS b').to_a

puts '== COPY'
conn.exec('CREATE TABLE item (id int PRIMARY KEY, name text)')
enco = PG::TextEncoder::CopyRow.new
res = conn.copy_data('COPY item FROM STDIN', enco) do
  200.times { |i| conn.put_copy_data([i, i.even? ? "n\t#{i}" : nil]) }
end
p res.cmd_tuples
deco = PG::TextDecoder::CopyRow.new
conn.copy_data('COPY (SELECT * FROM item WHERE id < 3 ORDER BY id) TO STDOUT', deco) do
  while (row = conn.get_copy_data)
    p row
  end
end
begin
  conn.copy_data('COPY item FROM STDIN') { conn.put_copy_data("x\ty\n") }
rescue PG::Error => e
  p e.class, e.message.lines.map(&:chomp)
end
begin
  conn.copy_data('COPY item FROM STDIN') { raise 'given up' }
rescue StandardError => e
  p e.message
end
begin
  conn.get_last_result
rescue PG::Error => e
  p e.class, e.message.lines.map(&:chomp)
end

puts '== single rows and cursors'
conn.send_query('SELECT id FROM item ORDER BY id')
conn.set_single_row_mode
p conn.get_result.stream_each.sum { |row| row['id'] }
conn.get_result
conn.transaction do
  conn.exec('DECLARE c SCROLL CURSOR FOR SELECT id FROM item ORDER BY id')
  p conn.exec('FETCH 2 FROM c').values, conn.exec('FETCH LAST FROM c').values
end

puts '== pipeline'
conn.enter_pipeline_mode
conn.send_query_params('SELECT $1::int', [1])
conn.send_query_params('SELECT 1/0', [])
conn.send_query_params('SELECT 3', [])
conn.pipeline_sync
results = []
loop do
  r = conn.get_result
  next if r.nil?

  results << r.res_status(r.result_status)
  break if r.result_status == PG::PGRES_PIPELINE_SYNC
end
p results
conn.exit_pipeline_mode

puts '== transactions and notifications'
begin
  conn.transaction { |c| c.exec('DELETE FROM item') && raise('undone') }
rescue StandardError => e
  p e.message, conn.exec('SELECT count(*) FROM item').getvalue(0, 0)
end
p conn.transaction_status == PG::PQTRANS_IDLE
conn.exec('LISTEN news')
conn.exec("NOTIFY news, 'hello'")
conn.wait_for_notify(5) { |channel, _pid, payload| p [channel, payload] }
notices = []
conn.set_notice_receiver { |r| notices << [r.error_field(PG::PG_DIAG_SQLSTATE), r.error_field(PG::PG_DIAG_MESSAGE_PRIMARY)] }
conn.exec('DROP TABLE IF EXISTS nothing_here')
p notices
conn.send_query('SELECT pg_sleep(30)')
p conn.cancel
begin
  conn.get_last_result
rescue PG::QueryCanceled => e
  p e.class
end
p conn.escape_string("it's \\"), conn.escape_identifier('a"b'), conn.escape_bytea("\0\xff".b), conn.unescape_bytea('\\x00ff').bytes
p conn.server_version / 10_000, conn.parameter_status('server_encoding'), conn.internal_encoding.to_s, conn.get_client_encoding

puts '== errors'
['SELECT * FROM nope', 'SELECT 1/0', "SELECT 'x'::int", 'SELEC 1', "INSERT INTO item VALUES (1, 'x')", 'INSERT INTO item VALUES (NULL)'].each { |sql| fails(conn, sql) }
fails(conn, 'SELECT $1::int', 'x')
conn.close
