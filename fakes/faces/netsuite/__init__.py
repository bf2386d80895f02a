"""NetSuite: an ERP's customers, orders, receivables, cash and ledger, as its REST web services have them.

`face` puts it on. `app` has the paths; `access` says who is let in; every type of record (`catalogue`, `fields`)
has its own module: `customers`, `orders` (whose `terms` are a contract's), `documents`, `payments`, `journals`, what is
`kept` as written, and what is `fixed`. `transforms` makes transactions of others, `listing` picks and pages, `suiteql`
queries. All share an `office`: the core's books, and the particulars beside them. No amount is kept here.
"""

SYSTEM = "erp"
HOSTS = ("*.suitetalk.api.netsuite.com", "*.restlets.api.netsuite.com")
