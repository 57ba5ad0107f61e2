"""Contract repair: the edits under which recorded traffic is allowed, and what the server has to answer for instead."""
