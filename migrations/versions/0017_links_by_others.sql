-- A private link is the right to decide. Whoever may not decide because they wrote the post does not make its link
-- either, as long as somebody else who works for the client could.

CREATE FUNCTION may_make_link(post uuid) RETURNS boolean LANGUAGE sql STABLE BEGIN ATOMIC
    SELECT is_own(post, app_member()) IS NOT TRUE OR NOT EXISTS (
        SELECT FROM posts p
        JOIN client_members c ON c.client_id = p.client_id AND c.role IN ('manager', 'author')
        JOIN members m ON m.id = c.member_id AND m.role <> 'guest' AND m.left_at IS NULL
        WHERE p.id = post AND is_own(post, m.id) IS NOT TRUE);
END;

CREATE POLICY by_others ON sign_offs AS RESTRICTIVE FOR INSERT TO pressroom_app WITH CHECK (may_make_link(post_id));
