/* psqlodbc through unixODBC: types, parameters, catalog functions, cursors, transactions, diagnostics. */
#include <sql.h>
#include <sqlext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static SQLHENV environment;
static SQLHDBC connection;

static void diagnose(SQLSMALLINT type, SQLHANDLE handle) {
  SQLCHAR state[6], text[512];
  SQLINTEGER native;
  SQLSMALLINT length;
  if (SQL_SUCCEEDED(SQLGetDiagRec(type, handle, 1, state, &native, text, sizeof text, &length))) {
    char *end = strstr((char *)text, ";\nError while");
    if (end) *end = 0;
    printf("%s %s\n", state, text);
  }
}

static void rows(SQLHSTMT s, const int *columns, int count) {
  SQLSMALLINT n;
  SQLNumResultCols(s, &n);
  while (SQL_SUCCEEDED(SQLFetch(s))) {
    for (int i = 0; i < (columns ? count : n); i++) {
      char text[512];
      SQLLEN got;
      SQLGetData(s, columns ? columns[i] : i + 1, SQL_C_CHAR, text, sizeof text, &got);
      printf("%s%s", i ? " | " : "", got == SQL_NULL_DATA ? "NULL" : text);
    }
    printf("\n");
  }
  SQLFreeStmt(s, SQL_CLOSE);
}

static SQLHSTMT statement(void) {
  SQLHSTMT s;
  SQLAllocHandle(SQL_HANDLE_STMT, connection, &s);
  return s;
}

static void run(const char *sql) {
  SQLHSTMT s = statement();
  if (!SQL_SUCCEEDED(SQLExecDirect(s, (SQLCHAR *)sql, SQL_NTS))) diagnose(SQL_HANDLE_STMT, s);
  else {
    SQLSMALLINT n;
    SQLLEN changed;
    SQLNumResultCols(s, &n);
    SQLRowCount(s, &changed);
    if (n > 0) rows(s, NULL, 0);
    else if (changed >= 0 && strncmp(sql, "CREATE", 6) != 0) printf("%ld rows\n", (long)changed);
  }
  SQLFreeHandle(SQL_HANDLE_STMT, s);
}

