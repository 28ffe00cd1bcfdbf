"""How the parts are started. The only place that knows bot, web and core together."""

__version__ = "0.1.0"
