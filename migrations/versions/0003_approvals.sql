-- ---------------------------------------------------------------------------------------------------------------
-- Policies: who must agree to a client's posts. Never rewritten; a change is the next version, and a post keeps the
-- version under which somebody was asked. Without any, nobody is asked.

CREATE TABLE policies (
    client_id    uuid NOT NULL,
    version      integer NOT NULL CHECK (version > 0),
    agency_id    uuid NOT NULL,
    mode         text NOT NULL CHECK (mode IN ('none', 'optional', 'required')),
    someone_else boolean NOT NULL DEFAULT true,   -- nobody decides about what they wrote
    time_counts  boolean NOT NULL DEFAULT false,  -- another time asks everybody anew
    expires      boolean NOT NULL DEFAULT false,  -- what nobody approved by its time is over, and does not wait on
    remind_hours integer CHECK (remind_hours BETWEEN 1 AND 168),  -- after so many, those who are asked hear of it
    most_reminders integer NOT NULL DEFAULT 2 CHECK (most_reminders BETWEEN 0 AND 10),
    created_by   uuid NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (client_id, version),
    FOREIGN KEY (client_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE,
    FOREIGN KEY (created_by, agency_id) REFERENCES members (id, agency_id)
);
CREATE INDEX policies_author ON policies (created_by);

-- One after the other. `needs` approvals, or those of all who may when it is null. Where `by_link` says so, the client
-- decides: whoever has its private link, beside those who are asked in Slack.
CREATE TABLE policy_stages (
    client_id  uuid NOT NULL,
    version    integer NOT NULL,
    position   integer NOT NULL CHECK (position > 0),
    agency_id  uuid NOT NULL,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 40),
    needs      integer CHECK (needs > 0),
    roles      jsonb NOT NULL DEFAULT '[]',
    member_ids jsonb NOT NULL DEFAULT '[]',
    by_link    boolean NOT NULL DEFAULT false,
    CHECK (NOT by_link OR needs IS NOT DISTINCT FROM 1),
    PRIMARY KEY (client_id, version, position),
    FOREIGN KEY (client_id, version) REFERENCES policies (client_id, version) ON DELETE CASCADE,
    FOREIGN KEY (client_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE
);

-- ---------------------------------------------------------------------------------------------------------------
-- Posts: the policy under which somebody is asked, for the how-manieth time, and the stage that is waited for

ALTER TABLE posts
    ADD COLUMN policy_version integer,
    ADD COLUMN round integer NOT NULL DEFAULT 0,
    ADD COLUMN stage integer,
    ADD COLUMN asked_at timestamptz,    -- when those at this stage were asked
    ADD COLUMN remind_at timestamptz,   -- when to look next who should be reminded
    ADD COLUMN overdue_at timestamptz,  -- when its thread was told that its time is over
    ADD FOREIGN KEY (client_id, policy_version) REFERENCES policies (client_id, version),
    ADD CHECK ((state = 'in_approval') = (stage IS NOT NULL)),
    DROP CONSTRAINT posts_state_check,
    ADD CONSTRAINT posts_state_check CHECK (state IN ('draft', 'in_approval', 'changes_requested', 'rejected',
        'withdrawn', 'expired', 'approved', 'scheduled', 'publishing', 'published', 'failed', 'needs_review', 'late', 'cancelled'));
ALTER TABLE publications
    DROP CONSTRAINT publications_state_check,
    ADD CONSTRAINT publications_state_check CHECK (state IN ('held', 'scheduled', 'queued', 'running', 'published',
        'failed', 'needs_review', 'late', 'cancelled'));
DROP INDEX posts_queue;
CREATE INDEX posts_queue ON posts (client_id, due_at)
    WHERE state IN ('in_approval', 'changes_requested', 'approved', 'scheduled', 'publishing', 'late');

CREATE INDEX posts_remind ON posts (remind_at) WHERE state = 'in_approval';
CREATE INDEX posts_overdue ON posts (due_at) WHERE state = 'in_approval' AND overdue_at IS NULL;

DROP TRIGGER posts_diagram ON posts;
CREATE TRIGGER posts_diagram BEFORE UPDATE OF state ON posts FOR EACH ROW WHEN (OLD.state <> NEW.state)
    EXECUTE FUNCTION keep_to_diagram(
        'draft > in_approval', 'draft > scheduled', 'draft > publishing',
        'in_approval > changes_requested', 'in_approval > rejected', 'in_approval > withdrawn',
        'in_approval > expired', 'in_approval > approved', 'in_approval > scheduled', 'in_approval > publishing', 'in_approval > cancelled',
        'changes_requested > in_approval', 'changes_requested > scheduled', 'changes_requested > publishing',
        'changes_requested > withdrawn', 'changes_requested > cancelled',
        'rejected > in_approval', 'rejected > scheduled', 'rejected > publishing', 'rejected > cancelled',
        'withdrawn > in_approval', 'withdrawn > scheduled', 'withdrawn > publishing', 'withdrawn > cancelled',
        'expired > in_approval', 'expired > scheduled', 'expired > publishing', 'expired > cancelled',
        'approved > in_approval', 'approved > scheduled', 'approved > publishing', 'approved > cancelled',
        'scheduled > in_approval', 'publishing > in_approval', 'failed > in_approval', 'late > in_approval',
        'scheduled > publishing', 'scheduled > failed', 'scheduled > late', 'scheduled > cancelled',
        'publishing > published', 'publishing > failed', 'publishing > needs_review', 'publishing > late',
        'publishing > scheduled', 'publishing > cancelled',
        'failed > publishing', 'failed > scheduled',
        'needs_review > published', 'needs_review > publishing', 'needs_review > failed', 'needs_review > late',
        'late > publishing', 'late > scheduled', 'late > cancelled', 'late > published');
DROP TRIGGER publications_diagram ON publications;
CREATE TRIGGER publications_diagram BEFORE UPDATE OF state ON publications FOR EACH ROW WHEN (OLD.state <> NEW.state)
    EXECUTE FUNCTION keep_to_diagram(
        'held > scheduled', 'held > queued', 'held > cancelled',
        'scheduled > held', 'queued > held', 'running > held', 'late > held',
        'scheduled > queued', 'scheduled > late', 'scheduled > cancelled',
        'queued > running', 'queued > scheduled', 'queued > cancelled',
        'running > published', 'running > failed', 'running > needs_review', 'running > late',
        'running > scheduled', 'running > queued', 'running > cancelled',
        'failed > queued', 'failed > scheduled', 'failed > cancelled',
        'needs_review > published', 'needs_review > queued',
        'late > queued', 'late > scheduled', 'late > cancelled');

-- ---------------------------------------------------------------------------------------------------------------
-- Sign-offs: private links with which the client decides about a post, at one stage in one round, once. Of the secret
-- in the link only a hash is kept.

CREATE TABLE sign_offs (
    id         uuid PRIMARY KEY,
    agency_id  uuid NOT NULL,
    client_id  uuid NOT NULL,
    post_id    uuid NOT NULL,
    round      integer NOT NULL,
    stage      integer NOT NULL,
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    made_by    uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    used_at    timestamptz,
    UNIQUE (id, post_id),
    FOREIGN KEY (client_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE,
    FOREIGN KEY (post_id, client_id) REFERENCES posts (id, client_id) ON DELETE CASCADE,
    FOREIGN KEY (made_by, agency_id) REFERENCES members (id, agency_id)
);
CREATE INDEX sign_offs_client ON sign_offs (client_id);
CREATE INDEX sign_offs_post ON sign_offs (post_id);
CREATE INDEX sign_offs_maker ON sign_offs (made_by);

CREATE FUNCTION keep_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a link that is over stays over' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER sign_offs_over BEFORE UPDATE OF used_at, revoked_at ON sign_offs FOR EACH ROW
    WHEN (OLD.used_at IS NOT NULL OR OLD.revoked_at IS NOT NULL) EXECUTE FUNCTION keep_over();

-- ---------------------------------------------------------------------------------------------------------------
-- Approvals: what one member decided about one version, or whoever had the client's link and typed a name. Only ever
-- added to; a later one of the same member at the same stage takes the place of an earlier one. `number` is the order
-- in which a post's were given.

CREATE TABLE approvals (
    id           uuid PRIMARY KEY,
    number       integer NOT NULL,
    agency_id    uuid NOT NULL,
    client_id    uuid NOT NULL,
    post_id      uuid NOT NULL,
    version      integer NOT NULL,
    content_hash text NOT NULL,
    round        integer NOT NULL,
    stage        integer NOT NULL,
    member_id    uuid,
    sign_off_id  uuid,
    reviewer_name text CHECK (length(reviewer_name) BETWEEN 1 AND 80),
    ip_address   text,
    user_agent   text,
    decision     text NOT NULL CHECK (decision IN ('approved', 'changes_requested', 'rejected', 'taken_back')),
    comment      text,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (post_id, number),
    UNIQUE (sign_off_id),
    CHECK (num_nonnulls(member_id, sign_off_id) = 1),
    CHECK ((sign_off_id IS NULL) = (reviewer_name IS NULL)),
    CHECK (sign_off_id IS NULL OR decision <> 'taken_back'),
    FOREIGN KEY (client_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE,
    FOREIGN KEY (post_id, client_id) REFERENCES posts (id, client_id) ON DELETE CASCADE,
    FOREIGN KEY (post_id, version) REFERENCES post_versions (post_id, version) ON DELETE CASCADE,
    FOREIGN KEY (member_id, agency_id) REFERENCES members (id, agency_id),
    FOREIGN KEY (sign_off_id, post_id) REFERENCES sign_offs (id, post_id) ON DELETE CASCADE
);
CREATE INDEX approvals_client ON approvals (client_id);
CREATE INDEX approvals_member ON approvals (member_id);

-- Who was reminded of a post that waits for them, or asked to see to it that somebody decides
CREATE TABLE reminders (
    id         uuid PRIMARY KEY,
    agency_id  uuid NOT NULL,
    client_id  uuid NOT NULL,
    post_id    uuid NOT NULL,
    round      integer NOT NULL,
    stage      integer NOT NULL,
    member_id  uuid NOT NULL,
    is_escalation boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (client_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE,
    FOREIGN KEY (post_id, client_id) REFERENCES posts (id, client_id) ON DELETE CASCADE,
    FOREIGN KEY (member_id, agency_id) REFERENCES members (id, agency_id)
);
CREATE INDEX reminders_post ON reminders (post_id);
CREATE INDEX reminders_client ON reminders (client_id);
CREATE INDEX reminders_member ON reminders (member_id);

-- Who may decide at each stage of a policy: who is named or has one of its roles, as long as they work for the client
-- or are an admin. A guest only as the client's reviewer.
CREATE FUNCTION approvers(client uuid, policy integer) RETURNS TABLE (stage integer, member_id uuid)
LANGUAGE sql STABLE AS $$
    SELECT s.position, m.id
    FROM policy_stages s
    JOIN members m ON m.agency_id = s.agency_id
    LEFT JOIN client_members c ON c.client_id = s.client_id AND c.member_id = m.id
    WHERE s.client_id = client AND s.version = policy
        AND (c.role = 'reviewer' OR (m.role <> 'guest' AND (c.role IS NOT NULL OR m.role = 'admin')))
        AND (s.member_ids ? m.id::text OR s.roles ? c.role OR (m.role = 'admin' AND s.roles ? 'admin'))
$$;

-- Whoever wrote a post, or the version of it that counts; where the policy asks for someone else, they do not decide.
CREATE FUNCTION is_own(post uuid, member uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT l.someone_else AND member IN (p.author_id, v.created_by)
    FROM posts p
    JOIN post_versions v ON v.post_id = p.id AND v.version = p.version
    JOIN policies l ON l.client_id = p.client_id AND l.version = p.policy_version
    WHERE p.id = post
$$;

-- How far each of these posts is: of every stage, how many approvals it needs and how many it has. What counts is
-- everybody's last word in this round on exactly this content.
CREATE FUNCTION progress(posts_asked uuid[]) RETURNS TABLE (post_id uuid, stage integer, needs integer, given integer)
LANGUAGE sql STABLE AS $$
    WITH asked AS (
        SELECT p.id, p.client_id, p.policy_version, p.round, v.content_hash
        FROM posts p
        JOIN post_versions v ON v.post_id = p.id AND v.version = p.version
        WHERE p.id = ANY (posts_asked) AND p.policy_version IS NOT NULL
    ), last_words AS (
        SELECT DISTINCT ON (a.post_id, a.stage, who) a.post_id, a.stage, who, a.decision
        FROM approvals a
        JOIN asked ON asked.id = a.post_id AND asked.round = a.round AND asked.content_hash = a.content_hash,
        LATERAL (SELECT coalesce(a.member_id, a.sign_off_id) AS who) said_by
        ORDER BY a.post_id, a.stage, who, a.number DESC
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
    ORDER BY asked.id, s.position
$$;

-- A decision is one's own, about what stands there now, by somebody who may, and not about one's own post. Where it
-- is the client's by link, it uses the link up: one that is still good, for exactly this stage. Whoever writes to this
-- table by other ways than the program's meets the same.
CREATE FUNCTION check_decision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE p posts; hash text;
BEGIN
    SELECT * INTO p FROM posts WHERE id = NEW.post_id FOR NO KEY UPDATE;
    SELECT v.content_hash INTO hash FROM post_versions v WHERE v.post_id = p.id AND v.version = p.version;
    IF NEW.member_id IS DISTINCT FROM app_member() THEN
        RAISE EXCEPTION 'nobody decides for somebody else' USING ERRCODE = 'insufficient_privilege';
    ELSIF (NEW.version, NEW.round, NEW.content_hash) IS DISTINCT FROM (p.version, p.round, hash) THEN
        RAISE EXCEPTION 'a decision is about the version that counts' USING ERRCODE = 'insufficient_privilege';
    ELSIF NEW.decision <> 'taken_back' AND (p.state <> 'in_approval' OR NEW.stage IS DISTINCT FROM p.stage) THEN
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
    ELSIF coalesce(is_own(p.id, NEW.member_id), true) AND NEW.decision <> 'taken_back' THEN
        RAISE EXCEPTION 'nobody decides about their own post' USING ERRCODE = 'insufficient_privilege';
    ELSIF NEW.decision <> 'taken_back' AND NOT EXISTS (SELECT FROM approvers(p.client_id, p.policy_version) a
            WHERE a.stage = NEW.stage AND a.member_id = NEW.member_id) THEN
        RAISE EXCEPTION 'this member is not asked' USING ERRCODE = 'insufficient_privilege';
    END IF;
    NEW.number := (SELECT coalesce(max(a.number), 0) + 1 FROM approvals a WHERE a.post_id = p.id);
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_check BEFORE INSERT ON approvals FOR EACH ROW EXECUTE FUNCTION check_decision();

-- What was held for approval goes on only once everybody who is asked has agreed; and where a client requires
-- approval, nothing begins without being held.
CREATE FUNCTION keep_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM progress(ARRAY[NEW.post_id]) g WHERE g.given < g.needs)
        OR (TG_OP = 'INSERT' AND EXISTS (
            SELECT FROM policies l WHERE l.client_id = NEW.client_id AND l.mode = 'required'
                AND l.version = (SELECT max(n.version) FROM policies n WHERE n.client_id = NEW.client_id))) THEN
        RAISE EXCEPTION 'not everybody has approved this' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER publications_begin BEFORE INSERT ON publications FOR EACH ROW WHEN (NEW.state <> 'held')
    EXECUTE FUNCTION keep_held();
CREATE TRIGGER publications_released BEFORE UPDATE OF state ON publications FOR EACH ROW
    WHEN (OLD.state = 'held' AND NEW.state NOT IN ('held', 'cancelled')) EXECUTE FUNCTION keep_held();

ALTER TABLE client_members
    DROP CONSTRAINT client_members_role_check,
    ADD CONSTRAINT client_members_role_check CHECK (role IN ('manager', 'author', 'reviewer'));

-- ---------------------------------------------------------------------------------------------------------------
-- What must look across agencies

CREATE FUNCTION overdue_posts(most integer) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT p.agency_id, p.id FROM posts p
      WHERE p.state = 'in_approval' AND p.overdue_at IS NULL AND p.due_at <= now() ORDER BY p.due_at LIMIT most $$;
CREATE FUNCTION due_reminders(most integer) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT p.agency_id, p.id FROM posts p
      WHERE p.state = 'in_approval' AND p.remind_at <= now() ORDER BY p.remind_at LIMIT most $$;

CREATE FUNCTION find_sign_off(hash bytea) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT s.agency_id, s.id FROM sign_offs s WHERE s.token_hash = hash $$;

-- ---------------------------------------------------------------------------------------------------------------
-- Rights: what was decided, and by which rules, is never rewritten

DO $$
DECLARE t text; f regprocedure;
BEGIN
    FOREACH t IN ARRAY ARRAY['policies', 'policy_stages', 'approvals', 'reminders', 'sign_offs'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY of_its_client ON %1$I TO pressroom_app USING (agency_id = (SELECT app_agency())'
            ' AND ((SELECT app_sees_all()) OR (SELECT true FROM my_clients m WHERE m.client_id = %1$I.client_id)))', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO pressroom_app', t);
    END LOOP;
    GRANT UPDATE, DELETE ON reminders TO pressroom_app;
    GRANT UPDATE (revoked_at, used_at) ON sign_offs TO pressroom_app;
    CREATE POLICY across_agencies ON sign_offs FOR SELECT TO pressroom_sweeper USING (true);
    GRANT SELECT (id, agency_id, token_hash) ON sign_offs TO pressroom_sweeper;
    CREATE POLICY across_agencies ON posts FOR SELECT TO pressroom_sweeper USING (true);
    GRANT SELECT (id, agency_id, state, due_at, overdue_at, remind_at) ON posts TO pressroom_sweeper;
    EXECUTE format('GRANT pressroom_sweeper TO %I', current_user);
    GRANT CREATE ON SCHEMA public TO pressroom_sweeper;
    FOREACH f IN ARRAY ARRAY['overdue_posts(integer)'::regprocedure, 'due_reminders(integer)'::regprocedure,
        'find_sign_off(bytea)'::regprocedure] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO pressroom_sweeper', f);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pressroom_app', f);
    END LOOP;
    REVOKE CREATE ON SCHEMA public FROM pressroom_sweeper;
    EXECUTE format('REVOKE pressroom_sweeper FROM %I', current_user);
END $$;
