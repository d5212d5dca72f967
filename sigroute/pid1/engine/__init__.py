"""What happens next: a pure function of the plan, the state, the event and the time (step.py is the way in)."""
