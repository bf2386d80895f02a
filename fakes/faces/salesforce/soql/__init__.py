"""SOQL, Salesforce's query language, as integrations use it: read (`parsing`), and carried out (`running`)."""
