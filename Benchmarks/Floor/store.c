#include "store.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct store {
    sqlite3 *database;
    sqlite3_stmt *begin, *insert, *commit;
    bool is_in_transaction;
};

static void expect(struct store *store, bool is_right) {
    if (is_right) return;
    fprintf(stderr, "database: %s\n", sqlite3_errmsg(store->database));
    exit(EXIT_FAILURE);
}

static sqlite3_stmt *prepare(struct store *store, const char *sql) {
    sqlite3_stmt *statement = NULL;
    expect(store, sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL) == SQLITE_OK);
    return statement;
}

static void step(struct store *store, sqlite3_stmt *statement) {
    expect(store, sqlite3_step(statement) == SQLITE_DONE);
    sqlite3_reset(statement);
}

struct store *store_open(const char *path) {
    struct store *store = calloc(1, sizeof *store);
    if (!store) abort();
    expect(store, sqlite3_open(path, &store->database) == SQLITE_OK);
    const char *schema =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, client_offset TEXT UNIQUE, content TEXT)";
    expect(store, sqlite3_exec(store->database, schema, NULL, NULL, NULL) == SQLITE_OK);
    store->begin = prepare(store, "BEGIN");
    store->insert = prepare(store, "INSERT INTO messages (content, client_offset) VALUES (?, ?)");
    store->commit = prepare(store, "COMMIT");
    return store;
}

long long store_insert(struct store *store, const char *content, size_t content_size, const char *offset,
                       size_t offset_size) {
    if (!store->is_in_transaction) step(store, store->begin);
    store->is_in_transaction = true;
    sqlite3_bind_text(store->insert, 1, content, content_size, SQLITE_STATIC);
    sqlite3_bind_text(store->insert, 2, offset, offset_size, SQLITE_STATIC);
    step(store, store->insert);
    return sqlite3_last_insert_rowid(store->database);
}

void store_commit(struct store *store) {
    if (store->is_in_transaction) step(store, store->commit);
    store->is_in_transaction = false;
}
