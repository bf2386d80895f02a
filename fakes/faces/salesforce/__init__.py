"""Salesforce: a CRM's accounts and contracts, and whatever else integrations keep in it, as its REST API has them.

`face` puts it on. A request passes the `gate` to its path: `login`; `records` one at a time, `collecting` many;
`querying` in SOQL (`soql`), `searching`; `composite`; bulk `jobs` by `bulk2` and `bulk1`; `describing` what there is
and `managing` it. All of them are about one organisation (`org`), whose objects are in the `catalogue`, whose records
are in the core's store of objects, and which the `mirror` keeps in step with what sales enters: `events` tells of it.
"""

SYSTEM = "crm"
HOSTS = ("*.salesforce.com",)
