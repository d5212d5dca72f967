"""What would the engine do? Tools ask that, and PID 1 does not: a world of numbers, and questions to one step."""
