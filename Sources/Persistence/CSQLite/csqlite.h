#ifndef CHATD_CSQLITE_H
#define CHATD_CSQLITE_H

#include <sqlite3.h>
#include <string.h>
#include <sys/vfs.h>

// The type of the file system of a path (statfs(2)); 0 if it is unknown.
static inline unsigned int csqlite_file_system(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (unsigned int)status.f_type : 0;
}

// Binds UTF-8 text without copying it: the caller keeps the bytes alive until the statement is reset. Swift may pass an
// empty array as a null pointer, which SQLite would bind as NULL, so it is bound as the empty text here.
static inline int csqlite_bind_text(
    sqlite3_stmt *statement, int index, const unsigned char *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_text64(statement, index, bytes ? (const char *)bytes : "", count, SQLITE_STATIC, SQLITE_UTF8);
}

// Binds UTF-8 text or a blob, and copies the bytes. A null pointer stands for no bytes, as above.
static inline int csqlite_bind_copy(
    sqlite3_stmt *statement, int index, const unsigned char *bytes, sqlite3_uint64 count, int is_text) {
    const char *start = bytes ? (const char *)bytes : "";
    return is_text ? sqlite3_bind_text64(statement, index, start, count, SQLITE_TRANSIENT, SQLITE_UTF8)
                   : sqlite3_bind_blob64(statement, index, start, count, SQLITE_TRANSIENT);
}

// Closing this connection copies nothing from the write-ahead log into the database.
static inline void csqlite_keep_log(sqlite3 *database) {
    sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

// Copies the first bytes of the write-ahead log's index from this connection's mapping of it. Returns 1, or 0 if there
// is no index. SQLite maps regions of 32768 bytes; with an extension of 0, xShmMap does not create a missing region.
static inline int csqlite_read_wal_index(sqlite3 *database, unsigned char *bytes, sqlite3_uint64 count) {
    sqlite3_file *file = 0;
    volatile void *region = 0;
    if (sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || !file) return 0;
    if (!file->pMethods || file->pMethods->iVersion < 2 || !file->pMethods->xShmMap) return 0;
    if (file->pMethods->xShmMap(file, 0, 32768, 0, &region) != SQLITE_OK || !region) return 0;
    memcpy(bytes, (const void *)region, count);
    return 1;
}

// Shares the lock of the write-ahead log's writers (sqlite.org/walformat.html, section 2.3.1), which a connection for
// reading never takes, or releases it. No program can begin to write while it is shared. The index must have been
// mapped, by reading. Returns SQLITE_OK, or SQLITE_BUSY if a program is writing.
static inline int csqlite_lock_writers(sqlite3 *database, int is_locked) {
    sqlite3_file *file = 0;
    if (sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || !file) {
        return SQLITE_ERROR;
    }
    if (!file->pMethods || file->pMethods->iVersion < 2 || !file->pMethods->xShmLock) return SQLITE_ERROR;
    return file->pMethods->xShmLock(
        file, 0, 1, (is_locked ? SQLITE_SHM_LOCK : SQLITE_SHM_UNLOCK) | SQLITE_SHM_SHARED);
}

// Finds a program that is writing to a database without a write-ahead log (sqlite.org/lockingv3.html). Returns
// SQLITE_OK if there is none, or SQLITE_BUSY.
static inline int csqlite_find_writer(sqlite3 *database) {
    sqlite3_file *file = 0;
    int is_reserved = 0;
    if (sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || !file) {
        return SQLITE_ERROR;
    }
    if (!file->pMethods || !file->pMethods->xCheckReservedLock) return SQLITE_ERROR;
    int code = file->pMethods->xCheckReservedLock(file, &is_reserved);
    return code != SQLITE_OK ? code : is_reserved ? SQLITE_BUSY : SQLITE_OK;
}

#endif
