-- What approvals are worth: PostgreSQL keeps them by itself, and refuses where it cannot tell. (A body that is not a
-- string is bound when it is made, and a function with its own search_path looks into no temporary table first.)

-- Who may decide at each stage of a policy: who is named or has one of its roles, as long as they work for the client
-- or are an admin. A guest only as the client's reviewer, and nobody who has left.
CREATE OR REPLACE FUNCTION approvers(client uuid, policy integer) RETURNS TABLE (stage integer, member_id uuid)
LANGUAGE sql STABLE BEGIN ATOMIC
    SELECT s.position, m.id
    FROM policy_stages s
    JOIN members m ON m.agency_id = s.agency_id AND m.left_at IS NULL
    LEFT JOIN client_members c ON c.client_id = s.client_id AND c.member_id = m.id
    WHERE s.client_id = client AND s.version = policy
        AND (c.role = 'reviewer' OR (m.role <> 'guest' AND (c.role IS NOT NULL OR m.role = 'admin')))
        AND (s.member_ids ? m.id::text OR s.roles ? c.role OR (m.role = 'admin' AND s.roles ? 'admin'));
END;

-- Whoever wrote a post, or any version of it that counted or says the same; where the policy asks for someone else,
-- they do not decide. What somebody began to change and never sent on its way is nobody's words.
CREATE OR REPLACE FUNCTION is_own(post uuid, member uuid) RETURNS boolean LANGUAGE sql STABLE BEGIN ATOMIC
    SELECT l.someone_else AND (member = p.author_id OR EXISTS (
        SELECT FROM post_versions v
        WHERE v.post_id = p.id AND v.created_by = member AND (v.content_hash = shown.content_hash
            OR EXISTS (SELECT FROM publications u WHERE u.post_id = p.id AND u.version = v.version))))
    FROM posts p
    JOIN post_versions shown ON shown.post_id = p.id AND shown.version = p.version
    JOIN policies l ON l.client_id = p.client_id AND l.version = p.policy_version
    WHERE p.id = post;
END;

-- How far each of these posts is: of every stage, how many approvals it needs and how many it has. What counts is
-- everybody's last word in this round on exactly this version.
CREATE OR REPLACE FUNCTION progress(posts_asked uuid[])
RETURNS TABLE (post_id uuid, stage integer, needs integer, given integer) LANGUAGE sql STABLE BEGIN ATOMIC
    WITH asked AS (
        SELECT p.id, p.client_id, p.policy_version, p.round, p.version, v.content_hash
        FROM posts p
        JOIN post_versions v ON v.post_id = p.id AND v.version = p.version
        WHERE p.id = ANY (posts_asked) AND p.policy_version IS NOT NULL
    ), last_words AS (
        SELECT DISTINCT ON (a.post_id, a.stage, said_by.who) a.post_id, a.stage, said_by.who, a.decision
        FROM approvals a
        JOIN asked ON asked.id = a.post_id
            AND (asked.round, asked.version, asked.content_hash) = (a.round, a.version, a.content_hash),
        LATERAL (SELECT coalesce(a.member_id, a.sign_off_id) AS who) said_by
        ORDER BY a.post_id, a.stage, said_by.who, a.number DESC
    ), agreed AS (
        SELECT w.post_id, w.stage, w.who FROM last_words w WHERE w.decision = 'approved'
    ), able AS (
        SELECT asked.id AS post_id, x.stage, x.member_id AS who
        FROM asked, approvers(asked.client_id, asked.policy_version) x
        WHERE NOT is_own(asked.id, x.member_id)
    )
    SELECT asked.id, s.position,
        coalesce(s.needs, greatest(1, (SELECT count(*) FROM (
            SELECT b.who FROM able b WHERE b.post_id = asked.id AND b.stage = s.position
            UNION SELECT g.who FROM agreed g WHERE g.post_id = asked.id AND g.stage = s.position) everybody)))::integer,
        (SELECT count(*) FROM agreed g WHERE g.post_id = asked.id AND g.stage = s.position)::integer
    FROM asked
    JOIN policy_stages s ON s.client_id = asked.client_id AND s.version = asked.policy_version
    ORDER BY asked.id, s.position;
END;

-- Whether a version of a post may go out: nobody was asked, and its client does not require it now; or it is the one
-- that counts, everybody agreed to it, and nothing was decided against it since they were asked.
CREATE FUNCTION may_go(post uuid, version_asked integer) RETURNS boolean LANGUAGE sql STABLE BEGIN ATOMIC
    SELECT CASE WHEN p.policy_version IS NULL THEN coalesce((
            SELECT l.mode <> 'required' FROM policies l WHERE l.client_id = p.client_id ORDER BY l.version DESC LIMIT 1), true)
        ELSE p.version = version_asked
            AND p.state NOT IN ('changes_requested', 'rejected', 'withdrawn', 'expired')
            AND coalesce((SELECT bool_and(g.given >= g.needs) FROM progress(ARRAY[p.id]) g), false)
            AND NOT EXISTS (SELECT FROM approvals a WHERE a.post_id = p.id AND a.round = p.round
                AND a.decision IN ('changes_requested', 'rejected'))
        END
    FROM posts p WHERE p.id = post;
