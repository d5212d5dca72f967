"""The engine decides what happens next: a pure function of plan, state, event and time. Its entry is step.py."""
