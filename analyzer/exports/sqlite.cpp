// SPDX-License-Identifier: Apache-2.0
//
// All tables as an SQLite database, with views for the questions that everyone
// asks: sqlite3, DB Browser, and Python with or without pandas.
//
// Hazard: names that programs capture become names of columns of a view; they
// are quoted.  All else that comes from a trace is bound, never part of SQL.
#include <fmt/format.h>
#include <sqlite3.h>

#include <memory>

#include "exports/exporter.h"
#include "exports/tables.h"

namespace sagemem::exports {
namespace {

constexpr const char* kIndexes = R"sql(
CREATE INDEX stacks_of_site ON stacks(site);
CREATE INDEX stacks_of_category ON stacks(category);
CREATE INDEX frames_of_stack ON stack_frames(stack, depth);
CREATE INDEX stacks_of_frame ON stack_frames(frame);
CREATE INDEX values_of_scope ON scope_values(scope, name);
)sql";

constexpr const char* kViews = R"sql(
CREATE VIEW peak_sites AS
  SELECT id, function, file, line, peak_bytes, peak_blocks,
         100.0 * peak_bytes / (SELECT peak_bytes FROM run) AS percent
  FROM sites WHERE peak_bytes > 0 ORDER BY peak_bytes DESC, id;
CREATE VIEW leaked_sites AS
  SELECT id, function, file, line, leaked_bytes, leaked_blocks
  FROM sites WHERE leaked_blocks > 0 ORDER BY leaked_bytes DESC, id;
CREATE VIEW call_stacks AS
  SELECT s.id AS stack, c.name AS category,
         (SELECT group_concat(function, ';') FROM (
            SELECT f.function FROM stack_frames p JOIN frames f
            ON f.id = p.frame WHERE p.stack = s.id ORDER BY p.depth))
           AS functions,
         s.allocations, s.bytes_allocated, s.temporary, s.peak_bytes,
         s.peak_blocks, s.leaked_bytes, s.leaked_blocks
  FROM stacks s JOIN categories c ON c.id = s.category;
CREATE VIEW functions AS
  SELECT f.function, f.module,
         sum(s.allocations) AS allocations,
         sum(s.bytes_allocated) AS bytes_allocated,
         sum(s.peak_bytes) AS peak_bytes, sum(s.leaked_bytes) AS leaked_bytes
  FROM (SELECT DISTINCT p.stack, f.function, f.module
        FROM stack_frames p JOIN frames f ON f.id = p.frame) f
  JOIN stacks s ON s.id = f.stack GROUP BY f.function, f.module;
)sql";

std::string quoted_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string quoted_text(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + '\'';
}

class Database {
 public:
  explicit Database(const std::filesystem::path& path) {
    sqlite3* handle = nullptr;
    const int status =
        sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr);
    handle_.reset(handle);
    check(status);
  }

  void run(const std::string& sql) {
    check(sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr));
  }

  void fill(const Table& table, const Catalog& catalog) {
    std::string marks;
    for (std::size_t i = 0; i < table.columns.size(); ++i)
      marks += i > 0 ? ",?" : "?";
    sqlite3_stmt* made = nullptr;
    const std::string sql =
        fmt::format("INSERT INTO {} VALUES ({})", table.name, marks);
    check(sqlite3_prepare_v2(handle_.get(), sql.c_str(), -1, &made, nullptr));
    const Statement insert(made);
    table.fill(catalog, [&](const Row& row) {
      for (std::size_t i = 0; i < row.size(); ++i)
        bind(insert.get(), static_cast<int>(i + 1), row[i]);
      if (sqlite3_step(insert.get()) != SQLITE_DONE) fail();
      check(sqlite3_reset(insert.get()));
    });
  }

 private:
  struct Closer {
    void operator()(sqlite3* handle) const { sqlite3_close(handle); }
    void operator()(sqlite3_stmt* one) const { sqlite3_finalize(one); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Closer>;

  void bind(sqlite3_stmt* statement, int column, const Cell& cell) {
    switch (cell.kind) {
      case Cell::Kind::Nothing:
        return check(sqlite3_bind_null(statement, column));
      case Cell::Kind::Flag:
      case Cell::Kind::Integer:
        return check(sqlite3_bind_int64(statement, column, cell.number));
      case Cell::Kind::Text:
        return check(sqlite3_bind_text64(statement, column, cell.text.data(),
                                         cell.text.size(), SQLITE_TRANSIENT,
                                         SQLITE_UTF8));
    }
  }

  void check(int status) const {
    if (status != SQLITE_OK) fail();
  }
  [[noreturn]] void fail() const {
    throw report::OutputError(sqlite3_errmsg(handle_.get()));
  }

  std::unique_ptr<sqlite3, Closer> handle_;
};

std::string definition_of(const Table& table) {
  std::string columns;
  for (const Column& column : table.columns) {
    if (!columns.empty()) columns += ", ";
    columns += column.name;
    columns += column.type == ColumnType::Text ? " TEXT" : " INTEGER";
    if (std::string_view(column.name) == "id")
      columns += " PRIMARY KEY";
    else if (!column.may_be_null)
      columns += " NOT NULL";
  }
  return fmt::format("CREATE TABLE {} ({});\n", table.name, columns);
}

// The captured values as columns of their scopes: value_nhalos, ...
std::string view_of_scopes(const model::ScopeProfile& scopes) {
  std::string columns;
  for (const std::string& key : scopes.keys) {
    const std::string name = clean(key);
    columns += fmt::format(
        ",\n  (SELECT value FROM scope_values v WHERE v.scope = s.id AND "
        "v.name = {}) AS {}",
        quoted_text(name), quoted_name("value_" + name));
  }
  return fmt::format(
      "CREATE VIEW scopes_with_values AS SELECT s.*{}\n  FROM scopes s;\n",
      columns);
}

}  // namespace

void write_sqlite(const std::filesystem::path& path,
                  const report::Subject& subject) {
  Database database(path);
  // The file has another name until it is whole: a journal would protect
  // nothing.
  database.run("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;");
  database.run("PRAGMA user_version = 1; BEGIN");
  const Catalog catalog(subject);
  for (const Table& table : tables()) {
    database.run(definition_of(table));
    database.fill(table, catalog);
  }
  database.run(kIndexes);
  database.run(kViews);
  database.run(view_of_scopes(subject.profile.scopes));
  database.run("COMMIT");
}

}  // namespace sagemem::exports
