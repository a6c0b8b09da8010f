-- The store of chatd on PostgreSQL 15. Every host runs these files at each start, as one query or one after the other:
-- schema.sql, locking.sql, reading.sql, storing.sql, checking.sql. Together they are one transaction. The objects are
-- made in the first schema of search_path that exists. If they are there already, nothing is changed.
--
-- SQLSTATEs of our own (CH002, CH003 and CH006 name a state in which repeating the call does not help):
--   CH001  the group number is not greater than last_group: the group was stored before
--   CH002  this epoch has no row in chatd_hosts: call chatd_open
--   CH003  the timeline has changed since chatd_open, or the server is in recovery: begin a new epoch
--   CH004  a row was neither stored nor found: another program changes keys, or a trigger discards rows
--   CH005  no ids are left: a row has the highest id that clients can use
--   CH006  the schema is newer than this program or unsuitable, or the isolation level is not read committed
-- A server may also answer 22023 or 22004 (a request that the store's contract excludes) and 40001 (run it again).
begin transaction isolation level read committed;

set local client_min_messages = warning;

do $chatd$
declare
    -- Increase it with each change of these files, and add a step that changes the objects of older versions.
    this_version constant integer := 2;
    found_version integer;
    schema_name constant text := current_schema();
    other text;
    known record;
begin
    -- 1667785076 is "chat" in ASCII. Writers lock (1667785076, the table's oid), so this does not wait for them.
    perform pg_advisory_xact_lock(1667785076, 0);
    if schema_name is null then
        raise exception using errcode = 'CH006', message = 'no schema of search_path exists';
    end if;
    perform set_config('chatd.schema_version', this_version::text, true);
    -- The functions keep this path. The temporary schema comes last, so that no session can replace a table in it.
    perform set_config('search_path', format('%I, pg_temp', schema_name), true);
    if to_regclass('chatd_schema') is not null then
        select s.version into found_version from chatd_schema s;
        if found_version > this_version then
            raise exception using errcode = 'CH006', message = format(
                'the schema has version %s, and this program knows only %s', found_version, this_version);
        end if;
        if found_version = this_version then return; end if;

        -- Version 2 added author_name and chatd_deleted. The functions are dropped, and the other files create them
        -- again.
        if not (select pg_has_role(c.relowner, 'usage') from pg_class c where c.oid = to_regclass('messages')) then
            raise exception using errcode = 'CH006', message = format(
                'the schema has version %s: start this program once as the role that owns the table messages',
                found_version);
        end if;
        -- A server of an older version would lose its functions. Its sessions have the names of its start.
        select a.application_name into other from pg_stat_activity a join chatd_hosts h
            on a.application_name = 'chatd ' || h.epoch or starts_with(a.application_name, format('chatd %s ', h.epoch))
            where a.datname = current_database() and a.pid <> pg_backend_pid() limit 1;
        if other is not null then
            raise exception using errcode = 'CH006', message = format(
                'the schema has version %s, and a server that needs it is connected (%s): stop all servers first',
                found_version, other);
        end if;
        alter table messages add column if not exists author_name text;
        drop trigger if exists chatd_before_insert on messages;
        for known in
            select p.oid::regprocedure as name from pg_proc p
            where p.pronamespace = schema_name::regnamespace and p.proname like 'chatd\_%'
        loop
            execute format('drop function %s', known.name);
        end loop;
        drop type chatd_row;
        delete from chatd_schema;
        return;
    end if;

    -- Other programs insert client_offset and content only. created_at is in milliseconds since 1970, 0 if unknown.
    if to_regclass('messages') is null then
        create table messages (
            id bigint generated always as identity primary key,
            client_offset text collate "C" unique,
            content text,
            created_at bigint not null default floor(extract(epoch from clock_timestamp()) * 1000)::bigint,
            author text,
            author_name text
        );
    else
        if not exists (
            select from pg_attribute a where a.attrelid = to_regclass('messages') and a.attname = 'created_at')
        then
            alter table messages add column created_at bigint not null default 0;
            alter table messages alter column created_at
                set default floor(extract(epoch from clock_timestamp()) * 1000)::bigint;
        end if;
        alter table messages add column if not exists author text, add column if not exists author_name text;
    end if;

    -- One row for each timeline that this database has lived on. last_id is the highest row id that existed when the
    -- timeline was noticed: higher ids of earlier timelines are lost. The next id was above resumes_at.
    create table chatd_history (
        number bigint generated always as identity primary key,
        system_identifier bigint not null,
        timeline text not null,
        last_id bigint not null,
        resumes_at bigint not null
    );
    -- One row for each start of a host. highest_id is the highest id given until then. history is the number of the
    -- row in chatd_history that was the newest one.
    create table chatd_epochs (
        number bigint generated always as identity primary key,
        epoch text collate "C" not null unique,
        started_at bigint not null,
        highest_id bigint not null,
        timeline text not null,
        history bigint not null
    );
    -- last_group is the number of the last group that this host has committed, seen_at the server's time in
    -- milliseconds when the host last stored or read something (to a minute). The row is updated with each group, so
    -- the page has space for further versions of it.
    create table chatd_hosts (
        epoch text collate "C" primary key,
        last_group bigint not null,
        seen_at bigint not null,
        timeline text not null
    ) with (fillfactor = 20);
    -- One row. It is written last, so while it is missing, the other files create their objects.
    create table chatd_schema (
        one boolean primary key default true check (one),
        version integer not null,
        checksum text not null
    );
end $chatd$;
