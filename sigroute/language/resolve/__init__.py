"""From the model to the plan: which entry applies to a child, a signal and a sender."""
