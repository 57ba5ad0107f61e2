"""HTTP as every contract needs it: credentials, bodies, parameters, caching, cursors, limits, correlation."""
