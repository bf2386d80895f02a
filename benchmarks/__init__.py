"""What a run costs, always beside a reference measured in the same process: only ratios count."""
