-- Whoever paused is named as Slack knows them: it is for people to read.
ALTER TABLE agencies ADD COLUMN paused_at timestamptz, ADD COLUMN paused_by text;
ALTER TABLE clients
    ADD COLUMN paused_at timestamptz,
    ADD COLUMN paused_by text,
    ADD COLUMN late_minutes integer NOT NULL DEFAULT 15 CHECK (late_minutes BETWEEN 1 AND 1440);

-- What Meta said of an account's limits, and until when it wants to be left alone
ALTER TABLE clients_social_platforms
    ADD COLUMN blocked_until timestamptz,
    ADD COLUMN usage_percent integer NOT NULL DEFAULT 0,
    ADD COLUMN usage_seen_at timestamptz,
    ADD COLUMN quota_used integer,
    ADD COLUMN quota_total integer,
    ADD COLUMN quota_seen_at timestamptz;

-- Where a card stood that Slack no longer has: what is heard of it late does not make it the card again
ALTER TABLE cards ADD COLUMN fallen jsonb NOT NULL DEFAULT '[]';

ALTER TABLE posts
    ADD COLUMN due_at timestamptz,
    DROP CONSTRAINT posts_state_check,
    ADD CONSTRAINT posts_state_check CHECK (state IN ('draft', 'scheduled', 'publishing', 'published', 'failed',
        'needs_review', 'late', 'cancelled'));
ALTER TABLE publications
    ADD COLUMN crashes integer NOT NULL DEFAULT 0,
    DROP CONSTRAINT publications_state_check,
    ADD CONSTRAINT publications_state_check CHECK (state IN ('scheduled', 'queued', 'running', 'published', 'failed',
        'needs_review', 'late', 'cancelled'));

CREATE INDEX publications_busy ON publications (account_id) WHERE state IN ('queued', 'running');
CREATE INDEX posts_queue ON posts (client_id, due_at) WHERE state IN ('scheduled', 'publishing', 'late');

-- ---------------------------------------------------------------------------------------------------------------
-- The diagrams: a change of state that is not an edge here is refused, whoever asks for it. The README draws the
-- first one.

CREATE FUNCTION keep_to_diagram() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state || ' > ' || NEW.state = ANY (TG_ARGV) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'from % to % is not a way in %', OLD.state, NEW.state, TG_TABLE_NAME;
END $$;
CREATE TRIGGER posts_diagram BEFORE UPDATE OF state ON posts FOR EACH ROW WHEN (OLD.state <> NEW.state)
    EXECUTE FUNCTION keep_to_diagram(
        'draft > scheduled', 'draft > publishing',
        'scheduled > publishing', 'scheduled > failed', 'scheduled > late', 'scheduled > cancelled',
        'publishing > published', 'publishing > failed', 'publishing > needs_review', 'publishing > late',
        'publishing > scheduled', 'publishing > cancelled',
        'failed > publishing', 'failed > scheduled',
        'needs_review > published', 'needs_review > publishing', 'needs_review > failed', 'needs_review > late',
        'late > publishing', 'late > scheduled', 'late > cancelled', 'late > published');
CREATE TRIGGER publications_diagram BEFORE UPDATE OF state ON publications FOR EACH ROW WHEN (OLD.state <> NEW.state)
    EXECUTE FUNCTION keep_to_diagram(
        'scheduled > queued', 'scheduled > late', 'scheduled > cancelled',
        'queued > running', 'queued > scheduled', 'queued > cancelled',
        'running > published', 'running > failed', 'running > needs_review', 'running > late',
        'running > scheduled', 'running > queued', 'running > cancelled',
        'failed > queued', 'failed > scheduled', 'failed > cancelled',
        'needs_review > published', 'needs_review > queued',
        'late > queued', 'late > scheduled', 'late > cancelled');

-- ---------------------------------------------------------------------------------------------------------------
-- What is due: at most one publication an account, and none whose account is at work already, whose client or
-- agency is paused, or whose account Meta wants to be left alone; nor what is too late (none of this holds back a
-- look for what may be live already), for late_publications gives that, and all of a client's together become one question. What is
-- at its minute comes before what is only prepared ahead: of that at most `most_ahead`, and nothing for an
-- account that used 95 percent of its limit when we last heard. Then agencies take turns, and so do the clients
-- of each; whoever has something at work already had a turn. now(), not clock_timestamp(): only a stable
-- function can be looked up in an index.

