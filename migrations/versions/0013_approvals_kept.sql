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
