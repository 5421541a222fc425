"""The referrer: ranked -> cases, decisions, takedown requests, outcomes; the only database of the hub."""
