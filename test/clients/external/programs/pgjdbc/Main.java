// pgjdbc: fetch size, batches, server-prepared statements, metadata, updatable result sets, COPY, savepoints, errors.
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.*;
import java.time.*;
import java.util.*;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.PGStatement;
import org.postgresql.copy.CopyManager;
import org.postgresql.util.PGobject;
import org.postgresql.util.PSQLException;

public class Main {
  static Connection c;

  static Connection connect(String options) throws SQLException {
    String url = "jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE") + "?user=" + System.getenv("PGUSER") + options;
    return DriverManager.getConnection(url);
  }

  static void exec(String sql) throws SQLException {
    try (Statement s = c.createStatement()) {
      s.execute(sql);
    }
  }

  static void rows(ResultSet rs, int... columns) throws SQLException {
    while (rs.next()) {
      StringJoiner line = new StringJoiner(" | ");
      for (int column : columns) line.add(rs.getString(column));
      System.out.println(line);
    }
    rs.close();
  }

  static void rows(ResultSet rs, String... columns) throws SQLException {
    while (rs.next()) {
      StringJoiner line = new StringJoiner(" | ");
      for (String column : columns) line.add(rs.getString(column));
      System.out.println(line);
    }
    rs.close();
  }

  static void fails(String sql) {
    try {
      exec(sql);
      System.out.println("no error: " + sql);
    } catch (PSQLException e) {
      var m = e.getServerErrorMessage();
      System.out.println(e.getSQLState() + " " + m.getMessage() + " | " + m.getDetail() + " | " + m.getHint() + " | " + m.getPosition() + " | " + m.getTable() + " | " + m.getConstraint());
    } catch (SQLException e) {
      System.out.println(e);
    }
  }

  static void types() throws Exception {
    System.out.println("== types");
    exec("CREATE TYPE mood AS ENUM ('sad', 'ok')");
    exec("CREATE TABLE kinds (id serial PRIMARY KEY, s int2, i int, b int8, n numeric(12,3), f float4, d float8, t text, v varchar(9), c char(3), yes bool, raw bytea,"
        + " day date, tm time, ts timestamp, tz timestamptz, u uuid, ints int[], texts text[], m mood, j jsonb, x interval, r int4range)");
    String marks = "?" + ", ?".repeat(21);
    for (int round = 0; round < 7; round++) {
      // After the fifth run the driver prepares on the server and switches to binary.
      try (PreparedStatement p = c.prepareStatement("INSERT INTO kinds VALUES (DEFAULT, " + marks + ") RETURNING *")) {
        p.setShort(1, (short) -5);
        p.setInt(2, 7);
        p.setLong(3, 1L << 60);
        p.setBigDecimal(4, new BigDecimal("-123456.789"));
        p.setFloat(5, 1.5f);
        p.setDouble(6, 0.1);
        p.setString(7, "it's ü");
        p.setString(8, "vc");
        p.setString(9, "c");
        p.setBoolean(10, true);
        p.setBytes(11, new byte[] {0, (byte) 255});
        p.setObject(12, LocalDate.of(2024, 2, 29));
        p.setObject(13, LocalTime.of(1, 2, 3));
        p.setObject(14, LocalDateTime.of(2024, 2, 29, 1, 2, 3, 4000));
        p.setObject(15, OffsetDateTime.of(2024, 2, 29, 1, 2, 3, 0, ZoneOffset.UTC));
        p.setObject(16, new UUID(0, 5));
        p.setArray(17, c.createArrayOf("int4", new Integer[] {1, 2, null}));
        p.setArray(18, c.createArrayOf("text", new String[] {"a,b", "\"", ""}));
        p.setObject(19, "ok", Types.OTHER);
        PGobject json = new PGobject();
        json.setType("jsonb");
        json.setValue("{\"a\": [1]}");
        p.setObject(20, json);
        p.setObject(21, "1 day 02:00:00", Types.OTHER);
        p.setObject(22, "[1,5)", Types.OTHER);
        try (ResultSet rs = p.executeQuery()) {
          rs.next();
          ResultSetMetaData meta = rs.getMetaData();
          for (int i = 2; i <= meta.getColumnCount() && (round == 0 || round == 6); i++) {
            Object value = rs.getObject(i);
            String text = value instanceof byte[] bytes ? Arrays.toString(bytes) : value instanceof java.sql.Array a ? Arrays.toString((Object[]) a.getArray()) : String.valueOf(value);
            System.out.println(meta.getColumnName(i) + " " + meta.getColumnTypeName(i) + " " + meta.getColumnType(i) + " " + meta.getPrecision(i) + " " + meta.getScale(i)
                + " " + meta.isNullable(i) + " " + meta.isAutoIncrement(i) + " " + meta.getTableName(i) + " " + meta.getColumnClassName(i) + " " + text);
          }
          if (round == 6) System.out.println(rs.getObject("tz", OffsetDateTime.class) + " " + rs.getObject("day", LocalDate.class) + " " + rs.getObject("u", UUID.class) + " " + rs.getTimestamp("ts"));
        }
      }
    }
  }

  static void prepared() throws Exception {
    System.out.println("== server-prepared statements");
    try (PreparedStatement p = c.prepareStatement("SELECT i + ?, ?::text FROM kinds WHERE id = ?")) {
      ParameterMetaData meta = p.getParameterMetaData();
      for (int i = 1; i <= meta.getParameterCount(); i++) System.out.println(meta.getParameterTypeName(i) + " " + meta.getParameterClassName(i));
      ((PGStatement) p).setPrepareThreshold(2);
      for (int i = 1; i <= 4; i++) {
        p.setInt(1, i);
        p.setString(2, "x" + i);
        p.setInt(3, 1);
        rows(p.executeQuery(), 1, 2);
        System.out.println(((PGStatement) p).isUseServerPrepare());
      }
      exec("ALTER TABLE kinds ALTER i TYPE bigint");
      p.setInt(1, 1);
      rows(p.executeQuery(), 1, 2);
    }
    try (Statement s = c.createStatement()) {
      boolean more = s.execute("SELECT 1; UPDATE kinds SET t = 'u' WHERE id = 1; SELECT 'two'");
      for (;;) {
        if (more) rows(s.getResultSet(), 1);
        else if (s.getUpdateCount() == -1) break;
        else System.out.println("count " + s.getUpdateCount());
        more = s.getMoreResults();
      }
    }
  }

  static void batches() throws Exception {
    System.out.println("== batches");
    exec("CREATE TABLE item (id serial PRIMARY KEY, name text UNIQUE, price numeric(8,2) DEFAULT 1, CHECK (price > 0))");
    exec("COMMENT ON TABLE item IS 'things'; COMMENT ON COLUMN item.name IS 'unique'");
    try (PreparedStatement p = c.prepareStatement("INSERT INTO item (name, price) VALUES (?, ?)", Statement.RETURN_GENERATED_KEYS)) {
      for (int i = 0; i < 300; i++) {
        p.setString(1, "n" + i);
        p.setInt(2, i + 1);
        p.addBatch();
      }
      System.out.println(Arrays.stream(p.executeBatch()).sum());
      ResultSet keys = p.getGeneratedKeys();
      int last = 0;
      while (keys.next()) last = keys.getInt("id");
      System.out.println(last);
    }
    try (Statement s = c.createStatement()) {
      s.addBatch("INSERT INTO item (name) VALUES ('a')");
      s.addBatch("INSERT INTO item (name) VALUES ('n1')");
      s.addBatch("INSERT INTO item (name) VALUES ('b')");
      s.executeBatch();
    } catch (BatchUpdateException e) {
      System.out.println(e.getSQLState() + " " + Arrays.toString(e.getUpdateCounts()));
    }
    try (Connection rewriting = connect("&reWriteBatchedInserts=true"); PreparedStatement p = rewriting.prepareStatement("INSERT INTO item (name) VALUES (?)")) {
      for (int i = 0; i < 100; i++) {
        p.setString(1, "r" + i);
        p.addBatch();
      }
      System.out.println(p.executeBatch().length);
    }
    try (PreparedStatement p = c.prepareStatement("SELECT count(*) FROM item WHERE name LIKE ?")) {
      p.setString(1, "r%");
      rows(p.executeQuery(), 1);
    }
    try (PreparedStatement p = c.prepareStatement("UPDATE item SET price = price + 1 WHERE id <= 3", new String[] {"id", "price"})) {
      System.out.println(p.executeUpdate());
      rows(p.getGeneratedKeys(), 1, 2);
    }
  }

  static void cursors() throws Exception {
    System.out.println("== fetch size");
    c.setAutoCommit(false);
    try (Statement s = c.createStatement()) {
      s.setFetchSize(50);
      ResultSet rs = s.executeQuery("SELECT id FROM item ORDER BY id");
      int n = 0;
      while (rs.next()) n++;
      System.out.println(n);
      s.setMaxRows(7);
      rs = s.executeQuery("SELECT id FROM item ORDER BY id");
      n = 0;
      while (rs.next()) n++;
      System.out.println(n);
    }
    System.out.println("== updatable and scrollable result sets");
    try (Statement s = c.createStatement(ResultSet.TYPE_SCROLL_SENSITIVE, ResultSet.CONCUR_UPDATABLE)) {
      ResultSet rs = s.executeQuery("SELECT id, name, price FROM item WHERE id <= 5 ORDER BY id");
      rs.absolute(2);
      rs.updateString("name", "changed");
      rs.updateBigDecimal("price", new BigDecimal("9.99"));
      rs.updateRow();
      rs.last();
      System.out.println(rs.getRow() + " " + rs.getString(2));
      rs.deleteRow();
      rs.moveToInsertRow();
      rs.updateString("name", "inserted");
      rs.updateInt("id", 5000);
      rs.insertRow();
      rs.absolute(2);
      rs.refreshRow();
      System.out.println(rs.getString(2) + " " + rs.getBigDecimal(3));
      rs.beforeFirst();
      int n = 0;
      while (rs.next()) n++;
      System.out.println(n);
    }
    System.out.println("== transactions");
    Savepoint point = c.setSavepoint("here");
    fails("INSERT INTO item (name) VALUES ('n1'), ('n1')");
    fails("SELECT 1");
    c.rollback(point);
    try (Statement s = c.createStatement()) {
      rows(s.executeQuery("SELECT count(*), min(name) FILTER (WHERE id = 5000) FROM item"), 1, 2);
    }
    c.commit();
    c.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
    c.setReadOnly(true);
    fails("DELETE FROM item");
    c.rollback();
    System.out.println(c.getTransactionIsolation() + " " + c.isReadOnly());
    c.setReadOnly(false);
    c.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    c.setAutoCommit(true);
    try (Connection saving = connect("&autosave=always")) {
      saving.setAutoCommit(false);
      try (Statement s = saving.createStatement()) {
        s.execute("UPDATE item SET price = 2 WHERE id = 1");
        try {
          s.execute("SELECT nope");
        } catch (SQLException e) {
          System.out.println(e.getSQLState());
        }
        rows(s.executeQuery("SELECT price FROM item WHERE id = 1"), 1);
      }
      saving.commit();
    }
  }

  static void metadata() throws Exception {
    System.out.println("== metadata");
    exec("CREATE SCHEMA other; CREATE TABLE other.part (item int NOT NULL REFERENCES item ON DELETE CASCADE, no int, note varchar(20) DEFAULT 'x', PRIMARY KEY (item, no))");
    exec("CREATE VIEW cheap AS SELECT id, name FROM item WHERE price < 5; CREATE INDEX by_price ON item (price DESC) WHERE price > 2; CREATE SEQUENCE counter");
    exec("CREATE FUNCTION twice(a int, OUT b int, OUT c text) LANGUAGE sql AS $$ SELECT a * 2, 'c' $$; CREATE PROCEDURE act(INOUT a int) LANGUAGE sql AS $$ SELECT a + 1 $$");
    exec("CREATE TYPE pair AS (x int, y text); CREATE DOMAIN small AS int CHECK (VALUE < 10); GRANT SELECT ON item TO PUBLIC");
    DatabaseMetaData m = c.getMetaData();
    System.out.println(m.getDatabaseProductName() + " " + m.getDatabaseMajorVersion() + " " + m.getMaxColumnsInIndex() + " " + m.getMaxColumnNameLength() + " " + m.getIdentifierQuoteString());
    rows(m.getSchemas(), 1);
    rows(m.getTableTypes(), 1);
    rows(m.getTables(null, "%", "%", new String[] {"TABLE", "VIEW", "SEQUENCE", "TYPE"}), "TABLE_SCHEM", "TABLE_NAME", "TABLE_TYPE", "REMARKS");
    rows(m.getColumns(null, "public", "item", "%"), "COLUMN_NAME", "DATA_TYPE", "TYPE_NAME", "COLUMN_SIZE", "DECIMAL_DIGITS", "NULLABLE", "REMARKS", "COLUMN_DEF", "IS_AUTOINCREMENT", "ORDINAL_POSITION", "IS_GENERATEDCOLUMN");
    rows(m.getColumns(null, "public", "kinds", "%"), "COLUMN_NAME", "DATA_TYPE", "TYPE_NAME", "COLUMN_SIZE", "DECIMAL_DIGITS", "CHAR_OCTET_LENGTH");
    rows(m.getPrimaryKeys(null, "other", "part"), "COLUMN_NAME", "KEY_SEQ", "PK_NAME");
    rows(m.getImportedKeys(null, "other", "part"), "PKTABLE_NAME", "PKCOLUMN_NAME", "FKTABLE_NAME", "FKCOLUMN_NAME", "KEY_SEQ", "UPDATE_RULE", "DELETE_RULE", "FK_NAME", "PK_NAME", "DEFERRABILITY");
    rows(m.getExportedKeys(null, "public", "item"), "FKTABLE_SCHEM", "FKTABLE_NAME");
    rows(m.getCrossReference(null, "public", "item", null, "other", "part"), "FK_NAME");
    rows(m.getIndexInfo(null, "public", "item", false, false), "NON_UNIQUE", "INDEX_NAME", "TYPE", "ORDINAL_POSITION", "COLUMN_NAME", "ASC_OR_DESC", "FILTER_CONDITION");
    rows(m.getBestRowIdentifier(null, "other", "part", DatabaseMetaData.bestRowSession, false), "COLUMN_NAME", "TYPE_NAME");
    rows(m.getVersionColumns(null, "public", "item"), "COLUMN_NAME", "TYPE_NAME");
    rows(m.getProcedures(null, "public", "%"), "PROCEDURE_NAME", "PROCEDURE_TYPE");
    rows(m.getFunctions(null, "public", "%"), "FUNCTION_NAME", "FUNCTION_TYPE");
    rows(m.getProcedureColumns(null, "public", "act", "%"), "COLUMN_NAME", "COLUMN_TYPE", "TYPE_NAME");
    rows(m.getFunctionColumns(null, "public", "twice", "%"), "COLUMN_NAME", "COLUMN_TYPE", "TYPE_NAME");
    rows(m.getTablePrivileges(null, "public", "item"), "PRIVILEGE", "IS_GRANTABLE");
    rows(m.getUDTs(null, "public", "%", null), "TYPE_NAME", "DATA_TYPE", "BASE_TYPE");
    int types = 0;
    StringJoiner some = new StringJoiner(" ");
    for (ResultSet rs = m.getTypeInfo(); rs.next(); types++) if (List.of("int4", "text", "mood", "numeric").contains(rs.getString(1))) some.add(rs.getString(1) + ":" + rs.getInt(2));
    System.out.println((types > 50) + " " + some);
    System.out.println(Arrays.stream(m.getNumericFunctions().split(",")).count() + " " + m.getSQLKeywords().contains("analyze") + " " + m.getCatalogTerm() + " " + m.supportsBatchUpdates());
    ResultSet catalogs = m.getCatalogs();
    System.out.println(catalogs.next());
  }

  static void calls() throws Exception {
    System.out.println("== calls");
    try (CallableStatement call = c.prepareCall("{ call twice(?, ?, ?) }")) {
      call.setInt(1, 21);
      call.registerOutParameter(2, Types.INTEGER);
      call.registerOutParameter(3, Types.VARCHAR);
      call.execute();
      System.out.println(call.getInt(2) + " " + call.getString(3));
    }
    try (Connection calling = connect("&escapeSyntaxCallMode=call"); CallableStatement call = calling.prepareCall("{ call act(?) }")) {
      call.registerOutParameter(1, Types.INTEGER);
      call.setInt(1, 4);
      call.execute();
      System.out.println(call.getInt(1));
    }
    try (CallableStatement call = c.prepareCall("{ ? = call upper(?) }")) {
      call.registerOutParameter(1, Types.VARCHAR);
      call.setString(2, "abc");
      call.execute();
      System.out.println(call.getString(1));
    }
  }

  static void copies() throws Exception {
    System.out.println("== COPY, notifications, cancelling");
    CopyManager copy = c.unwrap(PGConnection.class).getCopyAPI();
    System.out.println(copy.copyIn("COPY item (id, name) FROM STDIN (FORMAT csv)", new StringReader("7000,one\n7001,\"t,wo\"\n")));
    StringWriter out = new StringWriter();
    System.out.println(copy.copyOut("COPY (SELECT id, name, price FROM item WHERE id >= 7000 ORDER BY id) TO STDOUT", out) + " " + out.toString().replace("\n", "/"));
    try {
      copy.copyIn("COPY item (id, name) FROM STDIN", new StringReader("x\ty\n"));
    } catch (PSQLException e) {
      System.out.println(e.getSQLState() + " " + e.getServerErrorMessage().getWhere());
    }
    exec("LISTEN news; NOTIFY news, 'hello'");
    for (PGNotification n : c.unwrap(PGConnection.class).getNotifications(5000)) System.out.println(n.getName() + " " + n.getParameter());
    try (Statement s = c.createStatement()) {
      s.setQueryTimeout(1);
      s.execute("SELECT pg_sleep(30)");
    } catch (SQLException e) {
      System.out.println(e.getSQLState());
    }
    try (Statement s = c.createStatement()) {
      s.execute("DROP TABLE IF EXISTS nothing_here");
      System.out.println(s.getWarnings().getSQLState() + " " + s.getWarnings().getMessage());
    }
    System.out.println(c.isValid(2) + " " + c.getSchema() + " " + c.unwrap(PGConnection.class).getParameterStatus("server_encoding"));
    c.setSchema("other");
    System.out.println(c.getSchema());
    c.setSchema("public");
    exec("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    System.out.println(c.getTransactionIsolation());
  }

  public static void main(String[] args) throws Exception {
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    Locale.setDefault(Locale.ENGLISH);
    System.out.println("version: " + org.postgresql.Driver.class.getPackage().getImplementationVersion());
    c = connect("");
    types();
    prepared();
    batches();
    cursors();
    metadata();
    calls();
    copies();
    System.out.println("== errors");
    for (String sql : List.of("SELECT * FROM nope", "SELECT nope", "SELECT 1/0", "SELECT 'x'::int", "SELEC 1", "INSERT INTO item (id) VALUES (1)", "INSERT INTO item (price) VALUES (-1)",
        "INSERT INTO other.part VALUES (-1, 1)", "INSERT INTO other.part (no) VALUES (1)", "SELECT 'angry'::mood", "SELECT f(1)", "DROP TABLE item")) fails(sql);
    for (String preference : List.of("simple", "extended", "extendedForPrepared", "extendedCacheEverything"))
      try (Connection other = connect("&preferQueryMode=" + preference); PreparedStatement p = other.prepareStatement("SELECT ?::int + 1, ?::text[]")) {
        p.setInt(1, 4);
        p.setArray(2, other.createArrayOf("text", new String[] {"q"}));
        rows(p.executeQuery(), 1, 2);
      }
    c.close();
  }
}
