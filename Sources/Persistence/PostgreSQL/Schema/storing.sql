-- Storing a group of requests.
do $chatd$
begin
    if exists (select from chatd_schema) then return; end if;

    -- What is left of messages that were deleted in an SQLite database before chatd copy moved it here, so that repeats
    -- of them are recognized. client_offset is a key as in messages, content_hash the SHA-256 of the content.
    create table if not exists chatd_deleted (
        number bigint generated always as identity primary key,
        client_offset text collate "C" not null unique,
        content_hash text not null,
        id bigint not null,
        deleted_at bigint not null
    );

    -- Stores a group, all or nothing. The settings make each plan use the indexes, also plans made while the table was
    -- empty. Requests are inserted together up to one whose key is taken, in the table or by an earlier request.
    create function chatd_store(
        p_epoch text, p_group bigint, p_watermark bigint, p_stored_at bigint,
        p_offsets text[], p_contents text[], p_authors text[], p_names text[], p_limit_rows int, p_limit_bytes int
    ) returns setof chatd_row language plpgsql set search_path from current
        set enable_seqscan = off set enable_bitmapscan = off set jit = off
        set plan_cache_mode = force_generic_plan as $$
    declare
        request_count constant int := cardinality(p_contents);
        keys text[] := p_offsets;
        taken int[];
        pending int := 1;
        request int;
        highest bigint := greatest(p_watermark, 0);
        last_given bigint;
        ids bigint[];
        answer chatd_row;
        host_timeline text;
        is_equal boolean;
        has_deleted boolean;
    begin
        if (request_count, request_count, request_count)
            is distinct from (cardinality(p_offsets), cardinality(p_authors), cardinality(p_names))
        then
            raise exception using errcode = '22023', message = 'the arrays have different lengths';
        elsif array_position(p_contents, null) is not null then
            raise exception using errcode = '22004', message = 'a content is NULL';
        elsif exists (select from unnest(p_offsets) o where octet_length(o) > 256 or strpos(o, chr(1)) > 0) then
            raise exception using errcode = '22023', message = 'a client offset is too long or contains U+0001';
        end if;
        perform chatd_lock();
        for answer in select * from chatd_foreign(p_watermark, p_limit_rows, p_limit_bytes) loop
            return next answer;
            if answer.kind = 'd' then return; end if;
            highest := answer.id;
        end loop;

        update chatd_hosts h set last_group = p_group, seen_at = chatd_now()
            where h.epoch = p_epoch and h.last_group < p_group returning h.timeline into host_timeline;
        if not found then
            if exists (select from chatd_hosts h where h.epoch = p_epoch) then
                raise exception using errcode = 'CH001', message = format('group %s is not a new one', p_group);
            end if;
            raise exception using errcode = 'CH002', message = 'this epoch has no row in chatd_hosts';
        elsif host_timeline <> substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) then
            raise exception using errcode = 'CH003', message = 'the timeline has changed';
        end if;
        -- Another program may have set the sequence back, or stored a row with a high id of its own.
        select last_value - (not is_called)::int into last_given from messages_id_seq;
        if last_given < highest then
            perform setval('messages_id_seq', highest);
        else
            highest := last_given;
        end if;

        select exists (select from chatd_deleted) into has_deleted;
        -- "offset 0" keeps the lookup a lookup. A plan that reads the whole table once would be better only while the
        -- table is small, and would remain when it is large.
        taken := array(
            select t.n from (
                select u.o, u.n, row_number() over (partition by u.o collate "C" order by u.n) as copy
                from unnest(p_offsets) with ordinality as u (o, n)) t
            left join lateral (select m.id from messages m where m.client_offset = t.o offset 0) found on true
            left join lateral (
                select d.id from chatd_deleted d where has_deleted and d.client_offset = t.o offset 0) deleted on true
            where t.o is not null and (t.copy > 1 or found.id is not null or deleted.id is not null)
            order by t.n);
        foreach request in array taken || (request_count + 1) loop
            if pending < request then
                if highest + request - pending > 9007199254740991 then
                    raise exception using errcode = 'CH005', message =
                        'no more messages can be stored: a row has the highest possible id; delete that row';
                end if;
                with inserted as (
                    insert into messages (client_offset, content, created_at, author, author_name)
                    select u.o, u.c, p_stored_at, u.a, u.m
                    from unnest(keys[pending:request - 1], p_contents[pending:request - 1],
                        p_authors[pending:request - 1], p_names[pending:request - 1])
                        with ordinality as u (o, c, a, m, n)
                    order by u.n on conflict (client_offset) do nothing returning id)
                select array_agg(i.id) into ids from inserted i;
                if cardinality(ids) is distinct from request - pending then
                    raise exception using errcode = 'CH004', message = 'a row was neither stored nor found';
                elsif ids[1] <= highest or ids[request - pending] - ids[1] < request - pending - 1
                    or ids[request - pending] > 9007199254740991
                then
                    raise exception using errcode = '40001', message = 'another program has set the sequence';
                end if;
                highest := ids[request - pending];
                return query select 's'::"char", u.id, null::text, null::bigint, null::text, null::text, null::text
                    from unnest(ids) with ordinality as u (id, n) order by u.n;
                pending := request;
            end if;
            exit when request > request_count;
            -- The first key is the client offset; each further one appends U+0001 and the hash of the content.
            loop
                select 'r', m.id, coalesce(m.content, '') collate "C" = p_contents[request]
                    into answer.kind, answer.id, is_equal from messages m where m.client_offset = keys[request];
                if not found and has_deleted then
                    select 'r', d.id,
                        d.content_hash = encode(sha256(convert_to(p_contents[request], 'UTF8')), 'hex')
                        into answer.kind, answer.id, is_equal
                        from chatd_deleted d where d.client_offset = keys[request];
                end if;
                exit when not found;
                if is_equal then
                    return next row (answer.kind, answer.id, null, null, null, null, null)::chatd_row;
                    pending := request + 1;
                    exit;
                end if;
                keys[request] := keys[request] || chr(1)
                    || encode(sha256(convert_to(p_contents[request], 'UTF8')), 'hex');
            end loop;
        end loop;
        return query select 'e'::"char", max(e.number), null::text, highest, null::text, null::text, null::text
            from chatd_epochs e;
    end $$;
end $chatd$;
