-- Two roles beside the owner. Roles belong to the whole server, so they may exist already.
--   pressroom_app      what the program's login is a member of: no table is its own, no policy spares it
--   pressroom_sweeper  owns the few functions that look across agencies and hand back ids, nothing else
DO $$ BEGIN CREATE ROLE pressroom_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE pressroom_sweeper NOLOGIN NOSUPERUSER NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;

-- ---------------------------------------------------------------------------------------------------------------
-- Agencies and their people

CREATE TABLE agencies (
    id             uuid PRIMARY KEY,
    slack_team_id  text NOT NULL UNIQUE,
    name           text NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE installations (
    agency_id    uuid PRIMARY KEY REFERENCES agencies ON DELETE CASCADE,
    app_id       text NOT NULL,
    bot_id       text NOT NULL,
    bot_user_id  text NOT NULL,
    bot_token    text NOT NULL,
    scopes       jsonb NOT NULL DEFAULT '[]',
    installed_by text,
    installed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE members (
    id            uuid PRIMARY KEY,
    agency_id     uuid NOT NULL REFERENCES agencies ON DELETE CASCADE,
    slack_user_id text NOT NULL,
    name          text NOT NULL,
    role          text NOT NULL CHECK (role IN ('admin', 'member', 'guest')),
    timezone      text NOT NULL,
    seen_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (agency_id, slack_user_id),
    UNIQUE (id, agency_id)
);

-- ---------------------------------------------------------------------------------------------------------------
-- Clients, their people, connections and accounts. Every reference carries the agency or the client with it,
-- so that a row of one can never point at a row of another, whatever the program believes.

CREATE TABLE clients (
    id               uuid PRIMARY KEY,
    agency_id        uuid NOT NULL REFERENCES agencies ON DELETE CASCADE,
    name             text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    slack_channel_id text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    UNIQUE (id, agency_id)
);
CREATE UNIQUE INDEX clients_name ON clients (agency_id, lower(name));
CREATE UNIQUE INDEX clients_channel ON clients (agency_id, slack_channel_id) WHERE slack_channel_id IS NOT NULL;

CREATE TABLE client_members (
    client_id uuid NOT NULL,
    member_id uuid NOT NULL,
    agency_id uuid NOT NULL,
    role      text NOT NULL CHECK (role IN ('manager', 'author')),
    PRIMARY KEY (client_id, member_id),
    FOREIGN KEY (client_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE,
    FOREIGN KEY (member_id, agency_id) REFERENCES members (id, agency_id) ON DELETE CASCADE
);
CREATE INDEX client_members_member ON client_members (member_id);

CREATE TABLE connections (
    id                     uuid PRIMARY KEY,
    agency_id              uuid NOT NULL,
    client_id              uuid NOT NULL,
    member_id              uuid NOT NULL,
    meta_user_id           text NOT NULL,
    meta_user_name         text NOT NULL,
    access_token           text,
    token_expires_at       timestamptz,
    data_access_expires_at timestamptz,
    permissions            jsonb NOT NULL DEFAULT '[]',
    is_active              boolean NOT NULL DEFAULT true,
    connected_at           timestamptz NOT NULL DEFAULT now(),
    UNIQUE (client_id, meta_user_id),
    UNIQUE (id, client_id),
    CHECK (is_active OR access_token IS NULL),
    FOREIGN KEY (client_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE,
    FOREIGN KEY (member_id, agency_id) REFERENCES members (id, agency_id)
);
CREATE INDEX connections_member ON connections (member_id);

CREATE TABLE connect_tickets (
    id            uuid PRIMARY KEY,
    agency_id     uuid NOT NULL,
    client_id     uuid NOT NULL,
    member_id     uuid NOT NULL,
    platform      text NOT NULL CHECK (platform IN ('instagram_business', 'facebook_page')),
    ticket_hash   bytea NOT NULL UNIQUE,
    browser_hash  bytea,
    state_hash    bytea UNIQUE,
    connection_id uuid,
    expires_at    timestamptz NOT NULL,
    started_at    timestamptz,
    returned_at   timestamptz,
    finished_at   timestamptz,
    FOREIGN KEY (client_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE,
    FOREIGN KEY (member_id, agency_id) REFERENCES members (id, agency_id) ON DELETE CASCADE,
    FOREIGN KEY (connection_id, client_id) REFERENCES connections (id, client_id) ON DELETE CASCADE
);
CREATE INDEX connect_tickets_client ON connect_tickets (client_id);
CREATE INDEX connect_tickets_member ON connect_tickets (member_id);
CREATE INDEX connect_tickets_connection ON connect_tickets (connection_id);

CREATE TABLE clients_social_platforms (
    id                    uuid PRIMARY KEY,
    agency_id             uuid NOT NULL,
    parent_id             uuid NOT NULL,
    connection_id         uuid NOT NULL,
    platform              text NOT NULL CHECK (platform IN ('instagram_business', 'facebook_page')),
    platform_account_id   text NOT NULL,
    platform_account_name text NOT NULL,
    access_token          text,
    token_expires_at      timestamptz,
    permissions           jsonb NOT NULL DEFAULT '[]',
    account_metadata      jsonb NOT NULL DEFAULT '{}',
    is_active             boolean NOT NULL DEFAULT true,
    trouble               text,
    connected_at          timestamptz NOT NULL DEFAULT now(),
    disconnected_at       timestamptz,
    UNIQUE (parent_id, platform, platform_account_id),
    UNIQUE (id, parent_id),
    CHECK (is_active OR access_token IS NULL),
    FOREIGN KEY (parent_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE,
    FOREIGN KEY (connection_id, parent_id) REFERENCES connections (id, client_id) ON DELETE CASCADE
);
CREATE INDEX clients_social_platforms_connection ON clients_social_platforms (connection_id);
-- One account belongs to one client of an agency.
CREATE UNIQUE INDEX clients_social_platforms_owner
    ON clients_social_platforms (agency_id, platform, platform_account_id) WHERE is_active;

-- ---------------------------------------------------------------------------------------------------------------
-- Posts

CREATE TABLE media (
    id           uuid PRIMARY KEY,
    agency_id    uuid NOT NULL,
    client_id    uuid NOT NULL,
    sha256       text NOT NULL,
    content_type text NOT NULL,
    filename     text NOT NULL,
    width        integer NOT NULL,
    height       integer NOT NULL,
    size_bytes   bigint NOT NULL,
    created_by   uuid NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (id, client_id),
    FOREIGN KEY (client_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE
);
CREATE INDEX media_client ON media (client_id, sha256);

CREATE TABLE posts (
    id         uuid PRIMARY KEY,
    agency_id  uuid NOT NULL,
    client_id  uuid NOT NULL,
    author_id  uuid NOT NULL,
    state      text NOT NULL CHECK (state IN ('draft', 'publishing', 'published', 'failed', 'needs_review')),
    version    integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (id, client_id),
    FOREIGN KEY (client_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE,
    FOREIGN KEY (author_id, agency_id) REFERENCES members (id, agency_id)
);
CREATE INDEX posts_client ON posts (client_id, updated_at DESC);
CREATE INDEX posts_author ON posts (author_id);
CREATE INDEX posts_recent ON posts (agency_id, updated_at DESC);

CREATE TABLE post_versions (
    post_id      uuid NOT NULL,
    version      integer NOT NULL,
    agency_id    uuid NOT NULL,
    client_id    uuid NOT NULL,
    caption      text NOT NULL,
    link         text,
    media_id     uuid,
    alt_text     text,
    fit          text NOT NULL DEFAULT 'keep' CHECK (fit IN ('keep', 'crop', 'pad')),
    account_ids  jsonb NOT NULL,
    content_hash text NOT NULL,
    created_by   uuid NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (post_id, version),
    FOREIGN KEY (client_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE,
    FOREIGN KEY (post_id, client_id) REFERENCES posts (id, client_id) ON DELETE CASCADE,
    FOREIGN KEY (media_id, client_id) REFERENCES media (id, client_id)
);
CREATE INDEX post_versions_client ON post_versions (client_id);
CREATE INDEX post_versions_media ON post_versions (media_id);

-- ---------------------------------------------------------------------------------------------------------------
-- The ledger: what must happen, when, what was attempted, what is known

CREATE TABLE publications (
    id           uuid PRIMARY KEY,
    agency_id    uuid NOT NULL,
    client_id    uuid NOT NULL,
    post_id      uuid NOT NULL,
    version      integer NOT NULL,
    account_id   uuid NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('instagram_photo', 'facebook_text', 'facebook_photo', 'facebook_link')),
    state        text NOT NULL CHECK (state IN
                     ('scheduled', 'queued', 'running', 'published', 'failed', 'needs_review', 'cancelled')),
    due_at       timestamptz NOT NULL,
    next_run_at  timestamptz,
    attempts     integer NOT NULL DEFAULT 0,
    looks        integer NOT NULL DEFAULT 0,
    fence        bigint NOT NULL DEFAULT 0,
    lease_until  timestamptz,
    queued_at    timestamptz,
    remote_id    text,
    permalink    text,
    reason       text,
    reason_code  text,
    published_at timestamptz,
    UNIQUE (post_id, account_id, version),
    UNIQUE (id, client_id),
    CHECK ((state = 'scheduled') = (next_run_at IS NOT NULL)),
    CHECK ((state = 'running') = (lease_until IS NOT NULL)),
    FOREIGN KEY (client_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE,
    FOREIGN KEY (post_id, version) REFERENCES post_versions (post_id, version) ON DELETE CASCADE,
    FOREIGN KEY (post_id, client_id) REFERENCES posts (id, client_id) ON DELETE CASCADE,
    FOREIGN KEY (account_id, client_id) REFERENCES clients_social_platforms (id, parent_id) ON DELETE CASCADE
);
CREATE INDEX publications_client ON publications (client_id);
CREATE INDEX publications_account ON publications (account_id);
CREATE INDEX publications_due ON publications (next_run_at) WHERE state = 'scheduled';
CREATE INDEX publications_queued ON publications (queued_at) WHERE state = 'queued';
CREATE INDEX publications_lease ON publications (lease_until) WHERE state = 'running';
CREATE UNIQUE INDEX publications_one_an_account ON publications (account_id) WHERE state = 'running';

CREATE TABLE steps (
    publication_id uuid NOT NULL,
    name           text NOT NULL CHECK (name IN ('container', 'publish', 'photo', 'feed')),
    generation     integer NOT NULL,
    agency_id      uuid NOT NULL,
    client_id      uuid NOT NULL,
    state          text NOT NULL CHECK (state IN ('intent', 'done', 'void')),
    fence          bigint NOT NULL,
    reference      text,
    remote_id      text,
    http_status    integer,
    error_code     integer,
    error_subcode  integer,
    trace_id       text,
    intent_at      timestamptz NOT NULL DEFAULT now(),
    ended_at       timestamptz,
    PRIMARY KEY (publication_id, name, generation),
    FOREIGN KEY (publication_id, client_id) REFERENCES publications (id, client_id) ON DELETE CASCADE,
    FOREIGN KEY (client_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE
);
CREATE INDEX steps_client ON steps (client_id);
CREATE UNIQUE INDEX steps_open ON steps (publication_id, name) WHERE state = 'intent';

-- ---------------------------------------------------------------------------------------------------------------
-- Slack: where a post's card stands, and what is owed to Slack

CREATE TABLE cards (
    post_id    uuid PRIMARY KEY,
    agency_id  uuid NOT NULL,
    client_id  uuid NOT NULL,
    channel_id text NOT NULL,
    ts         text,
    fence      bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    FOREIGN KEY (post_id, client_id) REFERENCES posts (id, client_id) ON DELETE CASCADE,
    FOREIGN KEY (client_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE
);
CREATE INDEX cards_client ON cards (client_id);

CREATE TABLE outbox (
    id          uuid PRIMARY KEY,
    agency_id   uuid NOT NULL REFERENCES agencies ON DELETE CASCADE,
    client_id   uuid NOT NULL,
    post_id     uuid NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('card', 'reply')),
    payload     jsonb NOT NULL DEFAULT '{}',
    attempts    integer NOT NULL DEFAULT 0,
    next_run_at timestamptz NOT NULL DEFAULT now(),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at     timestamptz,
    trouble     text,
    FOREIGN KEY (client_id, agency_id) REFERENCES clients (id, agency_id) ON DELETE CASCADE,
    FOREIGN KEY (post_id, client_id) REFERENCES posts (id, client_id) ON DELETE CASCADE
);
CREATE INDEX outbox_agency ON outbox (agency_id);
CREATE INDEX outbox_client ON outbox (client_id);
CREATE INDEX outbox_post ON outbox (post_id, created_at);
CREATE INDEX outbox_due ON outbox (next_run_at) WHERE done_at IS NULL;

-- ---------------------------------------------------------------------------------------------------------------
-- The audit trail: no foreign key, so that it outlives what it speaks of; nobody changes it, the owner included

CREATE TABLE audit_logs (
    id         uuid PRIMARY KEY,
    agency_id  uuid NOT NULL,
    client_id  uuid,
    user_id    text NOT NULL,
    account_id uuid,
    post_id    uuid,
    action     text NOT NULL,
    details    jsonb NOT NULL DEFAULT '{}',
    ip_address text,
    user_agent text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX audit_logs_recent ON audit_logs (agency_id, created_at DESC);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_logs_append_only BEFORE UPDATE OR DELETE ON audit_logs
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_logs_no_truncate BEFORE TRUNCATE ON audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ---------------------------------------------------------------------------------------------------------------
-- Who acts: three settings of the transaction. An empty one is as good as none, and sees nothing.

CREATE FUNCTION app_agency() RETURNS uuid LANGUAGE sql STABLE
    RETURN nullif(current_setting('app.agency_id', true), '')::uuid;
CREATE FUNCTION app_member() RETURNS uuid LANGUAGE sql STABLE
    RETURN nullif(current_setting('app.member_id', true), '')::uuid;

-- The program itself, working for one agency, and the agency's admins see all of its clients. (A body that is
-- not a string is bound when it is made: no search_path and no temporary table gets between.)
CREATE FUNCTION app_sees_all() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
    RETURN coalesce(current_setting('app.program', true) = 'on', false) OR EXISTS (
        SELECT FROM members WHERE id = app_member() AND agency_id = app_agency() AND role = 'admin');

-- The acting member, and the clients that they work for. Views of the sweeper's, because PostgreSQL plans a view
-- together with the query: a policy then costs one look into an index for each row, however many clients there are.
CREATE VIEW me WITH (security_barrier) AS
    SELECT id FROM members WHERE id = app_member() AND agency_id = app_agency();
CREATE VIEW my_clients WITH (security_barrier) AS
    SELECT client_id FROM client_members WHERE member_id = app_member() AND agency_id = app_agency();

-- ---------------------------------------------------------------------------------------------------------------
-- What must look across agencies: ids, and nothing else

CREATE FUNCTION find_agency(team text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT id FROM agencies WHERE slack_team_id = team $$;
CREATE FUNCTION find_ticket(hash bytea) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT t.agency_id, t.id FROM connect_tickets t WHERE t.ticket_hash = hash OR t.state_hash = hash $$;
CREATE FUNCTION find_media(media_id uuid) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT agency_id FROM media WHERE id = media_id $$;
CREATE FUNCTION due_publications(most integer) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT p.agency_id, p.id FROM publications p
      WHERE p.state = 'scheduled' AND p.next_run_at <= clock_timestamp() ORDER BY p.next_run_at LIMIT most $$;
CREATE FUNCTION lost_publications(queued_for interval) RETURNS TABLE (agency_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT p.agency_id, p.id FROM publications p WHERE p.state = 'running' AND p.lease_until < clock_timestamp()
      UNION ALL
      SELECT p.agency_id, p.id FROM publications p
      WHERE p.state = 'queued' AND p.queued_at < clock_timestamp() - queued_for $$;
CREATE FUNCTION due_announcements(most integer) RETURNS TABLE (agency_id uuid, post_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT o.agency_id, o.post_id FROM outbox o
      WHERE o.done_at IS NULL AND o.next_run_at <= clock_timestamp() AND (o.kind = 'card' OR NOT EXISTS (
          SELECT FROM outbox older WHERE older.post_id = o.post_id AND older.created_at < o.created_at
              AND older.done_at IS NULL AND older.next_run_at > clock_timestamp()))
      GROUP BY o.agency_id, o.post_id ORDER BY min(o.next_run_at) LIMIT most $$;
CREATE FUNCTION every_agency() RETURNS TABLE (id uuid) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT a.id FROM agencies a $$;

-- ---------------------------------------------------------------------------------------------------------------
-- Policies, forced on everybody. `(SELECT ...)` lets PostgreSQL work a setting out once a query, not once a row.

DO $$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['agencies', 'installations', 'members', 'clients', 'client_members', 'connections',
        'connect_tickets', 'clients_social_platforms', 'media', 'posts', 'post_versions', 'publications', 'steps',
        'cards', 'outbox', 'audit_logs'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['client_members', 'connections', 'connect_tickets', 'media', 'posts', 'post_versions',
        'publications', 'steps', 'cards', 'outbox'] LOOP
        EXECUTE format('CREATE POLICY of_its_client ON %1$I TO pressroom_app USING (agency_id = (SELECT app_agency())'
            ' AND ((SELECT app_sees_all()) OR (SELECT true FROM my_clients m WHERE m.client_id = %1$I.client_id)))', t);
    END LOOP;
    FOREACH t IN ARRAY ARRAY['agencies', 'members', 'client_members', 'connect_tickets', 'media', 'publications',
        'outbox'] LOOP
        EXECUTE format('CREATE POLICY across_agencies ON %I FOR SELECT TO pressroom_sweeper USING (true)', t);
        EXECUTE format('GRANT SELECT ON %I TO pressroom_sweeper', t);
    END LOOP;
END $$;

-- Everybody in an agency may know it and who works there; only its admins and the program change that.
DO $$
DECLARE t text; mine text;
BEGIN
    FOREACH t IN ARRAY ARRAY['agencies', 'members'] LOOP
        mine := CASE t WHEN 'agencies' THEN 'id' ELSE 'agency_id' END || ' = (SELECT app_agency())';
        EXECUTE format('CREATE POLICY known ON %I FOR SELECT TO pressroom_app USING (%s AND '
            '(EXISTS (SELECT FROM me) OR (SELECT app_sees_all())))', t, mine);
        EXECUTE format('CREATE POLICY added ON %I FOR INSERT TO pressroom_app WITH CHECK (%s AND (SELECT app_sees_all()))', t, mine);
        EXECUTE format('CREATE POLICY changed ON %I FOR UPDATE TO pressroom_app USING (%s AND (SELECT app_sees_all()))', t, mine);
        EXECUTE format('CREATE POLICY removed ON %I FOR DELETE TO pressroom_app USING (%s AND (SELECT app_sees_all()))', t, mine);
    END LOOP;
END $$;
CREATE POLICY of_its_agency ON installations TO pressroom_app
    USING (agency_id = (SELECT app_agency()) AND (SELECT app_sees_all()));
CREATE POLICY of_its_members ON clients TO pressroom_app USING (agency_id = (SELECT app_agency()) AND
    ((SELECT app_sees_all()) OR (SELECT true FROM my_clients m WHERE m.client_id = clients.id)));
CREATE POLICY of_its_client ON clients_social_platforms TO pressroom_app USING (agency_id = (SELECT app_agency()) AND
    ((SELECT app_sees_all()) OR (SELECT true FROM my_clients m WHERE m.client_id = parent_id)));
-- Entries without a client are the agency's own business: its admins'.
CREATE POLICY of_its_client ON audit_logs FOR SELECT TO pressroom_app USING (agency_id = (SELECT app_agency()) AND
    ((SELECT app_sees_all()) OR (SELECT true FROM my_clients m WHERE m.client_id = audit_logs.client_id)));
CREATE POLICY append ON audit_logs FOR INSERT TO pressroom_app WITH CHECK (agency_id = (SELECT app_agency()) AND
    ((SELECT app_sees_all()) OR (SELECT true FROM my_clients m WHERE m.client_id = audit_logs.client_id)));

-- ---------------------------------------------------------------------------------------------------------------
-- Rights

REVOKE CREATE ON SCHEMA public FROM PUBLIC;  -- as PostgreSQL 15 and newer have it from the start
GRANT USAGE ON SCHEMA public TO pressroom_app, pressroom_sweeper;
GRANT SELECT ON me, my_clients TO pressroom_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON agencies, installations, members, clients, client_members, connections,
    connect_tickets, clients_social_platforms, media, posts, post_versions, publications, cards, outbox TO pressroom_app;
GRANT SELECT, INSERT, UPDATE ON steps TO pressroom_app;
GRANT SELECT, INSERT ON audit_logs TO pressroom_app;
-- What was written down of a version is never rewritten, and what was sent on its way is never deleted.
REVOKE UPDATE, DELETE ON post_versions FROM pressroom_app;
REVOKE DELETE ON publications FROM pressroom_app;
CREATE POLICY only_drafts_go ON posts AS RESTRICTIVE FOR DELETE TO pressroom_app USING (state = 'draft');

DO $$
DECLARE f regprocedure;
BEGIN
    -- The owner must be a member of the role to give a function to it, and the role needs CREATE just for that.
    EXECUTE format('GRANT pressroom_sweeper TO %I', current_user);
    GRANT CREATE ON SCHEMA public TO pressroom_sweeper;
    FOR f IN SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO pressroom_sweeper', f);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', f);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO pressroom_app', f);
    END LOOP;
    ALTER VIEW me OWNER TO pressroom_sweeper;
    ALTER VIEW my_clients OWNER TO pressroom_sweeper;
    REVOKE CREATE ON SCHEMA public FROM pressroom_sweeper;
    EXECUTE format('REVOKE pressroom_sweeper FROM %I', current_user);  -- or else the owner would see what it sees
END $$;
