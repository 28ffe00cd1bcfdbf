"""The agency's work. Knows neither Slack's payloads nor HTTP requests."""
