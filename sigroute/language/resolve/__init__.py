"""From the model to what applies: which entry is for a child, a signal and a sender, and the plan that follows."""
