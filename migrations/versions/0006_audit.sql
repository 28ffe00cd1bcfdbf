-- What names a person stands apart in an entry: `personal`, beside the address and the browser. It can be erased, and
-- `erased_by` is the entry that tells of that. Nothing was sealed before, so the names in older entries move there now.

ALTER TABLE audit_logs ADD COLUMN personal jsonb, ADD COLUMN erased_by uuid;
ALTER TABLE audit_logs NO FORCE ROW LEVEL SECURITY;  -- or else an owner who is no superuser would not see the rows
ALTER TABLE audit_logs DISABLE TRIGGER audit_logs_append_only;
UPDATE audit_logs SET details = details - '{by_name,meta_user_name}'::text[],
    personal = jsonb_strip_nulls(jsonb_build_object('by_name', details->'by_name', 'meta_user_name', details->'meta_user_name'))
    WHERE details ?| '{by_name,meta_user_name}';
ALTER TABLE audit_logs ENABLE TRIGGER audit_logs_append_only;

-- ---------------------------------------------------------------------------------------------------------------
-- The chain of an agency. Whoever writes an entry only adds it to what is not sealed yet, and waits for nobody; a sweep
-- gives it the next number and hash. The row in audit_chains is the lock, and says how far the chain goes. No foreign
-- keys, as in audit_logs: a seal outlives what it seals, or else nobody would notice that it is gone.

