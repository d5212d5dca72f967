"""A child that does what the words of ``--child`` say. Once it listens to signals, NAME.up is there.

actor.py FOLDER NAME WORD,...
"""

import os
import signal
import sys
import time
from pathlib import Path

folder, name, words = sys.argv[1:4]
said = [word.partition(":") for word in words.split(",")]
saying = {word: value for word, _, value in said}
ignored = {value for word, _, value in said if word == "ignores"}


def seconds(text: str) -> float:
    return float(text.removesuffix("ms")) / 1000 if text.endswith("ms") else float(text.removesuffix("s"))


if "starting" in saying:
    Path(f"{folder}/{name}.up").touch()
    time.sleep(seconds(saying["starting"]))
    words = words.replace("starting:", "was:")
    os.execv(sys.executable, [name, "-ISc", f"exec(open({__file__!r}).read())", folder, name, words])

caught = [signal.Signals[f"SIG{each}"] for each in ("TERM", "INT", "QUIT", "USR1", "USR2", "HUP", "WINCH")]
signal.pthread_sigmask(signal.SIG_BLOCK, caught)
for number in caught:
    signal.signal(number, lambda *_: None)
began = time.monotonic()
if "leaves" in saying and os.fork() == 0:
    os.setsid()
    if saying["leaves"] == "never":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, caught)
        time.sleep(60)
    signal.sigwait([signal.SIGTERM])
    time.sleep(seconds(saying["leaves"]))
    os._exit(0)
Path(f"{folder}/{name}.up").touch()

dues = [(seconds(saying[word]), str(word)) for word in ("ready", "ends", "crashes") if word in saying]
while True:
    dues.sort()
    left = max(dues[0][0] - (time.monotonic() - began), 0) if dues else 60
    got = signal.sigtimedwait(caught, left)
    if got is not None:
        asked = signal.Signals(got.si_signo).name[3:]
        if asked in ("TERM", "INT", "QUIT") and asked not in ignored and "exits" in saying:
            dues.append((time.monotonic() - began + seconds(saying["exits"]), "exits"))
    elif dues:
        _, word = dues.pop(0)
        if word == "ready":
            os.write(3, b"\n")
        else:
            os._exit(1 if word == "crashes" else int(saying.get("code", "0")) if word == "exits" else 0)
    else:
        os._exit(99)
