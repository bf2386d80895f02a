"""The types of record that there are, with their fields. Custom fields beyond those named here are kept as sent."""

from collections.abc import Mapping

from fakes.faces.netsuite.fields import Field, RecordType, fields

_NAMED = (Field("externalId"), Field("id", told=True), Field("links", told=True), Field("isInactive", "boolean"))
_DATED = (
    Field("createdDate", told=True), Field("lastModifiedDate", told=True), Field("customForm", "any"),
)  # fmt: skip

_TRANSACTION = (
    *_NAMED[:3], *_DATED,
    Field("tranId"), Field("tranDate", "date"), Field("memo"), Field("currency", "reference", "currency"),
    Field("exchangeRate", "number"), Field("subsidiary", "reference", "subsidiary"),
    Field("department", "reference", "department"), Field("class", "reference", "classification"),
    Field("location", "reference", "location"), Field("postingPeriod", "reference", "accountingPeriod"),
    Field("status", "any", told=True), Field("email"), Field("otherRefNum"), Field("terms", "any"),
    Field("dueDate", "date"), Field("approvalStatus", "any"), Field("billAddress", "any"), Field("shipAddress", "any"),
    Field("billingAddress", "any"), Field("shippingAddress", "any"), Field("custbody_contract_key"),
)  # fmt: skip
_OF_CUSTOMER = (
    *_TRANSACTION, Field("entity", "reference", "customer"), Field("total", "money", told=True),
    Field("subtotal", "money", told=True), Field("startDate", "date"), Field("endDate", "date"),
    Field("salesRep", "any"), Field("discountTotal", "money", told=True), Field("taxTotal", "money", told=True),
)  # fmt: skip
_LINE = (
    Field("line", "integer"), Field("item", "reference", "item"), Field("quantity", "number"), Field("rate", "money"),
    Field("amount", "money"), Field("description"), Field("price", "any"), Field("taxCode", "any"),
    Field("department", "reference", "department"), Field("class", "reference", "classification"),
    Field("location", "reference", "location"), Field("links", told=True), Field("itemType", "any", told=True),
    Field("refName", told=True), Field("isClosed", "boolean"),
)  # fmt: skip
_ORDER_LINE = (
    *_LINE, Field("custcol_ssp", "money"), Field("custcol_kind"), Field("custcol_measure"),
    Field("custcol_invoicing"), Field("custcol_price", "money"), Field("custcol_units", "integer"),
    Field("custcol_included", "integer"), Field("custcol_rate", "money"), Field("custcol_contract_version", "integer"),
    Field("custcol_from_date", "date"), Field("custcol_to_date", "date"),
)  # fmt: skip
_APPLY = (
    Field("doc", "reference", "transaction"), Field("apply", "boolean"), Field("amount", "money"),
    Field("line", "integer"), Field("links", told=True), Field("refNum", "any", told=True),
    Field("type", told=True), Field("total", "money", told=True), Field("due", "money", told=True),
)  # fmt: skip
_DOCUMENT = (
    *_OF_CUSTOMER, Field("custbody_document"), Field("createdFrom", "reference", "transaction"),
    Field("amountRemaining", "money", told=True), Field("amountPaid", "money", told=True),
    Field("account", "reference", "account"),
)  # fmt: skip
_PAYMENT = (
    *_TRANSACTION, Field("customer", "reference", "customer"), Field("payment", "money"),
    Field("applied", "money", told=True), Field("unapplied", "money", told=True), Field("custbody_document"),
    Field("custbody_payment"), Field("paymentMethod", "any"), Field("paymentOption", "any"),
    Field("account", "reference", "account"), Field("undepFunds", "any"), Field("checkNum"),
    Field("total", "money", told=True),
    Field("autoApply", "boolean"),
)  # fmt: skip
_ITEM = (
    *_NAMED, *_DATED, Field("itemId"), Field("displayName"), Field("itemType", "any", told=True), Field("upcCode"),
    Field("incomeAccount", "reference", "account"), Field("deferredRevenueAccount", "reference", "account"),
    Field("expenseAccount", "reference", "account"), Field("cogsAccount", "reference", "account"),
    Field("assetAccount", "reference", "account"), Field("salesDescription"), Field("purchaseDescription"),
    Field("subsidiary", "any"), Field("taxSchedule", "any"), Field("includeChildren", "boolean"),
    Field("price", "any"), Field("unitsType", "any"), Field("saleUnit", "any"), Field("rate", "money"),
    Field("basePrice", "money"), Field("parent", "any"), Field("department", "any"), Field("class", "any"),
    Field("location", "any"), Field("isFulfillable", "boolean"), Field("directRevenuePosting", "boolean"),
    Field("custitem_product"),
)  # fmt: skip

ITEM_TYPES: Mapping[str, str] = {
    "serviceSaleItem": "Service", "serviceResaleItem": "Service", "nonInventorySaleItem": "NonInvtPart",
    "nonInventoryResaleItem": "NonInvtPart", "inventoryItem": "InvtPart", "otherChargeSaleItem": "OthCharge",
    "discountItem": "Discount", "subscriptionPlan": "SubscriPlan",
}  # fmt: skip
"""The types of item, and what queries call them."""

SEGMENTS = ("department", "classification", "location")


def _of(name: str, title: str, *own: Field, custom: str, **sublists: tuple[Field, ...]) -> RecordType:
    return RecordType(name, title, fields(*own), {one: fields(*rows) for one, rows in sublists.items()}, (custom,))


