"""The accounting of the fakes, as pure functions: charges, allocation, recognition, rounding; and the ledger."""