CREATE TABLE audit_unsealed (
    entry_id   uuid PRIMARY KEY,
    agency_id  uuid NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX audit_unsealed_order ON audit_unsealed (agency_id, created_at, entry_id);
INSERT INTO audit_unsealed (entry_id, agency_id, created_at) SELECT id, agency_id, created_at FROM audit_logs;
ALTER TABLE audit_logs FORCE ROW LEVEL SECURITY;

CREATE TABLE audit_chains (
    agency_id uuid PRIMARY KEY,
    number    bigint NOT NULL DEFAULT 0,
    hash      bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex') CHECK (length(hash) = 32)
);

-- Of what is personal the chain covers only a hash of it with a salt; without the salt nobody can try out values.
CREATE TABLE audit_seals (
    agency_id     uuid NOT NULL,
    number        bigint NOT NULL,
    entry_id      uuid NOT NULL UNIQUE,
    personal_salt bytea,
    personal_hash bytea,
    hash          bytea NOT NULL CHECK (length(hash) = 32),
    sealed_at     timestamptz NOT NULL,
    PRIMARY KEY (agency_id, number)
);

-- How far the chain went each day; in Slack, if the agency chose a channel for it. `next_run_at` is when to try.
ALTER TABLE agencies ADD COLUMN audit_channel_id text;
CREATE TABLE audit_heads (
    agency_id   uuid NOT NULL,
    day         date NOT NULL,
    number      bigint NOT NULL,
    hash        bytea NOT NULL CHECK (length(hash) = 32),
    next_run_at timestamptz,
    posted_at   timestamptz,
    PRIMARY KEY (agency_id, day)
);
CREATE INDEX audit_heads_due ON audit_heads (next_run_at) WHERE next_run_at IS NOT NULL;

-- One client's entries, newest first: for whoever looks through them, and for its month
CREATE INDEX audit_logs_client ON audit_logs (client_id, created_at DESC);

-- ---------------------------------------------------------------------------------------------------------------
-- An entry's time is the database's own. Whoever puts one in with another time has to get around this trigger, and
-- then its place in the chain does not fit its time.

CREATE FUNCTION stamp_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.created_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER audit_logs_stamp BEFORE INSERT ON audit_logs FOR EACH ROW EXECUTE FUNCTION stamp_entry();

-- The sweeper's: nobody who writes an entry may add to or take from what is not sealed yet by other ways.
CREATE FUNCTION await_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO audit_unsealed (entry_id, agency_id, created_at) VALUES (NEW.id, NEW.agency_id, NEW.created_at);
    RETURN NULL;
END $$;
CREATE TRIGGER audit_logs_unsealed AFTER INSERT ON audit_logs FOR EACH ROW EXECUTE FUNCTION await_seal();

-- Only ever added to, by the owner too. One change gets through: what is personal goes, all of it, and for good.
CREATE FUNCTION keep_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE personal text[] := '{personal,ip_address,user_agent,erased_by}';
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.erased_by IS NULL AND NEW.erased_by IS NOT NULL
        AND num_nonnulls(NEW.personal, NEW.ip_address, NEW.user_agent) = 0
        AND to_jsonb(NEW) - personal = to_jsonb(OLD) - personal THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
DROP TRIGGER audit_logs_append_only ON audit_logs;
CREATE TRIGGER audit_logs_append_only BEFORE UPDATE OR DELETE ON audit_logs
    FOR EACH ROW EXECUTE FUNCTION keep_entry();

CREATE FUNCTION keep_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.personal_salt IS NULL
        AND to_jsonb(NEW) - 'personal_salt' = to_jsonb(OLD) - 'personal_salt' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE ON audit_seals
    FOR EACH ROW EXECUTE FUNCTION keep_seal();
CREATE TRIGGER audit_seals_no_truncate BEFORE TRUNCATE ON audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Erases what is personal in everything that somebody did (Slack's id, or `sign_off:` and the id of a client's private
-- link), and leaves an entry of it, with what else is to be said. For admins and the program; gives the entries.
CREATE FUNCTION erase_personal(who text, more jsonb) RETURNS TABLE (id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE told uuid := gen_random_uuid(); gone uuid[];
BEGIN
    IF app_agency() IS NULL OR NOT app_sees_all() THEN
        RAISE EXCEPTION 'only an admin erases what is personal' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM FROM audit_chains c WHERE c.agency_id = app_agency() FOR UPDATE;  -- nothing is being sealed meanwhile
    WITH erased AS (
        UPDATE audit_logs e SET personal = NULL, ip_address = NULL, user_agent = NULL, erased_by = told
        WHERE e.agency_id = app_agency() AND e.user_id = who AND e.erased_by IS NULL
            AND num_nonnulls(e.personal, e.ip_address, e.user_agent) > 0
        RETURNING e.id
    )
    SELECT coalesce(array_agg(erased.id), '{}') INTO gone FROM erased;
    UPDATE audit_seals s SET personal_salt = NULL WHERE s.entry_id = ANY (gone) AND s.personal_salt IS NOT NULL;
    INSERT INTO audit_logs (id, agency_id, user_id, action, details) VALUES (told, app_agency(),
        coalesce((SELECT m.slack_user_id FROM members m WHERE m.id = app_member() AND m.agency_id = app_agency()), 'pressroom'),
        'personal_data_erased', more || jsonb_build_object('person', who, 'entries', cardinality(gone)));
    RETURN QUERY SELECT unnest(gone);
END $$;

-- The same in what the client itself decided by a private link; gives the decisions.
CREATE FUNCTION erase_reviewer(sign_off uuid, erased text) RETURNS TABLE (id uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE approvals a SET reviewer_name = erased, ip_address = NULL, user_agent = NULL
    WHERE a.agency_id = app_agency() AND app_sees_all() AND a.sign_off_id = sign_off
    RETURNING a.id
$$;

-- ---------------------------------------------------------------------------------------------------------------
-- What must look across agencies

CREATE FUNCTION unsealed_agencies() RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT DISTINCT u.agency_id FROM audit_unsealed u $$;
CREATE FUNCTION agencies_without_head() RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT c.agency_id FROM audit_chains c
      WHERE c.number > (SELECT coalesce(max(h.number), 0) FROM audit_heads h WHERE h.agency_id = c.agency_id)
          AND NOT EXISTS (SELECT FROM audit_heads h WHERE h.agency_id = c.agency_id
                          AND h.day >= (now() AT TIME ZONE 'UTC')::date) $$;
CREATE FUNCTION agencies_to_witness(most integer) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT DISTINCT h.agency_id FROM audit_heads h WHERE h.next_run_at <= now() LIMIT most $$;

-- ---------------------------------------------------------------------------------------------------------------
-- Rights: as few as there can be. The sweeper's are those of the functions above, and nobody logs in as it.

DO $$
DECLARE t text; f regprocedure;
BEGIN
    FOREACH t IN ARRAY ARRAY['audit_unsealed', 'audit_chains', 'audit_seals', 'audit_heads'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY of_its_agency ON %I TO pressroom_app'
            ' USING (agency_id = (SELECT app_agency()) AND (SELECT app_sees_all()))', t);
        EXECUTE format('GRANT SELECT ON %I TO pressroom_app', t);
    END LOOP;
    GRANT DELETE ON audit_unsealed TO pressroom_app;
    GRANT INSERT, UPDATE (number, hash) ON audit_chains TO pressroom_app;
    GRANT INSERT ON audit_seals TO pressroom_app;
    GRANT INSERT, UPDATE (next_run_at, posted_at) ON audit_heads TO pressroom_app;

    FOREACH t IN ARRAY ARRAY['audit_unsealed', 'audit_chains', 'audit_heads'] LOOP
        EXECUTE format('CREATE POLICY across_agencies ON %I FOR SELECT TO pressroom_sweeper USING (true)', t);
        EXECUTE format('GRANT SELECT ON %I TO pressroom_sweeper', t);
    END LOOP;
    CREATE POLICY awaits_seal ON audit_unsealed FOR INSERT TO pressroom_sweeper WITH CHECK (true);
    GRANT INSERT ON audit_unsealed TO pressroom_sweeper;
    FOREACH t IN ARRAY ARRAY['audit_logs', 'audit_seals', 'audit_chains', 'approvals'] LOOP
        EXECUTE format('CREATE POLICY erased ON %I TO pressroom_sweeper USING (agency_id = (SELECT app_agency()))', t);
    END LOOP;
    GRANT SELECT, INSERT (id, agency_id, user_id, action, details),
        UPDATE (personal, ip_address, user_agent, erased_by) ON audit_logs TO pressroom_sweeper;
    GRANT SELECT (entry_id, agency_id, personal_salt), UPDATE (personal_salt) ON audit_seals TO pressroom_sweeper;
    GRANT UPDATE (agency_id) ON audit_chains TO pressroom_sweeper;  -- to lock it
    GRANT SELECT (id, agency_id, sign_off_id), UPDATE (reviewer_name, ip_address, user_agent) ON approvals
        TO pressroom_sweeper;

    EXECUTE format('GRANT pressroom_sweeper TO %I', current_user);
    GRANT CREATE ON SCHEMA public TO pressroom_sweeper;
    FOREACH f IN ARRAY ARRAY['await_seal()'::regprocedure, 'erase_personal(text,jsonb)'::regprocedure,
        'erase_reviewer(uuid,text)'::regprocedure, 'unsealed_agencies()'::regprocedure,
        'agencies_without_head()'::regprocedure, 'agencies_to_witness(integer)'::regprocedure] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO pressroom_sweeper', f);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    END LOOP;
    FOREACH f IN ARRAY ARRAY['erase_personal(text,jsonb)'::regprocedure, 'erase_reviewer(uuid,text)'::regprocedure,
        'unsealed_agencies()'::regprocedure, 'agencies_without_head()'::regprocedure,
        'agencies_to_witness(integer)'::regprocedure] LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pressroom_app', f);
    END LOOP;
    REVOKE CREATE ON SCHEMA public FROM pressroom_sweeper;
    EXECUTE format('REVOKE pressroom_sweeper FROM %I', current_user);
END $$;
