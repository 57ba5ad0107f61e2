"""`python -m assay_server` serves."""

from assay_server.commands import serve

serve()
