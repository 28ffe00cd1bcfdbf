-- Whoever wrote a post, or any version of it that counted or said the same before; where the policy asks for someone
-- else, they do not decide. What somebody began to change and never sent on its way is nobody's words; nor is what only
-- says again what counts, as a change of the time alone does.
CREATE OR REPLACE FUNCTION is_own(post uuid, member uuid) RETURNS boolean LANGUAGE sql STABLE BEGIN ATOMIC
    SELECT l.someone_else AND (member = p.author_id OR EXISTS (
        SELECT FROM post_versions v
        WHERE v.post_id = p.id AND v.created_by = member AND v.version <= p.version AND (v.content_hash = shown.content_hash
            OR EXISTS (SELECT FROM publications u WHERE u.post_id = p.id AND u.version = v.version))))
    FROM posts p
    JOIN post_versions shown ON shown.post_id = p.id AND shown.version = p.version
    JOIN policies l ON l.client_id = p.client_id AND l.version = p.policy_version
    WHERE p.id = post;
END;

-- What was in doubt, and somebody says is not live, waits for approval where that is missing by now; beside what is
-- live, it failed, and can be called off.
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
        'scheduled > in_approval', 'publishing > in_approval', 'failed > in_approval', 'late > in_approval', 'needs_review > in_approval',
        'scheduled > publishing', 'scheduled > failed', 'scheduled > late', 'scheduled > cancelled',
        'publishing > published', 'publishing > failed', 'publishing > needs_review', 'publishing > late',
        'publishing > scheduled', 'publishing > cancelled',
        'failed > publishing', 'failed > scheduled', 'failed > published',
        'needs_review > published', 'needs_review > publishing', 'needs_review > failed', 'needs_review > late',
        'late > publishing', 'late > scheduled', 'late > cancelled', 'late > published');
DROP TRIGGER publications_diagram ON publications;
CREATE TRIGGER publications_diagram BEFORE UPDATE OF state ON publications FOR EACH ROW WHEN (OLD.state <> NEW.state)
    EXECUTE FUNCTION keep_to_diagram(
        'held > scheduled', 'held > queued', 'held > cancelled',
        'scheduled > held', 'queued > held', 'running > held', 'late > held', 'failed > held', 'needs_review > held',
        'scheduled > queued', 'scheduled > late', 'scheduled > cancelled',
        'queued > running', 'queued > scheduled', 'queued > cancelled',
        'running > published', 'running > failed', 'running > needs_review', 'running > late',
        'running > scheduled', 'running > queued', 'running > cancelled',
        'failed > queued', 'failed > scheduled', 'failed > cancelled',
        'needs_review > published', 'needs_review > queued', 'needs_review > failed',
        'late > queued', 'late > scheduled', 'late > cancelled');

-- A decision is one's own, about what stands there now, by somebody who may, and not about one's own post. What is taken
-- back is an approval that one gave, and nothing that it let go is on its way, live, or in doubt. Where it is the client's
-- by link, it uses the link up: one that is still good, for exactly this stage.
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
                AND u.state IN ('scheduled', 'queued', 'running', 'published', 'needs_review')) THEN
            RAISE EXCEPTION 'what was approved is on its way' USING ERRCODE = 'insufficient_privilege';
        ELSIF NEW.member_id IS NOT NULL AND 'approved' IS DISTINCT FROM (SELECT a.decision FROM approvals a WHERE a.post_id = p.id
                AND (a.round, a.stage, a.member_id) = (NEW.round, NEW.stage, NEW.member_id) ORDER BY a.number DESC LIMIT 1) THEN
            RAISE EXCEPTION 'there is no approval to take back' USING ERRCODE = 'insufficient_privilege';
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

-- Who asked is who asked, and where an account leads stays where it led when it was connected.
CREATE FUNCTION keep_to_oneself() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'nobody asks in somebody else''s name' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER posts_asked_by BEFORE UPDATE OF asked_by ON posts FOR EACH ROW
    WHEN (NEW.asked_by IS DISTINCT FROM OLD.asked_by AND NEW.asked_by IS DISTINCT FROM app_member())
    EXECUTE FUNCTION keep_to_oneself();
CREATE TRIGGER accounts_made BEFORE UPDATE ON clients_social_platforms FOR EACH ROW
    WHEN ((OLD.id, OLD.agency_id, OLD.parent_id, OLD.platform, OLD.platform_account_id)
        IS DISTINCT FROM (NEW.id, NEW.agency_id, NEW.parent_id, NEW.platform, NEW.platform_account_id))
    EXECUTE FUNCTION keep_as_made();

-- Where the rules say that the time counts, what was agreed to, or is asked about, gets another time only together with a
-- new round; and nothing of it is due before its post. (The program itself gives nothing another time, but what it lets
-- go or tries again.)
CREATE FUNCTION keep_time() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM policies l WHERE l.client_id = NEW.client_id AND l.version = NEW.policy_version AND l.time_counts) THEN
        RAISE EXCEPTION 'another time has everybody asked anew' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER posts_time BEFORE UPDATE OF due_at ON posts FOR EACH ROW
    WHEN (OLD.due_at IS DISTINCT FROM NEW.due_at AND OLD.round = NEW.round
        AND OLD.state IN ('in_approval', 'approved', 'scheduled') AND NEW.policy_version IS NOT NULL AND app_member() IS NOT NULL)
    EXECUTE FUNCTION keep_time();
CREATE FUNCTION keep_to_its_post() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM posts p JOIN policies l ON l.client_id = p.client_id AND l.version = p.policy_version
            WHERE p.id = NEW.post_id AND l.time_counts AND p.due_at > NEW.due_at) THEN
        RAISE EXCEPTION 'nothing is due before its post' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER publications_time BEFORE UPDATE OF due_at ON publications FOR EACH ROW
    WHEN (NEW.due_at < OLD.due_at AND app_member() IS NOT NULL AND OLD.state IN ('scheduled', 'queued', 'running') AND NEW.state IN ('scheduled', 'queued', 'running'))
    EXECUTE FUNCTION keep_to_its_post();
