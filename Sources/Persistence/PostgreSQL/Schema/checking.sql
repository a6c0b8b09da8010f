-- The checks of the schema, and the end of its creation.
do $chatd$
declare
    problems text;
begin
    if exists (select from chatd_schema) then return; end if;

    -- Identifies the functions of this version, so that a change of one of them is noticed.
    create function chatd_checksum() returns text language sql stable set search_path from current as $$
        select md5(string_agg(concat_ws('|', p.proname, pg_get_function_identity_arguments(p.oid), p.prosrc,
            p.prosecdef, p.provolatile, p.proconfig), ',' order by p.proname collate "C", p.oid))
        from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname = current_schema() and p.proname like 'chatd\_%'
    $$;

    -- Returns why this database cannot be used as it is, one reason a row; no row if it can be used.
    create function chatd_check() returns setof text language plpgsql stable set search_path from current as $$
    declare
        t pg_class;
        s pg_sequence;
    begin
        select c.* into t from pg_class c where c.oid = to_regclass('messages');
        if not found then
            return next 'there is no table messages';
            return;
        end if;
        select q.* into s from pg_sequence q where q.seqrelid = to_regclass('messages_id_seq');

        return query select v.problem from (values
            (getdatabaseencoding() <> 'UTF8', 'the encoding of the database is not UTF8'),
            (pg_is_in_recovery(), 'the server is in recovery'),
            (t.relkind <> 'r' or t.relispartition, 'messages is not a plain table'),
            (t.relpersistence <> 'p', 'the table messages is not permanent'),
            (exists (select from pg_inherits i where t.oid in (i.inhrelid, i.inhparent)),
                'the table messages is a partition or has an inheritance relation'),
            (exists (select from pg_subscription_rel r where r.srrelid = t.oid),
                'the table messages is the target of a logical subscription'),
            (exists (select from pg_rewrite r where r.ev_class = t.oid), 'the table messages has rules'),
            (t.relrowsecurity, 'the table messages has row security'),
            (not exists (
                -- 6: before insert, for each statement
                select from pg_trigger g where g.tgrelid = t.oid and g.tgfoid = to_regproc('chatd_before_insert')
                    and g.tgtype = 6 and g.tgqual is null and g.tgenabled = 'A'),
                'the table messages lacks the trigger chatd_before_insert, ENABLE ALWAYS'),
            ((select c.checksum from chatd_schema c) is distinct from chatd_checksum(),
                'the functions of chatd in the database have been changed'),
            ((select count(*) from chatd_history) = 0, 'the table chatd_history is empty'),
            (exists (
                select from pg_class c where c.relnamespace = t.relnamespace and c.relpersistence <> 'p'
                    and c.relname in ('chatd_deleted', 'chatd_epochs', 'chatd_history', 'chatd_hosts', 'chatd_schema')),
                'a table of chatd is not permanent')
        ) as v (is_problem, problem) where v.is_problem;

        return query select v.problem from (values
            (not exists (
                select from pg_depend d join pg_attribute a on (a.attrelid, a.attnum) = (d.refobjid, d.refobjsubid)
                where (d.classid, d.objid, d.refobjid) = ('pg_class'::regclass, s.seqrelid, t.oid)
                    and a.attname = 'id' and d.deptype = 'i'),
                'messages_id_seq is not the sequence of the column id of messages'),
            (s.seqcache <> 1, 'the sequence messages_id_seq has a cache'),
            (s.seqincrement <> 1, 'the sequence messages_id_seq has another increment than 1'),
            (s.seqcycle, 'the sequence messages_id_seq has a cycle'),
            (s.seqmax < 9007199254740991, 'the sequence messages_id_seq has a low maximum')
        ) as v (is_problem, problem) where v.is_problem;

        return query select format('the column %s of messages is not %s', e.name, e.type || e.more)
            from (values ('id', 'bigint', ' GENERATED ALWAYS AS IDENTITY'), ('client_offset', 'text', ''),
                ('content', 'text', ''), ('created_at', 'bigint', ''), ('author', 'text', ''),
                ('author_name', 'text', '')) as e (name, type, more)
            left join pg_attribute a on a.attrelid = t.oid and a.attname = e.name and not a.attisdropped
            where a.atttypid is distinct from e.type::regtype or a.attgenerated <> ''
                or e.name = 'id' and a.attidentity <> 'a';
        return query select format('the column %s of messages must be filled in', a.attname)
            from pg_attribute a where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attnotnull
                and (a.attname in ('client_offset', 'author', 'author_name') or not a.atthasdef and a.attidentity = ''
                    and a.attname not in ('id', 'content', 'created_at'));
        -- A later version of PostgreSQL or an older one may lack the column indnullsnotdistinct.
        return query select format('messages has no suitable unique index on %s', a.attname)
            from pg_attribute a where a.attrelid = t.oid and a.attname in ('id', 'client_offset') and not exists (
                select from pg_index i left join pg_collation c on c.oid = i.indcollation[0]
                where i.indrelid = t.oid and i.indkey[0] = a.attnum and i.indnkeyatts = 1 and i.indisunique
                    and i.indisvalid and i.indimmediate and i.indpred is null
                    and c.collisdeterministic is distinct from false
                    and to_jsonb(i) ->> 'indnullsnotdistinct' is distinct from 'true');
    end $$;

    if not exists (select from pg_trigger g where g.tgrelid = to_regclass('messages')
        and g.tgname = 'chatd_before_insert')
    then
        create trigger chatd_before_insert before insert on messages
            for each statement execute function chatd_before_insert();
        alter table messages enable always trigger chatd_before_insert;
    end if;
    insert into chatd_schema (version, checksum)
        values (current_setting('chatd.schema_version')::integer, chatd_checksum());
    insert into chatd_history (system_identifier, timeline, last_id, resumes_at)
        select c.system_identifier, substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8), 0, 0
        from pg_control_system() c where not exists (select from chatd_history);
    select string_agg(p, '; ') into problems from chatd_check() p;
    if problems is not null then
        raise exception using errcode = 'CH006', message = problems;
    end if;
end $chatd$;

commit;
