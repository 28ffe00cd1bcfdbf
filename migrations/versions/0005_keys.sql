-- The keys that ever sealed something here, by their ids. `check_value` is a known text that the key sealed: whether it
-- still opens tells a wrong key under a known id. What is retired seals nothing any more.

CREATE TABLE vault_keys (
    id          text PRIMARY KEY,
    check_value text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at  timestamptz
);
GRANT SELECT, INSERT ON vault_keys TO pressroom_app;
GRANT UPDATE (retired_at) ON vault_keys TO pressroom_app;

-- Sealed values end in the id of their key.
DO $$
DECLARE t text; c text;
BEGIN
    FOR t, c IN VALUES ('installations', 'bot_token'), ('connections', 'access_token'),
        ('clients_social_platforms', 'access_token') LOOP
        EXECUTE format('ALTER TABLE %I ADD COLUMN key_id text GENERATED ALWAYS AS (split_part(%I, '':'', 3)) STORED', t, c);
        EXECUTE format('CREATE INDEX %s_key ON %I (key_id)', t, t);
    END LOOP;
    CREATE POLICY across_agencies ON connections FOR SELECT TO pressroom_sweeper USING (true);
    CREATE POLICY across_agencies ON installations FOR SELECT TO pressroom_sweeper USING (true);
    GRANT SELECT (agency_id, key_id) ON installations TO pressroom_sweeper;
    GRANT SELECT (id, agency_id, key_id) ON connections, clients_social_platforms TO pressroom_sweeper;
END $$;

-- Nothing is sealed with a retired key. The lock has whoever retires one wait for what is being sealed with it.
CREATE FUNCTION refuse_retired_key() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE sealed text := to_jsonb(NEW) ->> TG_ARGV[0];
BEGIN
    IF sealed IS NULL THEN RETURN NEW; END IF;
    PERFORM FROM vault_keys k WHERE k.id = split_part(sealed, ':', 3) FOR SHARE;
    IF EXISTS (SELECT FROM vault_keys k WHERE k.id = split_part(sealed, ':', 3) AND k.retired_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the key % is retired', split_part(sealed, ':', 3) USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER installations_key BEFORE INSERT OR UPDATE OF bot_token ON installations
    FOR EACH ROW EXECUTE FUNCTION refuse_retired_key('bot_token');
CREATE TRIGGER connections_key BEFORE INSERT OR UPDATE OF access_token ON connections
    FOR EACH ROW EXECUTE FUNCTION refuse_retired_key('access_token');
CREATE TRIGGER clients_social_platforms_key BEFORE INSERT OR UPDATE OF access_token ON clients_social_platforms
    FOR EACH ROW EXECUTE FUNCTION refuse_retired_key('access_token');

-- What looks across agencies gives ids and numbers, and nothing else.
CREATE FUNCTION keys_in_use() RETURNS TABLE (key_id text, sealed bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT v.key_id, count(*) FROM (
          SELECT key_id FROM installations
          UNION ALL SELECT key_id FROM connections
          UNION ALL SELECT key_id FROM clients_social_platforms) v
      WHERE v.key_id IS NOT NULL GROUP BY v.key_id $$;

CREATE FUNCTION sealed_otherwise(current_key text, after uuid, most integer)
RETURNS TABLE (agency_id uuid, id uuid, kept_in text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT v.agency_id, v.id, v.kept_in FROM (
          SELECT agency_id, agency_id AS id, 'installations' AS kept_in, key_id FROM installations
          UNION ALL SELECT agency_id, id, 'connections', key_id FROM connections
          UNION ALL SELECT agency_id, id, 'clients_social_platforms', key_id FROM clients_social_platforms) v
      WHERE v.key_id <> current_key AND v.id > after ORDER BY v.id LIMIT most $$;

DO $$
DECLARE f regprocedure;
BEGIN
    EXECUTE format('GRANT pressroom_sweeper TO %I', current_user);
    GRANT CREATE ON SCHEMA public TO pressroom_sweeper;
    FOREACH f IN ARRAY ARRAY['keys_in_use()'::regprocedure, 'sealed_otherwise(text, uuid, integer)'::regprocedure] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO pressroom_sweeper', f);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pressroom_app', f);
    END LOOP;
    REVOKE CREATE ON SCHEMA public FROM pressroom_sweeper;
    EXECUTE format('REVOKE pressroom_sweeper FROM %I', current_user);
END $$;
