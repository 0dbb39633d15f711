// lib/pq and pgx (v4) under database/sql, and pgx by itself: types, prepared statements, COPY, batches, notifications, errors.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/jackc/pgconn"
	"github.com/jackc/pgx/v4"
	_ "github.com/jackc/pgx/v4/stdlib"
	"github.com/lib/pq"
)

func must(err error) {
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
}

func dsn() string {
	return fmt.Sprintf("postgres://%s@%s:%s/%s?sslmode=disable", os.Getenv("PGUSER"), os.Getenv("PGHOST"), os.Getenv("PGPORT"), os.Getenv("PGDATABASE"))
}

func code(err error) string {
	var p *pq.Error
	if errors.As(err, &p) {
		return fmt.Sprint(p.Severity, " ", p.Code, " ", p.Code.Name(), " ", p.Message, " | ", p.Detail, " | ", p.Constraint, " | ", p.Position)
	}
	var g *pgconn.PgError
	if errors.As(err, &g) {
		return fmt.Sprint(g.Severity, " ", g.Code, " ", g.Message, " | ", g.Detail, " | ", g.ConstraintName, " | ", g.Position)
	}
	return fmt.Sprint(err)
}

func standard(driver string) {
	fmt.Println("== database/sql over", driver)
	db, err := sql.Open(driver, dsn())
	must(err)
	defer db.Close()
	_, err = db.Exec("DROP TABLE IF EXISTS kinds, item; CREATE TABLE kinds (id serial PRIMARY KEY, i int, n numeric(10,2), f float8, b bool, t text, raw bytea, ts timestamptz, u uuid, nothing text)")
	must(err)
	at := time.Date(2024, 2, 29, 12, 0, 0, 4000, time.UTC)
	var id, i int
	var n, t string
	var f float64
	var b bool
	var raw []byte
	var ts time.Time
	var nothing sql.NullString
	row := db.QueryRow("INSERT INTO kinds (i, n, f, b, t, raw, ts, u) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id, i, n, f, b, t, raw, ts, nothing",
		7, "12.50", 0.1, true, "it's ü", []byte{0, 255}, at, "00000000-0000-0000-0000-000000000005")
	must(row.Scan(&id, &i, &n, &f, &b, &t, &raw, &ts, &nothing))
	fmt.Println(id, i, n, f, b, t, raw, ts.UTC(), nothing)
	rows, err := db.Query("SELECT * FROM kinds")
	must(err)
	types, _ := rows.ColumnTypes()
	for _, c := range types {
		length, has := c.Length()
		fmt.Println(c.Name(), c.DatabaseTypeName(), c.ScanType(), length, has)
	}
	rows.Close()
	statement, err := db.Prepare("SELECT $1::int + i, $2 FROM kinds WHERE id = $3")
	must(err)
	for k := 0; k < 3; k++ {
		must(statement.QueryRow(k, "x", 1).Scan(&i, &t))
		fmt.Print(i, t, " ")
	}
	fmt.Println()
	tx, err := db.BeginTx(context.Background(), &sql.TxOptions{Isolation: sql.LevelSerializable, ReadOnly: true})
	must(err)
	must(tx.QueryRow("SHOW transaction_isolation").Scan(&t))
	_, err = tx.Exec("DELETE FROM kinds")
	fmt.Println(t, code(err))
	tx.Rollback()
	_, err = db.Exec("CREATE TABLE item (id int PRIMARY KEY, name text NOT NULL)")
	must(err)
	_, err = db.Exec("INSERT INTO item SELECT g, 'n' || g FROM generate_series(1, 100) g")
	must(err)
	result, err := db.Exec("UPDATE item SET name = 'x' WHERE id <= $1", 10)
	must(err)
	changed, _ := result.RowsAffected()
	fmt.Println(changed)
	for _, text := range []string{"SELECT * FROM nope", "SELECT 1/0", "SELECT 'x'::int", "SELEC 1", "INSERT INTO item VALUES (1, 'x')", "INSERT INTO item VALUES (1000, NULL)"} {
		_, err := db.Exec(text)
		fmt.Println(code(err))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, err = db.ExecContext(ctx, "SELECT pg_sleep(30)")
	fmt.Println(err != nil, db.QueryRow("SELECT 1").Scan(&i), i)
}

func libpq() {
	fmt.Println("== lib/pq")
	db, err := sql.Open("postgres", dsn()+"&binary_parameters=yes")
	must(err)
	defer db.Close()
	var ints []int64
	var texts []string
	must(db.QueryRow("SELECT $1::int[], $2::text[]", pq.Array([]int64{1, 2}), pq.Array([]string{"a,b", "\""})).Scan(pq.Array(&ints), pq.Array(&texts)))
	fmt.Println(ints, texts)
	tx, err := db.Begin()
	must(err)
	in, err := tx.Prepare(pq.CopyIn("item", "id", "name"))
	must(err)
	for i := 0; i < 500; i++ {
		_, err = in.Exec(2000+i, fmt.Sprint("c\t", i))
		must(err)
	}
	_, err = in.Exec()
	must(err)
	must(in.Close())
	must(tx.Commit())
	var n int
	must(db.QueryRow("SELECT count(*) FROM item").Scan(&n))
	fmt.Println(n)
	tx, _ = db.Begin()
	in, err = tx.Prepare(pq.CopyIn("item", "id", "name"))
	must(err)
	in.Exec(1, "again")
	_, err = in.Exec()
	fmt.Println(code(err))
	tx.Rollback()
	listener := pq.NewListener(dsn(), time.Second, time.Minute, nil)
	must(listener.Listen("news"))
	db.Exec("NOTIFY news, 'hello'")
	select {
	case note := <-listener.Notify:
		fmt.Println(note.Channel, note.Extra)
	case <-time.After(5 * time.Second):
		fmt.Println("nothing heard")
	}
	listener.Close()
}

func native() {
	fmt.Println("== pgx")
	ctx := context.Background()
	c, err := pgx.Connect(ctx, dsn())
	must(err)
	defer c.Close(ctx)
	var i int32
	var ints []int32
	var texts []string
	var doc map[string]interface{}
	must(c.QueryRow(ctx, "SELECT $1::int + 1, $2::int[], $3::text[], $4::jsonb", 4, []int32{1, 2}, []string{"a", "b,c"}, map[string]int{"x": 1}).Scan(&i, &ints, &texts, &doc))
	fmt.Println(i, ints, texts, doc)
	copied, err := c.CopyFrom(ctx, pgx.Identifier{"item"}, []string{"id", "name"}, pgx.CopyFromRows([][]interface{}{{9001, "p"}, {9002, "q"}}))
	fmt.Println(copied, err)
	batch := &pgx.Batch{}
	batch.Queue("SELECT $1::int", 1)
	batch.Queue("INSERT INTO item VALUES (9003, 'r')")
	batch.Queue("INSERT INTO item VALUES (9003, 'again')")
	batch.Queue("SELECT 2")
	sent := c.SendBatch(ctx, batch)
	must(sent.QueryRow().Scan(&i))
	tag, err := sent.Exec()
	fmt.Println(i, tag, err)
	_, err = sent.Exec()
	fmt.Println(code(err))
	sent.Close()
	must(c.QueryRow(ctx, "SELECT count(*) FROM item WHERE id > 9000").Scan(&i))
	fmt.Println(i)
	err = c.BeginFunc(ctx, func(tx pgx.Tx) error {
		nested, _ := tx.Begin(ctx)
		_, err := nested.Exec(ctx, "INSERT INTO item VALUES (1, 'x')")
		fmt.Println(code(err))
		nested.Rollback(ctx)
		_, err = tx.Exec(ctx, "DELETE FROM item WHERE id > $1", 9000)
		return err
	})
	fmt.Println(err)
	for _, simple := range []bool{true, false} {
		rows, err := c.Query(ctx, "SELECT id, name FROM item WHERE id = any($1) ORDER BY id", pgx.QuerySimpleProtocol(simple), []int32{1, 2})
		must(err)
		for rows.Next() {
			values, _ := rows.Values()
			fmt.Println(values)
		}
	}
	description, err := c.Prepare(ctx, "p", "SELECT id, name, 1.5::numeric(4,2) AS n FROM item WHERE id = $1")
	must(err)
	fmt.Println(description.ParamOIDs, len(description.Fields), description.Fields[2].DataTypeOID, description.Fields[2].TypeModifier)
	fmt.Println(c.PgConn().ParameterStatus("server_encoding"), c.PgConn().TxStatus())
}

func main() {
	fmt.Println("version:", os.Getenv("CLIENT_VERSION"))
	standard("postgres")
	libpq()
	standard("pgx")
	native()
}
