"""Everything HTTP that is not Slack's payload."""
