-- What Meta said of a person, until every login of theirs is forgotten: that they removed Pressroom, or want their data
-- deleted. It is said of a person and not of an agency, so no agency sees it: only the program while it acts for nobody.

CREATE TABLE removals (
    id           uuid PRIMARY KEY,
    meta_user_id text NOT NULL,
    ending       text NOT NULL CHECK (ending IN ('removed', 'deleted')),
    code         text CHECK ((code IS NOT NULL) = (ending = 'deleted')),
    said_at      timestamptz,
    heard_at     timestamptz NOT NULL,
    ip_address   text,
    user_agent   text
);
ALTER TABLE removals ENABLE ROW LEVEL SECURITY;
ALTER TABLE removals FORCE ROW LEVEL SECURITY;
CREATE POLICY of_no_agency ON removals TO pressroom_app USING ((SELECT app_agency()) IS NULL);
GRANT SELECT, INSERT, DELETE ON removals TO pressroom_app;
