// Stores chat messages as durably as chatd: a group in one transaction.
#pragma once

#include <stddef.h>

struct store;

// Opens a new database. Any error ends the program.
struct store *store_open(const char *path);

// Adds a row to the transaction and returns its id. Begins a transaction if there is none.
long long store_insert(struct store *store, const char *content, size_t content_size, const char *offset,
                       size_t offset_size);

// Commits the transaction. Returns when it is on disk.
void store_commit(struct store *store);
