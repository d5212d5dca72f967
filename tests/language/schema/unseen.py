"""The invalid files of the corpus whose fault a schema does not see."""

from __future__ import annotations

#: What is named must be declared elsewhere in the file, or in another one.
_NAMES = """
action-after-group-bare action-after-group-unknown action-after-unknown after-task child-like-itself child-like-missing
child-like-several child-like-unknown child-like-wrong exit-code-task exit-when-list exit-when-task exit-when-unknown
group-without-any group-without-members instances-name needs-group-bare needs-task-at-end needs-unknown
needs-unknown-group task-named-as-child
"""

#: Any word in lower case may be a class, of this file or of one that a child is like; and any signal may be a stop.
_CLASSES = """
action-after-not-stop action-run-stop class-in-two class-mixed class-nothing-left class-sign-new key-slid-send
signal-class-unknown signal-lower-key task-signal watch-stop
"""

#: Two spellings of one thing.
_TWICE = "action-again-twice class-twice exit-map-twice signal-three-names signal-two-names-real-time"

#: What several keys, tables or children say together.
_TOGETHER = """
action-drop-again action-hold-drop action-hold-send action-run-stop-drop after-all-twice after-drops child-two-wait
circle circle-group circle-of-one hold-for-ever idle-no-listen instances-of-the-command-line instances-one-address
instances-one-file needs-circle needs-circle-of-groups needs-drops needs-itself ready-fd-above-limit scope-program
task-at-end-with-others task-hold-beside-send task-hold-endless task-restart-always terminal-instances terminal-two
watch-dropped watch-no-rule world-tag-terminal
"""

#: Durations that are too long, or none; these are strings.
_DURATIONS = """
action-timeout-zero alive-every-zero alive-timeout-zero duration-year ready-every-zero ready-within-zero
task-every-no-time task-every-zero task-timeout-no-time task-timeout-zero
"""

#: Details of strings that patterns leave to the reader.
_DETAILS = """
action-run-no-name action-run-nul instance-in-rule instances-default only-if-star only-if-value-blank
only-if-value-braces ready-listen-high-port variable-forms variable-shell watch-nul
"""

UNSEEN = f"{_NAMES} {_CLASSES} {_TWICE} {_TOGETHER} {_DURATIONS} {_DETAILS}"
