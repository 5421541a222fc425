"""`python -m services.referrer`: run the service."""

import sys

from services.referrer.app import main

sys.exit(main())
