"""SuiteQL, as far as integrations use it: `parsing` reads a query into a `tree`, `running` runs it over `tables`."""