END;

-- Whatever becomes ready to go out, from wherever it comes: held, failed, too late, or in doubt.
CREATE OR REPLACE FUNCTION keep_held() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF may_go(NEW.post_id, NEW.version) IS NOT TRUE THEN
        RAISE EXCEPTION 'not everybody has approved this' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER publications_released ON publications;
CREATE TRIGGER publications_released BEFORE UPDATE OF state ON publications FOR EACH ROW
    WHEN (OLD.state NOT IN ('scheduled', 'queued', 'running') AND NEW.state IN ('scheduled', 'queued', 'running'))
    EXECUTE FUNCTION keep_held();

-- What failed before the public saw any of it is held with the rest, when everybody is asked once more.
DROP TRIGGER publications_diagram ON publications;
CREATE TRIGGER publications_diagram BEFORE UPDATE OF state ON publications FOR EACH ROW WHEN (OLD.state <> NEW.state)
    EXECUTE FUNCTION keep_to_diagram(
        'held > scheduled', 'held > queued', 'held > cancelled',
        'scheduled > held', 'queued > held', 'running > held', 'late > held', 'failed > held',
        'scheduled > queued', 'scheduled > late', 'scheduled > cancelled',
        'queued > running', 'queued > scheduled', 'queued > cancelled',
        'running > published', 'running > failed', 'running > needs_review', 'running > late',
        'running > scheduled', 'running > queued', 'running > cancelled',
        'failed > queued', 'failed > scheduled', 'failed > cancelled',
        'needs_review > published', 'needs_review > queued',
        'late > queued', 'late > scheduled', 'late > cancelled');

-- A decision is one's own, about what stands there now, by somebody who may, and not about one's own post; and it is
-- taken back only once nothing that it let go is on its way. Where it is the client's by link, it uses the link up: one
-- that is still good, for exactly this stage.
CREATE OR REPLACE FUNCTION check_decision() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE p posts; hash text;
BEGIN
    SELECT * INTO p FROM posts WHERE id = NEW.post_id FOR NO KEY UPDATE;
    SELECT v.content_hash INTO hash FROM post_versions v WHERE v.post_id = p.id AND v.version = p.version;
    IF NEW.member_id IS DISTINCT FROM app_member() THEN
        RAISE EXCEPTION 'nobody decides for somebody else' USING ERRCODE = 'insufficient_privilege';
    ELSIF (NEW.version, NEW.round, NEW.content_hash) IS DISTINCT FROM (p.version, p.round, hash) THEN
        RAISE EXCEPTION 'a decision is about the version that counts' USING ERRCODE = 'insufficient_privilege';
    ELSIF NEW.decision = 'taken_back' THEN
        IF EXISTS (SELECT FROM publications u WHERE u.post_id = p.id AND u.version = p.version
                AND u.state IN ('scheduled', 'queued', 'running')) THEN
            RAISE EXCEPTION 'what was approved is on its way' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF p.state <> 'in_approval' OR NEW.stage IS DISTINCT FROM p.stage THEN
        RAISE EXCEPTION 'this post does not wait for that decision' USING ERRCODE = 'insufficient_privilege';
    ELSIF NEW.sign_off_id IS NOT NULL THEN
        UPDATE sign_offs s SET used_at = clock_timestamp()
        FROM policy_stages t
        WHERE s.id = NEW.sign_off_id AND (s.post_id, s.round, s.stage) = (p.id, p.round, p.stage)
            AND s.used_at IS NULL AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
            AND (t.client_id, t.version, t.position) = (p.client_id, p.policy_version, p.stage) AND t.by_link
            AND current_setting('app.program', true) = 'on';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'this link is not good for that decision' USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF coalesce(is_own(p.id, NEW.member_id), true) THEN
        RAISE EXCEPTION 'nobody decides about their own post' USING ERRCODE = 'insufficient_privilege';
    ELSIF NOT EXISTS (SELECT FROM approvers(p.client_id, p.policy_version) a
            WHERE a.stage = NEW.stage AND a.member_id = NEW.member_id) THEN
        RAISE EXCEPTION 'this member is not asked' USING ERRCODE = 'insufficient_privilege';
    END IF;
    NEW.number := (SELECT coalesce(max(a.number), 0) + 1 FROM approvals a WHERE a.post_id = p.id);
    RETURN NEW;
END $$;

-- ---------------------------------------------------------------------------------------------------------------
-- What a decision rests on stays what it was

