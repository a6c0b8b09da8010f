#ifndef CHATD_STOREFAULTS_H
#define CHATD_STOREFAULTS_H

#include <sqlite3.h>

// File methods of a write-ahead log whose writes and syncs can fail. `fails` returns SQLITE_OK, or the code of the
// failure.
typedef struct {
    sqlite3_io_methods methods;
    const sqlite3_io_methods *original;
    int (*fails)(void *context, int is_sync);
    void *context;
} storefaults_methods;

static inline int storefaults_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    const storefaults_methods *faulty = (const storefaults_methods *)file->pMethods;
    int code = faulty->fails(faulty->context, 0);
    return code != SQLITE_OK ? code : faulty->original->xWrite(file, bytes, count, offset);
}

// The simulated machine never loses power, so there is no need to sync the real disk.
static inline int storefaults_sync(sqlite3_file *file, int flags) {
    const storefaults_methods *faulty = (const storefaults_methods *)file->pMethods;
    (void)flags;
    return faulty->fails(faulty->context, 1);
}

// Replaces the methods of a connection's open write-ahead log. They must outlive the connection.
static inline void storefaults_install(sqlite3 *database, storefaults_methods *faulty) {
    sqlite3_file *file = 0;
    if (sqlite3_file_control(database, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) != SQLITE_OK) return;
    if (!file || !file->pMethods || file->pMethods == &faulty->methods) return;
    faulty->original = file->pMethods;
    faulty->methods = *file->pMethods;
    faulty->methods.xWrite = storefaults_write;
    faulty->methods.xSync = storefaults_sync;
    file->pMethods = &faulty->methods;
}

// Makes closing the connection leave the log in place, as after a crash: the next connection recovers it.
static inline void storefaults_keep_log(sqlite3 *database) {
    sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)0);
}

#endif
