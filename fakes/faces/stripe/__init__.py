"""Stripe Billing over the billing core.

`face` puts it on. `account` is what the resources stand on, `asked` a request, `routes` and `app` the way from one to
its answer. Each resource is a module of its own: `customers`, which may be `leaving`, `catalogue` (products, prices,
and the `amounts` that come of them), `subscriptions` (which `subscribing` makes and `amending` changes, of `items` by
their `terms`), `subscription_items`, `invoices` (billing's `documents` with their `lines`, and `drafts` of
`invoice_items`), `previews`, `credit_notes`, `payments`, `refunds`, `payment_methods` (`customer_methods` once they are
a customer's; what follows from that is in `wallets`), `meters`, `events`, `endpoints`, `clocks`, `company`. What a
client says beyond Stripe's own words it says in metadata: of a customer `account`, `party`, `parent`, `version`; of a
subscription `contract`, `account`, `entity`, `signed`, `version`, `ends`, `renews`, `ramp`, `obligations`, `acquired`,
`void`; of a product or price `product`, `ssp_minor`.
"""

SYSTEM = "billing"
HOSTS = ("api.stripe.com", "files.stripe.com")