DROP FUNCTION due_publications(integer);
CREATE FUNCTION due_publications(most integer, head_start interval, most_ahead integer)
RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    WITH busy AS (
        SELECT p.agency_id, p.client_id, p.account_id FROM publications p WHERE p.state IN ('queued', 'running')
    ), first AS (
        SELECT DISTINCT ON (p.account_id) p.agency_id, p.client_id, p.id, p.next_run_at, is_due
        FROM publications p
        JOIN clients c ON c.id = p.client_id
        JOIN agencies a ON a.id = p.agency_id
        JOIN clients_social_platforms s ON s.id = p.account_id,
        LATERAL (SELECT p.due_at <= now() + head_start AS is_due) its_minute,
        LATERAL (SELECT EXISTS (SELECT FROM steps t WHERE t.publication_id = p.id AND t.state <> 'void'
                                    AND t.name IN ('publish', 'feed')) AS may_be_live) seen
        WHERE p.state = 'scheduled' AND p.next_run_at <= now() + head_start
            AND (is_due OR most_ahead > 0
                 AND NOT (s.usage_percent >= 95 AND s.usage_seen_at > now() - interval '1 hour'))
            AND (may_be_live OR ((c.paused_at IS NULL AND a.paused_at IS NULL)
                 AND (s.blocked_until IS NULL OR s.blocked_until <= now())
                 AND p.due_at >= now() - make_interval(mins => c.late_minutes)))
            AND p.account_id NOT IN (SELECT busy.account_id FROM busy)
        ORDER BY p.account_id, NOT is_due, p.next_run_at
    ), of_clients AS (
        SELECT first.*, coalesce(at_work, 0) + row_number() OVER (
            PARTITION BY first.client_id, is_due ORDER BY first.next_run_at) AS turn
        FROM first
        LEFT JOIN (SELECT busy.client_id, count(*) AS at_work FROM busy GROUP BY 1) theirs USING (client_id)
    ), of_agencies AS (
        SELECT o.agency_id, o.id, o.next_run_at, is_due, coalesce(at_work, 0) + row_number() OVER (
            PARTITION BY o.agency_id, is_due ORDER BY o.turn, o.next_run_at) AS turn
        FROM of_clients o
        LEFT JOIN (SELECT busy.agency_id, count(*) AS at_work FROM busy GROUP BY 1) theirs USING (agency_id)
    ), in_turn AS (
        SELECT o.*, row_number() OVER (PARTITION BY is_due ORDER BY o.turn, o.next_run_at) AS place
        FROM of_agencies o
    )
    SELECT i.agency_id, i.id FROM in_turn i WHERE is_due OR place <= most_ahead ORDER BY NOT is_due, place LIMIT most
$$;

-- What is too late to go out by itself, unless a call that the public may see was made and is not proven void.
CREATE FUNCTION late_publications(most integer) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$
    SELECT p.agency_id, p.id
    FROM publications p
    JOIN clients c ON c.id = p.client_id AND c.paused_at IS NULL
    JOIN agencies a ON a.id = p.agency_id AND a.paused_at IS NULL
    WHERE p.state = 'scheduled' AND p.next_run_at <= now()
        AND p.due_at < now() - make_interval(mins => c.late_minutes)
        AND NOT EXISTS (SELECT FROM steps s WHERE s.publication_id = p.id AND s.state <> 'void'
                            AND s.name IN ('publish', 'feed'))
    ORDER BY p.due_at LIMIT most
$$;

DO $$
DECLARE t text; f regprocedure;
BEGIN
    FOREACH t IN ARRAY ARRAY['clients', 'clients_social_platforms', 'steps'] LOOP
        EXECUTE format('CREATE POLICY across_agencies ON %I FOR SELECT TO pressroom_sweeper USING (true)', t);
    END LOOP;
    GRANT SELECT (id, paused_at, late_minutes) ON clients TO pressroom_sweeper;
    GRANT SELECT (id, blocked_until, usage_percent, usage_seen_at) ON clients_social_platforms TO pressroom_sweeper;
    GRANT SELECT (publication_id, name, state) ON steps TO pressroom_sweeper;
    EXECUTE format('GRANT pressroom_sweeper TO %I', current_user);
    GRANT CREATE ON SCHEMA public TO pressroom_sweeper;
    FOREACH f IN ARRAY ARRAY['due_publications(integer, interval, integer)'::regprocedure,
        'late_publications(integer)'::regprocedure] LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO pressroom_sweeper', f);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pressroom_app', f);
    END LOOP;
    REVOKE CREATE ON SCHEMA public FROM pressroom_sweeper;
    EXECUTE format('REVOKE pressroom_sweeper FROM %I', current_user);
END $$;