-- Rounds are counted one by one. A post comes under other rules only together with a new round, and only under those
-- that its client has now; under none only where nothing is required.
CREATE FUNCTION keep_to_policy() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE newest policies;
BEGIN
    IF NEW.round NOT IN (OLD.round, OLD.round + 1) THEN
        RAISE EXCEPTION 'rounds are counted one by one' USING ERRCODE = 'insufficient_privilege';
    ELSIF NEW.policy_version IS NOT DISTINCT FROM OLD.policy_version THEN
        RETURN NEW;
    END IF;
    SELECT * INTO newest FROM policies l WHERE l.client_id = NEW.client_id ORDER BY l.version DESC LIMIT 1;
    IF NEW.round = OLD.round
        OR (NEW.policy_version IS NULL AND newest.mode IS NOT DISTINCT FROM 'required')
        OR (NEW.policy_version IS NOT NULL AND NEW.policy_version IS DISTINCT FROM newest.version) THEN
        RAISE EXCEPTION 'a post comes under its client''s rules, and only when everybody is asked anew'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER posts_policy BEFORE UPDATE ON posts FOR EACH ROW
    WHEN (OLD.policy_version IS DISTINCT FROM NEW.policy_version OR OLD.round <> NEW.round)
    EXECUTE FUNCTION keep_to_policy();

CREATE FUNCTION keep_as_made() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'whose a row of % is, and what it is about, never changes', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER posts_made BEFORE UPDATE ON posts FOR EACH ROW
    WHEN ((OLD.id, OLD.client_id, OLD.author_id) IS DISTINCT FROM (NEW.id, NEW.client_id, NEW.author_id))
    EXECUTE FUNCTION keep_as_made();
CREATE TRIGGER publications_made BEFORE UPDATE ON publications FOR EACH ROW
    WHEN ((OLD.id, OLD.client_id, OLD.post_id, OLD.version, OLD.account_id, OLD.kind)
        IS DISTINCT FROM (NEW.id, NEW.client_id, NEW.post_id, NEW.version, NEW.account_id, NEW.kind))
    EXECUTE FUNCTION keep_as_made();
CREATE TRIGGER media_made BEFORE UPDATE ON media FOR EACH ROW
    WHEN ((OLD.id, OLD.client_id, OLD.sha256, OLD.created_by)
        IS DISTINCT FROM (NEW.id, NEW.client_id, NEW.sha256, NEW.created_by))
    EXECUTE FUNCTION keep_as_made();

-- ---------------------------------------------------------------------------------------------------------------
-- Everybody writes in their own name, and only a client's managers and the admins say who must agree

CREATE FUNCTION manages(client uuid) RETURNS boolean LANGUAGE sql STABLE BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM members m LEFT JOIN client_members c ON c.member_id = m.id AND c.client_id = client
        WHERE m.id = app_member() AND m.role <> 'guest' AND (m.role = 'admin' OR c.role = 'manager'));
END;

CREATE POLICY ones_own ON posts AS RESTRICTIVE FOR INSERT TO pressroom_app
    WITH CHECK ((author_id = (SELECT app_member()) OR current_setting('app.program', true) = 'on') AND policy_version IS NULL AND round = 0);
CREATE POLICY ones_own ON post_versions AS RESTRICTIVE FOR INSERT TO pressroom_app
    WITH CHECK (created_by = (SELECT app_member()) OR current_setting('app.program', true) = 'on');
CREATE POLICY ones_own ON media AS RESTRICTIVE FOR INSERT TO pressroom_app
    WITH CHECK (created_by = (SELECT app_member()) OR current_setting('app.program', true) = 'on');
CREATE POLICY ones_own ON sign_offs AS RESTRICTIVE FOR INSERT TO pressroom_app
    WITH CHECK (made_by = (SELECT app_member()));
CREATE POLICY of_its_managers ON policies AS RESTRICTIVE FOR INSERT TO pressroom_app
    WITH CHECK (created_by = (SELECT app_member()) AND manages(client_id));
CREATE POLICY of_its_managers ON policy_stages AS RESTRICTIVE FOR INSERT TO pressroom_app
    WITH CHECK (manages(client_id));

-- ---------------------------------------------------------------------------------------------------------------
-- No temporary table takes the place of one of ours: no function looks there first, and nobody needs one. (The second
-- holds as well where the database is somebody else's to give.)

ALTER FUNCTION keep_to_diagram() SET search_path = public, pg_temp;
ALTER FUNCTION keep_over() SET search_path = public, pg_temp;
ALTER FUNCTION refuse_change() SET search_path = public, pg_temp;
ALTER FUNCTION refuse_retired_key() SET search_path = public, pg_temp;
DO $$
BEGIN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'temporary tables stay allowed: this role may not forbid them';
END $$;

-- Who asked last: whoever sent it, or gave it another time where that has everybody asked anew.
ALTER TABLE posts ADD COLUMN asked_by uuid, ADD FOREIGN KEY (asked_by, agency_id) REFERENCES members (id, agency_id);
CREATE INDEX posts_asked_by ON posts (asked_by);
