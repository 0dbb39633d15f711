// libpqxx: parameters, prepared statements, streams, cursors, pipelines, subtransactions, notifications, errors.
#include <iostream>
#include <pqxx/pqxx>

static void fails(pqxx::connection &c, const char *sql) {
  try {
    pqxx::work w{c};
    w.exec(sql);
    std::cout << "no error\n";
  } catch (const pqxx::sql_error &e) {
    std::string text = e.what();
    std::cout << e.sqlstate() << ' ' << text.substr(0, text.find('\n')) << '\n';
  }
}

struct Listener : pqxx::notification_receiver {
  Listener(pqxx::connection_base &c) : notification_receiver{c, "news"} {}
  void operator()(const std::string &payload, int) override { std::cout << "heard " << payload << '\n'; }
};

int main() {
  std::cout << "version: " << PQXX_VERSION << "\n== types\n";
  pqxx::connection c{""};
  {
    pqxx::work w{c};
    w.exec("CREATE TABLE kinds (id serial PRIMARY KEY, i int, big int8, f float8, b bool, t text, raw bytea, nothing text)");
    pqxx::binarystring raw{std::string("\0\xff", 2)};
    auto r = w.exec_params("INSERT INTO kinds (i, big, f, b, t, raw) VALUES ($1, $2, $3, $4, $5, $6) RETURNING *", 7, 1LL << 60, 0.1, true, "it's ü", raw);
    for (const auto &field : r[0]) std::cout << field.name() << ' ' << field.type() << ' ' << (field.is_null() ? "NULL" : field.c_str()) << '\n';
    std::cout << r[0]["i"].as<int>() + 1 << ' ' << r[0]["b"].as<bool>() << ' ' << r[0]["nothing"].as<std::string>("none") << ' ' << r.affected_rows() << '\n';
    std::cout << w.quote("it's") << ' ' << w.quote_name("a\"b") << ' ' << w.esc_raw(std::string("\0\xff", 2)) << '\n';
    auto array = w.exec1("SELECT ARRAY['a,b', NULL, '\"']::text[]")[0].as_array();
    for (auto item = array.get_next(); item.first != pqxx::array_parser::done; item = array.get_next()) std::cout << int(item.first) << ':' << item.second << ' ';
    std::cout << '\n';
    w.commit();
  }
  std::cout << "== prepared statements\n";
  c.prepare("add", "SELECT $1::int + i, $2::text FROM kinds");
  {
    pqxx::work w{c};
    for (int i = 0; i < 3; i++) {
      auto row = w.exec_prepared1("add", i, "x");
      std::cout << row[0].as<int>() << row[1].c_str() << ' ';
    }
    std::cout << '\n';
    w.exec("CREATE TABLE item (id int PRIMARY KEY, name text)");
    w.commit();
  }
  std::cout << "== streams\n";
  {
    pqxx::work w{c};
    pqxx::stream_to to{w, "item", std::vector<std::string>{"id", "name"}};
    for (int i = 0; i < 300; i++) to << std::make_tuple(i, "n\t" + std::to_string(i));
    to.complete();
    std::cout << w.exec1("SELECT count(*), max(length(name)) FROM item")[0].as<int>() << '\n';
    pqxx::stream_from from{w, "item", std::vector<std::string>{"id", "name"}};
    std::tuple<int, std::string> row;
    int sum = 0;
    while (from >> row) sum += std::get<0>(row);
    from.complete();
    std::cout << sum << '\n';
    w.commit();
  }
  std::cout << "== cursors\n";
  {
    pqxx::work w{c};
    pqxx::icursorstream cursor{w, "SELECT id FROM item ORDER BY id", "rows", 120};
    pqxx::result r;
    while (cursor >> r && !r.empty()) std::cout << r.size() << ' ';
    pqxx::stateless_cursor<pqxx::cursor_base::read_only, pqxx::cursor_base::owned> still{w, "SELECT id FROM item ORDER BY id", "still", false};
    std::cout << still.size() << ' ' << still.retrieve(10, 12)[1][0].c_str() << '\n';
  }
  std::cout << "== transactions\n";
  {
    pqxx::work w{c};
    try {
      pqxx::subtransaction sub{w};
      sub.exec("DELETE FROM item");
      sub.exec("SELECT 1/0");
    } catch (const pqxx::sql_error &e) {
      std::cout << e.sqlstate() << '\n';
    }
    std::cout << w.exec1("SELECT count(*) FROM item")[0].c_str() << '\n';
    w.abort();
    pqxx::transaction<pqxx::serializable, pqxx::read_only> s{c};
    std::cout << s.exec1("SHOW transaction_isolation")[0].c_str() << ' ' << s.exec1("SHOW transaction_read_only")[0].c_str() << '\n';
  }
  {
    pqxx::work w{c};
    pqxx::pipeline p{w};
    auto one = p.insert("SELECT 1"), two = p.insert("SELECT 2");
    std::cout << p.retrieve(two)[0][0].c_str() << p.retrieve(one)[0][0].c_str() << '\n';
    p.complete();
  }
  {
    Listener listener{c};
    pqxx::nontransaction n{c};
    n.exec("NOTIFY news, 'hello'");
    n.commit();
    std::cout << c.await_notification(5, 0) << '\n';
  }
  std::cout << "== errors\n";
  for (auto sql : {"SELECT * FROM nope", "SELECT 1/0", "SELEC 1", "INSERT INTO item VALUES (1, 'x')", "INSERT INTO item VALUES (NULL, 'x')"}) fails(c, sql);
  std::cout << c.server_version() / 10000 << ' ' << c.protocol_version() << ' ' << c.get_variable("standard_conforming_strings") << '\n';
}
