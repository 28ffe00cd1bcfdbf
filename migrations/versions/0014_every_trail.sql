-- Every agency that has a trail, or must have one. Whoever takes a trail's end away, or all of it, does not have it
-- passed over: it is looked for wherever there is a trace of the agency.
DROP FUNCTION every_trail();
CREATE FUNCTION every_trail() RETURNS TABLE (id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT a.id FROM agencies a
      UNION SELECT c.agency_id FROM audit_chains c
      UNION SELECT u.agency_id FROM audit_unsealed u
      UNION SELECT h.agency_id FROM audit_heads h
      UNION SELECT s.agency_id FROM audit_seals s
      UNION SELECT e.agency_id FROM audit_logs e $$;

CREATE POLICY across_agencies ON audit_seals FOR SELECT TO pressroom_sweeper USING (true);
CREATE POLICY across_agencies ON audit_logs FOR SELECT TO pressroom_sweeper USING (true);

DO $$
BEGIN
    EXECUTE format('GRANT pressroom_sweeper TO %I', current_user);
    GRANT CREATE ON SCHEMA public TO pressroom_sweeper;
    ALTER FUNCTION every_trail() OWNER TO pressroom_sweeper;
    REVOKE ALL ON FUNCTION every_trail() FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION every_trail() TO pressroom_app;
    REVOKE CREATE ON SCHEMA public FROM pressroom_sweeper;
    EXECUTE format('REVOKE pressroom_sweeper FROM %I', current_user);
END $$;
