-- Members who have left Slack: since when. Slack shows them as it shows a guest, and they may nothing any more.
ALTER TABLE members
    ADD COLUMN left_at timestamptz,
    ADD CHECK (left_at IS NULL OR role = 'guest');

-- Posts whose people may have changed: `settle_at` is since when somebody should look whether such a post still waits
-- for anybody. `stuck_at` is when its thread was told that nobody is left who could approve it.
ALTER TABLE posts
    ADD COLUMN settle_at timestamptz,
    ADD COLUMN stuck_at timestamptz;
CREATE INDEX posts_settle ON posts (settle_at) WHERE state = 'in_approval' AND settle_at IS NOT NULL;
GRANT UPDATE (settle_at, stuck_at) ON posts TO pressroom_app;
GRANT SELECT (settle_at) ON posts TO pressroom_sweeper;
ALTER TABLE posts NO FORCE ROW LEVEL SECURITY;  -- or else an owner who is no superuser changes no row
UPDATE posts SET settle_at = now() WHERE state = 'in_approval';
ALTER TABLE posts FORCE ROW LEVEL SECURITY;

-- Who may decide at each stage of a policy: who is named or has one of its roles, as long as they work for the client
-- or are an admin. A guest only as the client's reviewer, and nobody who has left.
CREATE OR REPLACE FUNCTION approvers(client uuid, policy integer) RETURNS TABLE (stage integer, member_id uuid)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT s.position, m.id
    FROM policy_stages s
    JOIN members m ON m.agency_id = s.agency_id AND m.left_at IS NULL
    LEFT JOIN client_members c ON c.client_id = s.client_id AND c.member_id = m.id
    WHERE s.client_id = client AND s.version = policy
        AND (c.role = 'reviewer' OR (m.role <> 'guest' AND (c.role IS NOT NULL OR m.role = 'admin')))
        AND (s.member_ids ? m.id::text OR s.roles ? c.role OR (m.role = 'admin' AND s.roles ? 'admin'))
$$;

CREATE FUNCTION unsettled_posts(most integer) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT p.agency_id, p.id FROM posts p
      WHERE p.state = 'in_approval' AND p.settle_at IS NOT NULL ORDER BY p.settle_at LIMIT most $$;

DO $$
BEGIN
    EXECUTE format('GRANT pressroom_sweeper TO %I', current_user);
    GRANT CREATE ON SCHEMA public TO pressroom_sweeper;
    ALTER FUNCTION unsettled_posts(integer) OWNER TO pressroom_sweeper;
    REVOKE ALL ON FUNCTION unsettled_posts(integer) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION unsettled_posts(integer) TO pressroom_app;
    -- Whoever has left works for no client, so that there is nothing that they see or do.
    CREATE OR REPLACE VIEW my_clients WITH (security_barrier) AS
        SELECT client_id FROM client_members WHERE member_id = app_member() AND agency_id = app_agency()
            AND EXISTS (SELECT FROM members WHERE id = app_member() AND left_at IS NULL);
    REVOKE CREATE ON SCHEMA public FROM pressroom_sweeper;
    EXECUTE format('REVOKE pressroom_sweeper FROM %I', current_user);
END $$;
