"""Everything Slack: what people do there, and what they see there."""
