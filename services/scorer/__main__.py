"""`python -m services.scorer`: run the scorer."""

from services.scorer.app import main

raise SystemExit(main())
