from sigroute.pid1.engine import account as account
from sigroute.pid1.engine import conditions as conditions
from sigroute.pid1.engine import health as health
from sigroute.pid1.engine import idle as idle
from sigroute.pid1.engine import naming as naming
from sigroute.pid1.engine import notify as notify
from sigroute.pid1.engine import order as order
from sigroute.pid1.engine import probes as probes
from sigroute.pid1.engine import readiness as readiness
from sigroute.pid1.engine import requests as requests
from sigroute.pid1.engine import restart as restart
from sigroute.pid1.engine import tasks as tasks
from sigroute.pid1.engine import watched as watched
from sigroute.pid1.engine import watches as watches

NAMES: tuple[str, ...]
MODULES: tuple[str, ...]
SEVERAL: tuple[str, ...]
ASKED: tuple[str, ...]

def load(names: tuple[str, ...] = ...) -> None: ...
