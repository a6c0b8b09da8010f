#ifndef CHATD_CSQLITE_H
#define CHATD_CSQLITE_H

#include <sqlite3.h>
#include <string.h>

// Binds UTF-8 text without copying it: the caller keeps the bytes alive until the statement is reset. A null pointer is
// how Swift may hand over an empty array; SQLite would take it for NULL, so it becomes the empty text here.
static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const unsigned char *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_text64(statement, index, bytes ? (const char *)bytes : "", count, SQLITE_STATIC, SQLITE_UTF8);
}

// Copies the first bytes of the write-ahead log's index from the mapping that this connection has of it. Returns 1, or 0
// when there is none. SQLite maps regions of 32768 bytes; an extension of 0 makes none that is not there.
static inline int csqlite_read_wal_index(sqlite3 *database, unsigned char *bytes, sqlite3_uint64 count) {
    sqlite3_file *file = 0;
    volatile void *region = 0;
    if (sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || !file) return 0;
    if (!file->pMethods || file->pMethods->iVersion < 2 || !file->pMethods->xShmMap) return 0;
    if (file->pMethods->xShmMap(file, 0, 32768, 0, &region) != SQLITE_OK || !region) return 0;
    memcpy(bytes, (const void *)region, count);
    return 1;
}

#endif
