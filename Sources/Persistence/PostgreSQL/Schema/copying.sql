-- The functions of chatd copy, which moves an SQLite database into this one. They exist in its session only. The other
-- files have been run before.
--
-- While a copy is unfinished there is the table chatd_copying, and chatd_open refuses to begin an epoch. The end of the
-- copy renames it to chatd_copied. Each function is one transaction behind the lock of the writers.
--
-- SQLSTATEs of our own:
--   CH007  a server of chatd is connected
--   CH008  another chatd copy is connected, or has been since this one began
--   CH009  the table messages has other rows than those of the copy
create or replace function pg_temp.chatd_copy_lock() returns void language plpgsql as $$
declare
    other text;
begin
    perform chatd_lock();
    select a.application_name into other from pg_stat_activity a
        where a.datname = current_database() and a.pid <> pg_backend_pid() and a.application_name like 'chatd %'
        order by a.application_name = 'chatd copy', a.application_name limit 1;
    if other = 'chatd copy' then
        raise exception using errcode = 'CH008', message = 'another chatd copy is connected to it';
    elsif other is not null then
        raise exception using errcode = 'CH007', message = format('a chatd server is connected to it (%s)', other);
    end if;
end $$;

-- Ids that are drawn from now on are above all ids of the source.
create or replace function pg_temp.chatd_copy_raise_ids(p_assigned_id bigint) returns void language plpgsql as $$
begin
    perform setval('messages_id_seq', p_assigned_id) from messages_id_seq q
        where q.last_value - (not q.is_called)::int < p_assigned_id;
end $$;

-- The table has exactly the copied rows. Rows of other programs have higher ids.
create or replace function pg_temp.chatd_copy_check_rows() returns void language plpgsql as $$
declare
    copied record;
    present record;
begin
    select c.row_count, c.last_id into copied from chatd_copying c;
    select count(*) as row_count, max(m.id) as last_id into present from messages m;
    if present is distinct from copied then
        raise exception using errcode = 'CH009', message = format(
            'its table messages has %s rows up to id %s, and the copy has stored %s rows up to id %s',
            present.row_count, coalesce(present.last_id, 0), copied.row_count, coalesce(copied.last_id, 0));
    end if;
end $$;

-- Begins a copy, or continues one. A server that was connected earlier cannot store any more: it has no row in
-- chatd_hosts.
create or replace function pg_temp.chatd_copy_begin(p_source text, p_assigned_id bigint, p_digest text)
    returns void language plpgsql as $$
begin
    perform pg_temp.chatd_copy_lock();
    if to_regclass('chatd_copied') is not null then
        raise exception using errcode = 'CH008', message = 'another chatd copy has finished meanwhile';
    elsif to_regclass('chatd_copying') is null then
        create table chatd_copying (
            one boolean primary key default true check (one),
            source text not null,
            row_count bigint not null,
            last_id bigint,
            digest text not null
        );
        insert into chatd_copying (source, row_count, digest) values (p_source, 0, p_digest);
    end if;
    perform pg_temp.chatd_copy_check_rows();
    delete from chatd_hosts;
    perform pg_temp.chatd_copy_raise_ids(p_assigned_id);
end $$;

-- Stores the next rows.
create or replace function pg_temp.chatd_copy_rows(
    p_row_count bigint, p_digest text,
    p_ids bigint[], p_offsets text[], p_contents text[], p_times bigint[], p_authors text[],
    p_names text[]
) returns void language plpgsql as $$
begin
    perform pg_temp.chatd_copy_lock();
    update chatd_copying set row_count = row_count + cardinality(p_ids), last_id = p_ids[cardinality(p_ids)],
        digest = p_digest where row_count = p_row_count;
    if not found then
        raise exception using errcode = 'CH008', message = 'another chatd copy has stored rows meanwhile';
    end if;
    insert into messages (id, client_offset, content, created_at, author, author_name) overriding system value
        select u.i, u.o, u.c, u.t, u.a, u.n
        from unnest(p_ids, p_offsets, p_contents, p_times, p_authors, p_names) as u (i, o, c, t, a, n);
end $$;

-- Stores what is left of deleted messages.
create or replace function pg_temp.chatd_copy_deleted(
    p_row_count bigint, p_offsets text[], p_hashes text[], p_ids bigint[], p_times bigint[]
) returns void language plpgsql as $$
begin
    perform pg_temp.chatd_copy_lock();
    if (select c.row_count from chatd_copying c) is distinct from p_row_count then
        raise exception using errcode = 'CH008', message = 'another chatd copy has stored rows meanwhile';
    end if;
    insert into chatd_deleted (client_offset, content_hash, id, deleted_at)
        select u.o, u.h, u.i, u.t from unnest(p_offsets, p_hashes, p_ids, p_times) as u (o, h, i, t)
        on conflict (client_offset) do nothing;
end $$;

-- Ends the copy. An offset of an epoch is trusted up to the lowest id that a later start recorded, as in SQLite, and
-- an offset of the last epoch up to the highest id that the source has assigned. In chatd_history this is a row between
-- two epochs. Earlier epochs of this database had other rows, so none of their ids is trusted.
create or replace function pg_temp.chatd_copy_finish(
    p_row_count bigint, p_highest_id bigint, p_assigned_id bigint,
    p_epochs text[], p_times bigint[], p_highest_ids bigint[]
) returns void language plpgsql as $$
declare
    newest chatd_history;
begin
    perform pg_temp.chatd_copy_lock();
    if (select c.row_count from chatd_copying c) is distinct from p_row_count then
        raise exception using errcode = 'CH008', message = 'another chatd copy has stored rows meanwhile';
    end if;
    perform pg_temp.chatd_copy_check_rows();
    perform pg_temp.chatd_copy_raise_ids(p_assigned_id);
    select h.* into newest from chatd_history h order by h.number desc limit 1;
    newest.resumes_at := p_assigned_id;
    for start in 1..cardinality(p_epochs) + 1 loop
        newest.last_id := case when start = 1 then 0 when start > cardinality(p_epochs) then p_highest_id
            else p_highest_ids[start] end;
        if newest.last_id is not null then
            insert into chatd_history (system_identifier, timeline, last_id, resumes_at)
                values (newest.system_identifier, newest.timeline, newest.last_id, newest.resumes_at)
                returning number into newest.number;
        end if;
        if start <= cardinality(p_epochs) then
            insert into chatd_epochs (epoch, started_at, highest_id, timeline, history)
                values (p_epochs[start], p_times[start], coalesce(p_highest_ids[start], 0), newest.timeline,
                    newest.number)
                on conflict (epoch) do nothing;
        end if;
    end loop;
    alter table chatd_copying rename to chatd_copied;
end $$;