CUSTOMER = _of(
    "customer", "Customer", *_NAMED, *_DATED,
    Field("entityId"), Field("companyName"), Field("isPerson", "boolean"), Field("firstName"), Field("lastName"),
    Field("email"), Field("phone"), Field("url"), Field("comments"), Field("category", "any"), Field("terms", "any"),
    Field("subsidiary", "reference", "subsidiary"), Field("currency", "reference", "currency"),
    Field("parent", "reference", "customer"), Field("balance", "money", told=True), Field("entityStatus", "any"),
    Field("addressBook", "any"), Field("defaultAddress"), Field("salesRep", "any"), Field("accountNumber"),
    Field("vatRegNumber"),
    Field("creditLimit", "money"), Field("taxItem", "any"), Field("taxable", "boolean"), Field("language", "any"),
    Field("printOnCheckAs"), Field("altName", told=True), Field("receivablesAccount", "any"),
    Field("currencyList", "any"),
    Field("dateCreated", told=True), Field("altEmail"), Field("fax"), Field("title"), Field("salutation"),
    Field("custentity_account_key"), Field("custentity_account_version", "integer"),
    Field("custentity_parent_account"), Field("custentity_party"),
    custom="custentity",
)  # fmt: skip
SALES_ORDER = _of(
    "salesOrder", "Sales Order", *_OF_CUSTOMER, Field("orderStatus", "any"),
    Field("custbody_billing_months", "integer"), Field("custbody_unit_price", "money"),
    Field("custbody_versions"), Field("custbody_ramp"), Field("custbody_renews"),
    Field("custbody_acquired_date", "date"), Field("custbody_effective_date", "date"),
    Field("custbody_contract_version", "integer"), Field("custbody_revision", "integer"),
    custom="custbody", item=_ORDER_LINE,
)  # fmt: skip
INVOICE = _of("invoice", "Invoice", *_DOCUMENT, custom="custbody", item=_LINE)
CREDIT_MEMO = _of(
    "creditMemo", "Credit Memo", *_DOCUMENT, Field("applied", "money", told=True),
    Field("unapplied", "money", told=True), custom="custbody", item=_LINE, apply=_APPLY,
)  # fmt: skip
CUSTOMER_PAYMENT = _of("customerPayment", "Customer Payment", *_PAYMENT, custom="custbody", apply=_APPLY)
CUSTOMER_REFUND = _of("customerRefund", "Customer Refund", *_PAYMENT, custom="custbody", apply=_APPLY)
JOURNAL_ENTRY = _of(
    "journalEntry", "Journal Entry", *_TRANSACTION, Field("custbody_reference"), Field("approved", "boolean"),
    Field("custbody_effective_date", "date"), Field("reversalDate", "date"), Field("reversalDefer", "boolean"),
    Field("reversalEntry", "reference", "transaction", told=True), Field("isReversal", "boolean", told=True),
    custom="custbody",
    line=(
        Field("line", "integer"), Field("account", "reference", "account"), Field("debit", "money"),
        Field("credit", "money"), Field("memo"), Field("entity", "reference", "customer"),
        Field("department", "reference", "department"), Field("class", "reference", "classification"),
        Field("location", "reference", "location"), Field("custcol_subject"), Field("custcol_product"),
        Field("links", told=True),
    ),
)  # fmt: skip
ACCOUNT = _of(
    "account", "Account", *_NAMED, Field("acctNumber"), Field("acctName"), Field("acctType", "any"),
    Field("displayNameWithHierarchy", told=True), Field("balance", "money", told=True), custom="custrecord",
)  # fmt: skip
PERIOD = _of(
    "accountingPeriod", "Accounting Period", *_NAMED[1:3], Field("periodName"), Field("startDate", "date"),
    Field("endDate", "date"), Field("closed", "boolean"), Field("allLocked", "boolean"), Field("arLocked", "boolean"),
    Field("apLocked", "boolean"), Field("isQuarter", "boolean", told=True), Field("isYear", "boolean", told=True),
    Field("isAdjust", "boolean", told=True), Field("isPosting", "boolean", told=True), Field("closedOnDate", told=True),
    custom="custrecord",
)  # fmt: skip
SUBSIDIARY = _of(
    "subsidiary", "Subsidiary", *_NAMED, Field("name"), Field("currency", "reference", "currency"),
    Field("isElimination", "boolean"), Field("country", "any"), custom="custrecord",
)  # fmt: skip
CURRENCY = _of(
    "currency", "Currency", *_NAMED, Field("name"), Field("symbol"), Field("isBaseCurrency", "boolean"),
    Field("exchangeRate", "number"), Field("currencyPrecision", "integer"), custom="custrecord",
)  # fmt: skip
ITEMS = tuple(_of(name, name[0].upper() + name[1:], *_ITEM, custom="custitem") for name in ITEM_TYPES)
OF_SEGMENTS = tuple(
    _of(
        name, name.capitalize(), *_NAMED, Field("name"), Field("subsidiary", "any"), Field("parent", "any"),
        Field("includeChildren", "boolean"), custom="custrecord",
    )
    for name in SEGMENTS
)  # fmt: skip

TYPES = (
    CUSTOMER, SALES_ORDER, INVOICE, CREDIT_MEMO, CUSTOMER_PAYMENT, CUSTOMER_REFUND, JOURNAL_ENTRY, *ITEMS, ACCOUNT,
    PERIOD, SUBSIDIARY, CURRENCY, *OF_SEGMENTS,
)  # fmt: skip
"""All types of record."""
