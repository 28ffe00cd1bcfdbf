"""Every name that Slack sends back to us: commands, shortcuts, callback_ids, action_ids and block_ids."""

# Commands and shortcuts; the manifest names the same.
PUBLISH = "/publish"
SOCIAL = "/social"
NEW_POST = "new_post"
PUBLISH_THIS = "publish_this"

# Modals, by callback_id
COMPOSER = "composer"
PREVIEW = "preview"
CLIENT_FORM = "client_form"
LIVE_FORM = "live_form"
NOTICE = "notice"

# Fields of the composer (block_id and action_id are the same, but for the accounts; see views/composer.py)
CLIENT = "client"
ACCOUNTS = "accounts"
CAPTION = "caption"
CHOSEN = "chosen"
IMAGE = "image"
ADDRESS = "address"
ALT_TEXT = "alt_text"
LINK = "link"

# Fields of the preview
FIT = "fit"
ASK = "ask"

# Fields of a client
NAME = "name"
CHANNEL = "channel"
MANAGERS = "managers"
AUTHORS = "authors"
REVIEWERS = "reviewers"

# The field of the question whether a post is live
PERMALINK = "permalink"

# Buttons, by action_id
COMPOSE = "compose"
ADD_CLIENT = "add_client"
EDIT_CLIENT = "edit_client"
SHOW_CLIENTS = "show_clients"
SHOW_ACCOUNTS = "show_accounts"
SHOW_AUDIT = "show_audit"
CONNECT = "connect"
CONNECT_FOR = "connect_for"  # also a block_id: the question for which client
OPEN_LINK = "open_link"
DISCONNECT = "disconnect"
RETRY = "retry"
CONFIRM_LIVE = "confirm_live"
PUBLISH_AGAIN = "publish_again"
SHOW_ALL = "show_all"
TURN_PAGE = "turn_page"

# Lists that have pages
HOME = "home"

# The choice in Home of the hour of the daily summary
SUMMARY = "summary"

# What one does with a post on its way, on its card and in the queue; the value is the post's id
EDIT_POST = "edit_post"
MOVE_POST = "move_post"
PUBLISH_POST_NOW = "publish_post_now"
CANCEL_POST = "cancel_post"

# Approval; the value is the post's id, its version, and the round of asking
APPROVE = "approve"
APPROVE_SEVERAL = "approve_several"
SEVERAL = "several"  # the boxes of its form; a block_id begins with it
SEVERAL_FORM = "several_form"
NEXT_ONES = "next_ones"
MAKE_LINK = "make_link"
REVOKE_LINK = "revoke_link"
ASK_CHANGES = "ask_changes"
REJECT = "reject"
WITHDRAW = "withdraw"
TAKE_BACK = "take_back"

# What somebody has against a post: the form, and its field
DECISION_FORM = "decision_form"
COMMENT = "comment"

# Who must approve a client's posts: the button, the form, and its fields (see views/policies.py)
EDIT_POLICY = "edit_policy"
POLICY_FORM = "policy_form"
ADD_STAGE = "add_stage"
MODE = "mode"
STAGE = "stage"
POLICY_OPTIONS = "policy_options"
REMIND = "remind"
MOST_REMINDERS = "most_reminders"

# The queue; its callback_id is that of its button
SHOW_QUEUE = "show_queue"
QUEUE_OF = "queue_of"  # also a block_id: the choice of the client

# The answers when many posts of a client are late; the value is the client's id
PUBLISH_ALL_LATE = "publish_all_late"
SHOW_LATE = "show_late"
CANCEL_ALL_LATE = "cancel_all_late"

# Drafts in Home; the value is the post's id
COMPOSE_AGAIN = "compose_again"
DISCARD_DRAFT = "discard_draft"

# The emergency stop: two forms, and the choice in them of what it is about
PAUSE_FORM = "pause_form"
RESUME_FORM = "resume_form"
PAUSE_OF = "pause_of"
RESUME_OF = "resume_of"
RESUME = "resume"

# Removing a client: the button, and the form; its field is NAME
REMOVE_CLIENT = "remove_client"
REMOVAL_FORM = "removal_form"

# Leaving: the form with which an admin has the whole agency go; its field is NAME
LEAVE_FORM = "leave_form"

# What an admin of a workspace that has left may press
START_AGAIN = "start_again"

# How late a client's posts may still go out by themselves
LATE_MINUTES = "late_minutes"

# Another time for a post: the form, and the field that the composer has too
MOVE_FORM = "move_form"
TIME = "time"

# Whether a post that is changed keeps its picture
KEPT = "kept"

# The modal with all of a post
POST = "post"

# The audit trail: its list, its filters (block_ids begin with the first two), and its pages
SHOW_TRAIL = "show_trail"
AUDIT_FILTERS = "audit_filters"
AUDIT_DAYS = "audit_days"
AUDIT_CLIENT = "audit_client"
AUDIT_ACCOUNT = "audit_account"
AUDIT_PERSON = "audit_person"
AUDIT_ACTION = "audit_action"
AUDIT_SINCE = "audit_since"
AUDIT_UNTIL = "audit_until"
CLEAR_FILTERS = "clear_filters"
OLDER_ENTRIES = "older_entries"
NEWEST_ENTRIES = "newest_entries"

# What one can do with the trail: the buttons below it, the forms and their fields
EXPORT = "export"
EXPORT_FORM = "export_form"
FORMAT = "format"
VERIFY = "verify"
CHOOSE_HEAD = "choose_head"
HEAD_FORM = "head_form"
HEAD_CHANNEL = "head_channel"

# A client's month, with its choices (the block_id begins with the first), and its export
SHOW_MONTH = "show_month"
MONTH_CLIENT = "month_client"
MONTH = "month"
EXPORT_MONTH = "export_month"

# What is stored of one person; the buttons' values are Slack's id, or that of the private link
PERSONAL_DATA = "personal_data"
PERSONAL_OF = "personal_of"
REVIEWER_OF = "reviewer_of"
EXPORT_PERSON = "export_person"
ERASE_PERSON = "erase_person"
ERASE_REVIEWER = "erase_reviewer"
