// Stores chat messages as durably as chatd does, a group in one transaction.
#pragma once

#include <stddef.h>

struct store;

// Opens a new database. What fails ends the program.
struct store *store_open(const char *path);

// Adds a row to the transaction, which it begins if there is none, and returns its id.
long long store_insert(struct store *store, const char *content, size_t content_size, const char *offset,
                       size_t offset_size);

// Commits what was added. Returns when it is on the disk.
void store_commit(struct store *store);
