-- Somebody's name is erased, and stays so while only Slack tells of them; they have one again once they do something here.
ALTER TABLE members ADD COLUMN erased_at timestamptz;
ALTER TABLE members NO FORCE ROW LEVEL SECURITY;  -- or else an owner who is no superuser would not see the rows
UPDATE members SET erased_at = now() WHERE name = 'Erased';
ALTER TABLE members FORCE ROW LEVEL SECURITY;

-- Who came by a client's private link is looked up while an admin types
CREATE INDEX audit_logs_by_link ON audit_logs (agency_id, created_at DESC) WHERE user_id LIKE 'sign_off:%';

-- ---------------------------------------------------------------------------------------------------------------
-- What names a person may stand in an entry of what somebody else did: that the program noticed their new name, that
-- another's link ended their login. So entries are chosen by whom they are about, too.

-- Nothing of the agency is sealed between this and the end of the transaction: a chain of which nothing is sealed yet
-- has no row, and could not be locked without one.
CREATE FUNCTION hold_chain() RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF app_agency() IS NULL OR NOT app_sees_all() THEN
        RAISE EXCEPTION 'only an admin erases what is personal' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO audit_chains (agency_id) VALUES (app_agency()) ON CONFLICT DO NOTHING;
    PERFORM FROM audit_chains c WHERE c.agency_id = app_agency() FOR UPDATE;
END $$;

-- Empties these entries, and leaves one that tells of it: of what others did than whom it is about, entry by entry.
CREATE FUNCTION erase_entries(gone uuid[], about jsonb) RETURNS void LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE told uuid := gen_random_uuid(); others jsonb;
BEGIN
    others := (SELECT jsonb_agg(e.id ORDER BY e.id) FROM audit_logs e
        WHERE e.agency_id = app_agency() AND e.id = ANY (gone) AND e.user_id IS DISTINCT FROM about->>'person');
    UPDATE audit_logs e SET personal = NULL, ip_address = NULL, user_agent = NULL, erased_by = told
        WHERE e.agency_id = app_agency() AND e.id = ANY (gone);
    UPDATE audit_seals s SET personal_salt = NULL WHERE s.entry_id = ANY (gone) AND s.personal_salt IS NOT NULL;
    INSERT INTO audit_logs (id, agency_id, user_id, action, details) VALUES (told, app_agency(),
        coalesce((SELECT m.slack_user_id FROM members m WHERE m.id = app_member() AND m.agency_id = app_agency()), 'pressroom'),
        'personal_data_erased',
        about || jsonb_build_object('entries', cardinality(gone)) || jsonb_strip_nulls(jsonb_build_object('others', others)));
END $$;

DO $$ BEGIN EXECUTE format('GRANT pressroom_sweeper TO %I', current_user); END $$;  -- or else it could not be replaced

-- As before, and in what others did: what names them as a member, and as the person of a login that they made
CREATE OR REPLACE FUNCTION erase_personal(who text, more jsonb) RETURNS TABLE (id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE gone uuid[]; logins text[];
BEGIN
    PERFORM hold_chain();
    logins := ARRAY(SELECT e.details->>'connection_id' FROM audit_logs e
        WHERE e.agency_id = app_agency() AND e.user_id = who AND e.action = 'login_granted');
    gone := ARRAY(SELECT e.id FROM audit_logs e WHERE e.agency_id = app_agency() AND e.erased_by IS NULL
        AND num_nonnulls(e.personal, e.ip_address, e.user_agent) > 0
        AND (e.user_id = who OR e.personal IS NOT NULL
            AND (e.details->>'slack_user_id' = who OR e.details->>'connection_id' = ANY (logins))));
    PERFORM erase_entries(gone, more || jsonb_build_object('person', who));
    RETURN QUERY SELECT unnest(gone);
END $$;

-- Who a login's person is, in the entries that name them: wherever that stood before, and of logins long gone
CREATE FUNCTION person_named(personal jsonb, details jsonb) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN coalesce(personal->>'meta_user_id', details->>'meta_user_id');
CREATE INDEX audit_logs_meta_user ON audit_logs (person_named(personal, details)) WHERE personal IS NOT NULL;

-- The agencies whose trail names a person at Meta
CREATE FUNCTION agencies_naming(meta_user text) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT DISTINCT e.agency_id FROM audit_logs e
      WHERE e.personal IS NOT NULL AND person_named(e.personal, e.details) = meta_user $$;

-- Erases who they are from an agency's trail as it was at that moment, for Meta had us delete that; gives the entries.
CREATE FUNCTION erase_meta_user(meta_user text, until timestamptz) RETURNS TABLE (id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE gone uuid[];
BEGIN
    PERFORM hold_chain();
    gone := ARRAY(SELECT e.id FROM audit_logs e WHERE e.agency_id = app_agency() AND e.erased_by IS NULL
        AND e.personal IS NOT NULL AND person_named(e.personal, e.details) = meta_user AND e.created_at <= until);
    IF cardinality(gone) > 0 THEN
        PERFORM erase_entries(gone, '{"by": "meta"}');
    END IF;
    RETURN QUERY SELECT unnest(gone);
END $$;

DO $$
DECLARE f regprocedure;
BEGIN
    GRANT INSERT (agency_id) ON audit_chains TO pressroom_sweeper;
    CREATE POLICY names_a_login ON audit_logs FOR SELECT TO pressroom_sweeper USING (personal IS NOT NULL);
    GRANT CREATE ON SCHEMA public TO pressroom_sweeper;
    FOREACH f IN ARRAY ARRAY['hold_chain()'::regprocedure, 'erase_entries(uuid[],jsonb)'::regprocedure,
        'agencies_naming(text)'::regprocedure, 'erase_meta_user(text,timestamptz)'::regprocedure] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO pressroom_sweeper', f);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
    END LOOP;
    GRANT EXECUTE ON FUNCTION agencies_naming(text), erase_meta_user(text,timestamptz) TO pressroom_app;
    REVOKE CREATE ON SCHEMA public FROM pressroom_sweeper;
    EXECUTE format('REVOKE pressroom_sweeper FROM %I', current_user);
END $$;
