"""Starts Okydrom: python okydrom.py [--config config.toml] [command]"""

import sys

from okydrom.cli import main

sys.exit(main())
