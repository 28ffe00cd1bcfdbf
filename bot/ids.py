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

# Fields of a client
NAME = "name"
CHANNEL = "channel"
MANAGERS = "managers"
AUTHORS = "authors"

# The field of the question whether a post is live
PERMALINK = "permalink"

# Buttons, by action_id
COMPOSE = "compose"
ADD_CLIENT = "add_client"
EDIT_CLIENT = "edit_client"
SHOW_CLIENTS = "show_clients"
SHOW_ACCOUNTS = "show_accounts"
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
