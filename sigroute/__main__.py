"""``python -m sigroute``."""

import sys

from sigroute.start import main

sys.exit(main())
