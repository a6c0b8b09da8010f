#ifndef CHATD_CSQLITE_H
#define CHATD_CSQLITE_H

#include <sqlite3.h>

// Binds UTF-8 text without copying it: the caller keeps the bytes alive until the statement is reset. A null pointer is
// how Swift may hand over an empty array; SQLite would take it for NULL, so it becomes the empty text here.
static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const unsigned char *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_text64(statement, index, bytes ? (const char *)bytes : "", count, SQLITE_STATIC, SQLITE_UTF8);
}

#endif
