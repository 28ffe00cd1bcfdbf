-- Who belongs to a client, as what, and how the client is kept: its managers' and the admins' business, whatever the
-- program believes. Whoever is asked for approval is who they made that; an author who could make themself a manager
-- would write the rules that their own post comes under. (A policy sees the rows as they were before its statement: a
-- manager may still take the role from themself.)
CREATE FUNCTION runs(client uuid) RETURNS boolean LANGUAGE sql STABLE
    RETURN coalesce(current_setting('app.program', true) = 'on', false) OR manages(client);

CREATE POLICY by_its_managers_added ON client_members AS RESTRICTIVE FOR INSERT TO pressroom_app
    WITH CHECK (runs(client_id));
CREATE POLICY by_its_managers_changed ON client_members AS RESTRICTIVE FOR UPDATE TO pressroom_app
    USING (runs(client_id)) WITH CHECK (runs(client_id));
CREATE POLICY by_its_managers_removed ON client_members AS RESTRICTIVE FOR DELETE TO pressroom_app
    USING (runs(client_id));

-- Whoever works for a client may lock its row, which PostgreSQL takes for the beginning of a change.
CREATE POLICY by_its_managers_changed ON clients AS RESTRICTIVE FOR UPDATE TO pressroom_app
    USING (agency_id = (SELECT app_agency())) WITH CHECK (runs(id));
CREATE POLICY by_its_managers_removed ON clients AS RESTRICTIVE FOR DELETE TO pressroom_app USING (runs(id));
