-- Reading the rows of other programs and hosts.
do $chatd$
begin
    if exists (select from chatd_schema) then return; end if;

    -- The rows of chatd_store and chatd_poll. The kinds:
    --   f  a foreign row: id, content, created_at, author, client_offset (without what the store appended to it) and
    --      author_name
    --   d  deferred: more foreign rows exist than the limits allow, and nothing was stored
    --   s  the next request was stored: id          r  the next request repeats a row: id
    --   e  id is the number of the newest epoch, created_at the highest message id that was ever given
    --   p  a primary server: id is its system identifier, content its timeline          h  a server in recovery
    create type chatd_row as (
        kind "char", id bigint, content text, created_at bigint, author text, client_offset text,
        author_name text
    );

    -- Rows above the watermark, in id order, and a row of kind d if not all. The first row may exceed the byte limit.
    create function chatd_foreign(p_watermark bigint, p_limit_rows int, p_limit_bytes int) returns setof chatd_row
        language plpgsql set search_path from current
        set enable_seqscan = off set enable_bitmapscan = off set jit = off
        set plan_cache_mode = force_generic_plan as $$
    declare
        answer chatd_row;
        row_count int := 0;
        byte_count bigint := 0;
    begin
        for answer in
            select 'f', m.id, coalesce(m.content, ''), m.created_at,
                case when octet_length(m.author) <= 1024 then m.author end,
                split_part(m.client_offset, chr(1), 1),
                case when octet_length(m.author_name) <= 129 then m.author_name end
            from messages m where m.id > greatest(p_watermark, 0) and m.id <= 9007199254740991
            order by m.id limit greatest(p_limit_rows, 1) + 1
        loop
            byte_count := byte_count + octet_length(answer.content);
            if row_count >= 1 and (row_count >= p_limit_rows or byte_count > p_limit_bytes) then
                answer := row ('d', null, null, null, null, null, null);
                return next answer;
                return;
            end if;
            row_count := row_count + 1;
            return next answer;
        end loop;
    end $$;

    -- Reads the rows of other programs and hosts. No lock is needed; see chatd_before_insert. The epochs are read
    -- after the rows, so that the epoch of each returned row is among them.
    --
    -- A row may come from a transaction with synchronous_commit = off that is not on the disk yet. A crash would lose
    -- it, and its id would be given again. So this transaction writes too if it has found rows: its commit brings all
    -- earlier ones to the disk. The rows may be shown to clients after this commit only.
    create function chatd_poll(p_epoch text, p_watermark bigint, p_limit_rows int, p_limit_bytes int)
        returns setof chatd_row language plpgsql set search_path from current as $$
    declare
        has_rows boolean;
        seen bigint;
    begin
        if pg_is_in_recovery() then
            return query select 'h'::"char", null::bigint, null::text, null::bigint, null::text, null::text, null::text;
            return;
        end if;
        return query select * from chatd_foreign(p_watermark, p_limit_rows, p_limit_bytes);
        has_rows := found;
        select h.seen_at into seen from chatd_hosts h where h.epoch = p_epoch;
        if not found then
            raise exception using errcode = 'CH002', message = 'this epoch has no row in chatd_hosts';
        elsif has_rows or seen < chatd_now() - 60000 then
            update chatd_hosts h set seen_at = chatd_now() where h.epoch = p_epoch;
        end if;
        return query select 'e'::"char", (select coalesce(max(e.number), 0) from chatd_epochs e), null::text,
            s.last_value - (not s.is_called)::int, null::text, null::text, null::text from messages_id_seq s;
        return query select 'p'::"char", c.system_identifier,
            substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8), null::bigint, null::text, null::text,
            null::text
            from pg_control_system() c;
    end $$;
end $chatd$;