int main(void) {
  char string[512], text[64];
  SQLSMALLINT length;
  SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment);
  SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION, (void *)SQL_OV_ODBC3, 0);
  SQLAllocHandle(SQL_HANDLE_DBC, environment, &connection);
  snprintf(string, sizeof string, "Driver=/usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so;Servername=%s;Port=%s;Database=%s;UID=%s;UseServerSidePrepare=1;UseDeclareFetch=1;Fetch=50",
           getenv("PGHOST"), getenv("PGPORT"), getenv("PGDATABASE"), getenv("PGUSER"));
  if (!SQL_SUCCEEDED(SQLDriverConnect(connection, NULL, (SQLCHAR *)string, SQL_NTS, NULL, 0, NULL, SQL_DRIVER_NOPROMPT))) {
    diagnose(SQL_HANDLE_DBC, connection);
    return 1;
  }
  SQLGetInfo(connection, SQL_DRIVER_VER, text, sizeof text, &length);
  printf("version: %s\n== types and parameters\n", text);
  SQLGetInfo(connection, SQL_DBMS_NAME, text, sizeof text, &length);
  printf("%s ", text);
  SQLGetInfo(connection, SQL_DBMS_VER, text, sizeof text, &length);
  printf("%.2s\n", text);
  run("CREATE TABLE kinds (id serial PRIMARY KEY, i int, n numeric(10,2), f float8, b bool, t text, raw bytea, d date, ts timestamp, u uuid)");
  SQLHSTMT s = statement();
  SQLPrepare(s, (SQLCHAR *)"INSERT INTO kinds (i, n, f, b, t, raw, d, ts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", SQL_NTS);
  SQLINTEGER i = 7;
  SQLDOUBLE f = 0.1;
  SQLCHAR b = 1, n[] = "12.50", t[] = "it's plain", raw[] = {0, 255};
  SQL_DATE_STRUCT d = {2024, 2, 29};
  SQL_TIMESTAMP_STRUCT ts = {2024, 2, 29, 1, 2, 3, 4000000};
  SQLLEN nts = SQL_NTS, two = 2;
  SQLBindParameter(s, 1, SQL_PARAM_INPUT, SQL_C_SLONG, SQL_INTEGER, 0, 0, &i, 0, NULL);
  SQLBindParameter(s, 2, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_NUMERIC, 10, 2, n, sizeof n, &nts);
  SQLBindParameter(s, 3, SQL_PARAM_INPUT, SQL_C_DOUBLE, SQL_DOUBLE, 0, 0, &f, 0, NULL);
  SQLBindParameter(s, 4, SQL_PARAM_INPUT, SQL_C_BIT, SQL_BIT, 0, 0, &b, 0, NULL);
  SQLBindParameter(s, 5, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR, 100, 0, t, sizeof t, &nts);
  SQLBindParameter(s, 6, SQL_PARAM_INPUT, SQL_C_BINARY, SQL_VARBINARY, 10, 0, raw, 2, &two);
  SQLBindParameter(s, 7, SQL_PARAM_INPUT, SQL_C_TYPE_DATE, SQL_TYPE_DATE, 0, 0, &d, 0, NULL);
  SQLBindParameter(s, 8, SQL_PARAM_INPUT, SQL_C_TYPE_TIMESTAMP, SQL_TYPE_TIMESTAMP, 0, 0, &ts, 0, NULL);
  for (int round = 0; round < 3; round++, i++)
    if (!SQL_SUCCEEDED(SQLExecute(s))) diagnose(SQL_HANDLE_STMT, s);
  SQLFreeHandle(SQL_HANDLE_STMT, s);
  run("SELECT * FROM kinds ORDER BY id");
  s = statement();
  SQLExecDirect(s, (SQLCHAR *)"SELECT * FROM kinds", SQL_NTS);
  SQLNumResultCols(s, &length);
  for (int column = 1; column <= length; column++) {
    SQLCHAR name[64];
    SQLSMALLINT got, type, digits, nullable;
    SQLULEN size;
    SQLDescribeCol(s, column, name, sizeof name, &got, &type, &size, &digits, &nullable);
    printf("%s %d %lu %d %d\n", name, type, (unsigned long)size, digits, nullable);
  }
  SQLFreeHandle(SQL_HANDLE_STMT, s);
  printf("== catalog functions\n");
  run("CREATE TABLE item (id int PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'x', kind int REFERENCES kinds ON DELETE CASCADE, UNIQUE (name, kind))");
  run("CREATE VIEW seen AS SELECT id FROM item");
  run("CREATE FUNCTION twice(a int) RETURNS int LANGUAGE sql AS 'SELECT a * 2'");
  s = statement();
  SQLTables(s, NULL, 0, (SQLCHAR *)"public", SQL_NTS, (SQLCHAR *)"%", SQL_NTS, (SQLCHAR *)"TABLE,VIEW", SQL_NTS);
  rows(s, (int[]){2, 3, 4}, 3);
  SQLColumns(s, NULL, 0, (SQLCHAR *)"public", SQL_NTS, (SQLCHAR *)"item", SQL_NTS, NULL, 0);
  rows(s, (int[]){4, 5, 6, 7, 8, 9, 11, 13, 14, 16, 17, 18}, 12);
  SQLPrimaryKeys(s, NULL, 0, (SQLCHAR *)"public", SQL_NTS, (SQLCHAR *)"item", SQL_NTS);
  rows(s, (int[]){3, 4, 5, 6}, 4);
  SQLForeignKeys(s, NULL, 0, NULL, 0, NULL, 0, NULL, 0, (SQLCHAR *)"public", SQL_NTS, (SQLCHAR *)"item", SQL_NTS);
  rows(s, (int[]){3, 4, 7, 8, 9, 10, 11, 12}, 8);
  SQLStatistics(s, NULL, 0, (SQLCHAR *)"public", SQL_NTS, (SQLCHAR *)"item", SQL_NTS, SQL_INDEX_ALL, SQL_QUICK);
  rows(s, (int[]){3, 4, 6, 7, 8, 9, 10}, 7);
  SQLSpecialColumns(s, SQL_BEST_ROWID, NULL, 0, (SQLCHAR *)"public", SQL_NTS, (SQLCHAR *)"item", SQL_NTS, SQL_SCOPE_SESSION, SQL_NULLABLE);
  rows(s, (int[]){2, 3, 4, 5}, 4);
  SQLProcedures(s, NULL, 0, (SQLCHAR *)"public", SQL_NTS, (SQLCHAR *)"%", SQL_NTS);
  rows(s, (int[]){3, 8}, 2);
  SQLProcedureColumns(s, NULL, 0, (SQLCHAR *)"public", SQL_NTS, (SQLCHAR *)"twice", SQL_NTS, NULL, 0);
  rows(s, (int[]){3, 4, 5, 6, 7}, 5);
  SQLFreeHandle(SQL_HANDLE_STMT, s);
  printf("== cursors and transactions\n");
  run("INSERT INTO item SELECT g, 'n' || g, NULL FROM generate_series(1, 200) g");
  SQLSetConnectAttr(connection, SQL_ATTR_AUTOCOMMIT, (void *)SQL_AUTOCOMMIT_OFF, 0);
  s = statement();
  SQLSetStmtAttr(s, SQL_ATTR_CURSOR_TYPE, (void *)SQL_CURSOR_KEYSET_DRIVEN, 0);
  SQLSetStmtAttr(s, SQL_ATTR_CONCURRENCY, (void *)SQL_CONCUR_ROWVER, 0);
  SQLExecDirect(s, (SQLCHAR *)"SELECT id, name FROM item ORDER BY id", SQL_NTS);
  SQLINTEGER id = 0;
  SQLBindCol(s, 1, SQL_C_SLONG, &id, 0, NULL);
  SQLFetchScroll(s, SQL_FETCH_ABSOLUTE, 150);
  printf("%d ", (int)id);
  SQLFetchScroll(s, SQL_FETCH_LAST, 0);
  printf("%d ", (int)id);
  SQLFetchScroll(s, SQL_FETCH_RELATIVE, -9);
  printf("%d\n", (int)id);
  SQLFreeHandle(SQL_HANDLE_STMT, s);
  run("DELETE FROM item WHERE id > 100");
  SQLEndTran(SQL_HANDLE_DBC, connection, SQL_ROLLBACK);
  run("SELECT count(*) FROM item");
  run("INSERT INTO item VALUES (1, 'again')");
  run("SELECT count(*) FROM item");
  SQLEndTran(SQL_HANDLE_DBC, connection, SQL_COMMIT);
  SQLSetConnectAttr(connection, SQL_ATTR_AUTOCOMMIT, (void *)SQL_AUTOCOMMIT_ON, 0);
  printf("== errors\n");
  const char *wrong[] = {"SELECT * FROM nope", "SELECT 1/0", "SELEC 1", "INSERT INTO item VALUES (1, 'n1')", "INSERT INTO item VALUES (NULL, 'x')", "INSERT INTO item VALUES (999, 'y', -1)"};
  for (int k = 0; k < 6; k++) run(wrong[k]);
  run("SELECT {fn UCASE('abc')}, {d '2024-02-29'}, {fn CONCAT('a', 'b')}");
  SQLDisconnect(connection);
  return 0;
}
