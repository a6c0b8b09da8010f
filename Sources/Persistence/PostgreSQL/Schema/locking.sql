-- The order of ids: the trigger, the lock, timelines and epochs.
do $chatd$
begin
    if exists (select from chatd_schema) then return; end if;

    -- The server's time in milliseconds since 1970. The clocks of the hosts may differ.
    create function chatd_now() returns bigint language sql volatile as $$
        select floor(extract(epoch from clock_timestamp()) * 1000)::bigint
    $$;

    -- Records a new timeline or system, under the lock. Ids that were given and lost are not given again: a sequence
    -- may have lost its last values too, so the next id is far above all that is known.
    create function chatd_change_timeline() returns void language plpgsql set search_path from current as $$
    declare
        highest_row bigint;
        restart_at bigint;
    begin
        select coalesce(max(m.id), 0) into highest_row from messages m where m.id between 1 and 9007199254740991;
        select least(greatest(highest_row, last_value) + 1048576, 9007199254740991)
            into restart_at from messages_id_seq;
        insert into chatd_history (system_identifier, timeline, last_id, resumes_at)
            select c.system_identifier, substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8),
                highest_row, restart_at
            from pg_control_system() c;
        perform setval('messages_id_seq', restart_at);
    end $$;

    -- Before each statement that inserts, also one of another program: makes ids increase in the order of commits.
    -- The lock is held until the transaction has ended and its rows are visible, and ids are drawn behind it. So every
    -- snapshot that contains a row contains all committed rows with lower ids, and "id > the highest one seen" loses
    -- none. It runs with the owner's rights, because the inserting role may have none on our tables. It must not
    -- notify: a NOTIFY would hold a lock of the whole server while the transaction is written to the disk.
    create function chatd_before_insert() returns trigger language plpgsql security definer
        set search_path from current as $$
    begin
        perform pg_advisory_xact_lock(1667785076, tg_relid::int);
        if (select h.timeline from chatd_history h order by h.number desc limit 1)
            is distinct from substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)
        then
            perform chatd_change_timeline();
        end if;
        return null;
    end $$;
    revoke all on function chatd_before_insert() from public;

    -- Takes the lock of the writers. With a snapshot for the whole transaction, reads behind the lock would miss rows.
    create function chatd_lock() returns void language plpgsql set search_path from current as $$
    begin
        if pg_is_in_recovery() then
            raise exception using errcode = 'CH003', message = 'the server is in recovery';
        end if;
        if current_setting('transaction_isolation') <> 'read committed' then
            raise exception using errcode = 'CH006', message = 'the isolation level is not read committed';
        end if;
        perform pg_advisory_xact_lock(1667785076, 'messages'::regclass::oid::int);
    end $$;

    -- Describes the transactions that hold the lock of the writers; no row if it is free. A session of chatd with this
    -- role that waits for its host is ended: the host may have been stopped or cut off in the middle of a statement.
    create function chatd_lock_holders() returns setof text language plpgsql volatile set search_path from current as $$
    declare
        holder record;
        is_ended boolean;
    begin
        for holder in
            select l.pid, a.usename, a.application_name, a.state, a.wait_event_type, x.gid,
                round(extract(epoch from clock_timestamp() - coalesce(a.xact_start, x.prepared))) as seconds
            from pg_locks l join pg_database d on d.oid = l.database and d.datname = current_database()
            left join pg_stat_activity a on a.pid = l.pid
            left join pg_locks own on l.pid is null and own.locktype = 'transactionid'
                and own.virtualtransaction = l.virtualtransaction
            left join pg_prepared_xacts x on x.transaction = own.transactionid
            where l.locktype = 'advisory' and l.granted and l.pid is distinct from pg_backend_pid()
                and (l.classid, l.objid, l.objsubid) = (1667785076::oid, 'messages'::regclass::oid, 2)
        loop
            is_ended := holder.application_name like 'chatd %' and holder.usename = current_user
                and holder.wait_event_type = 'Client' and pg_terminate_backend(holder.pid);
            return next case when holder.pid is null then format('the prepared transaction %L', holder.gid)
                else format('process %s of %s (%s, %s)', holder.pid, holder.usename,
                    coalesce(nullif(holder.application_name, ''), 'unnamed'), coalesce(holder.state, 'state unknown'))
                end || coalesce(format(' for %s s', holder.seconds), '')
                || case when is_ended then ', which is ended now' else '' end;
        end loop;
    end $$;

    -- Begins an epoch. A repeated call with the same epoch changes nothing and returns its number again. The rows of
    -- hosts that have not been seen for a week are deleted; their epochs stay, because clients may come back.
    create function chatd_open(
        p_epoch text, p_started_at bigint,
        out highest_row_id bigint, out highest_assigned_id bigint, out epoch_number bigint,
        out current_timeline text, out current_system bigint, out last_group_number bigint
    ) language plpgsql set search_path from current as $$
    begin
        perform chatd_lock();
        if to_regclass('chatd_copying') is not null then
            raise exception using errcode = 'CH006', message =
                'a copy into this database is not finished: run chatd copy again';
        end if;
        select substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8), c.system_identifier
            into current_timeline, current_system from pg_control_system() c;
        -- The trigger compares timelines only. A dump restored on another system may have the same timeline.
        if (select (h.timeline, h.system_identifier) is distinct from (current_timeline, current_system)
            from chatd_history h order by h.number desc limit 1) is not false
        then
            perform chatd_change_timeline();
        end if;
        select coalesce(max(m.id), 0) into highest_row_id from messages m where m.id between 1 and 9007199254740991;
        select least(greatest(highest_row_id, last_value - (not is_called)::int), 9007199254740991)
            into highest_assigned_id from messages_id_seq;
        insert into chatd_epochs (epoch, started_at, highest_id, timeline, history)
            select p_epoch, p_started_at, highest_assigned_id, current_timeline, max(h.number) from chatd_history h
            on conflict (epoch) do nothing;
        insert into chatd_hosts (epoch, last_group, seen_at, timeline)
            values (p_epoch, 0, chatd_now(), current_timeline) on conflict (epoch) do nothing;
        delete from chatd_hosts h where h.seen_at < chatd_now() - 7 * 86400000::bigint;
        select e.number, h.last_group into epoch_number, last_group_number
            from chatd_epochs e join chatd_hosts h using (epoch) where e.epoch = p_epoch;
    end $$;

    -- The number of the last group that was committed. Call it after the backend that may still commit has ended.
    create function chatd_last_group(p_epoch text) returns bigint language plpgsql set search_path from current as $$
    begin
        perform chatd_lock();
        return (select h.last_group from chatd_hosts h where h.epoch = p_epoch);
    end $$;
end $chatd$;
