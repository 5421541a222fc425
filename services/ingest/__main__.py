"""`python -m services.ingest`: run the service."""

import sys

from services.ingest.app import main

sys.exit(main())
