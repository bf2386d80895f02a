"""The objects of this organisation: Salesforce's standard ones for order to cash, and what was added to them.

Every object that integrations deal with has custom fields for what other systems know its records by. What sales has
entered is there under `AccountKey__c` and `ContractKey__c`.
"""

from fakes.faces.salesforce.fields import (
    MULTILINE,
    Field,
    SObject,
    address,
    amount,
    auto_number,
    choice,
    date,
    derived,
    external,
    flag,
    number,
    phone,
    reference,
    text,
)
from fakes.faces.salesforce.ids import USER
from fakes.faces.salesforce.working_out import (
    expected_revenue,
    full_name,
    grand_total,
    has_any,
    is_closed,
    is_won,
    line_total,
    number_of,
    opportunity_amount,
    price_name,
    price_of_line,
    probability,
    product_of_line,
    total_of,
)

OWNER = reference("OwnerId", "User", relationship="Owner", default=USER)
CURRENCIES = (
    "USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "TRY",
    "CNY", "HKD", "TWD", "SGD", "KRW", "INR", "IDR", "THB", "MYR", "PHP", "BRL", "MXN", "CLP", "COP", "ARS", "ZAR",
    "AED", "SAR", "ILS", "EGP",
)  # fmt: skip
"""The organisation's active currencies."""

CURRENCY = choice("CurrencyIsoCode", *CURRENCIES, length=3, restricted=True, default="USD")
CURRENCY_OF_OTHER = choice("CurrencyIsoCode", *CURRENCIES, length=3, restricted=True, updateable=False)
"""The currency of a line is its price book entry's, that of a quote its opportunity's."""

PRODUCT_OF_LINE = Field(
    name="Product2Id", type="reference", length=18, to=("Product2",), relationship="Product2", derive=product_of_line,
    updateable=False,
)  # fmt: skip
"""May be said at creation, and must then be that of the price book entry."""

OF_OTHER_SYSTEMS: tuple[Field, ...] = (
    external("External_Id__c", unique=True),
    external("Stripe_Id__c"),
    external("NetSuite_Id__c"),
    external("ERP_Id__c"),
    external("Billing_Id__c"),
    external("Legacy_Id__c"),
    text("Integration_Status__c"),
    text("Integration_Message__c", MULTILINE),
    Field(name="Last_Synced__c", type="datetime"),
    text("Details__c", MULTILINE),
)
"""What other systems know a record by, and what they have to say of it."""

ACCOUNT = SObject(
    "Account", "001",
    (
        text("Name", required=True), reference("ParentId", "Account", children="ChildAccounts"),
        text("AccountNumber", 40), choice("Type", "Prospect", "Customer", "Partner"), choice("Industry"),
        phone("Phone"), phone("Fax"), Field(name="Website", type="url"), text("Description", 32_000),
        *address("Billing"), *address("Shipping"), number("NumberOfEmployees", "int"), amount("AnnualRevenue"),
        text("Site", 80), text("AccountSource", 40), choice("Rating", "Hot", "Warm", "Cold"), choice("Ownership"),
        text("TickerSymbol", 20), text("Sic", 20), text("SicDesc", 80),
        CURRENCY, OWNER,
        external("AccountKey__c", unique=True), number("Version__c", "int"), text("Entity__c"), external("Party__c"),
        external("Stripe_Customer_Id__c"), external("NetSuite_Customer_Id__c"), Field(name="Billing_Email__c",
        type="email"),
        *OF_OTHER_SYSTEMS,
    ),
    duplicate_rule=("Name",),
)  # fmt: skip

CONTACT = SObject(
    "Contact", "003",
    (
        text("LastName", 80, required=True), text("FirstName", 40), text("Salutation", 40),
        derived("Name", "string", full_name, length=121),
        reference("AccountId", "Account", children="Contacts", on_delete="cascade"),
        reference("ReportsToId", "Contact", relationship="ReportsTo"), Field(name="Email", type="email", length=80),
        phone("Phone"), phone("MobilePhone"), phone("HomePhone"), phone("OtherPhone"), phone("Fax"), text("Title", 128),
        text("Department", 80), choice("LeadSource"), date("Birthdate"), text("Description", 32_000),
        *address("Mailing"), *address("Other"), CURRENCY, OWNER, *OF_OTHER_SYSTEMS,
    ),
)  # fmt: skip

STAGES = ("Prospecting", "Qualification", "Proposal/Price Quote", "Negotiation/Review", "Closed Won", "Closed Lost")

OPPORTUNITY = SObject(
    "Opportunity", "006",
    (
        text("Name", 120, required=True), reference("AccountId", "Account", children="Opportunities",
        on_delete="cascade"),
        choice("StageName", *STAGES, required=True), date("CloseDate", required=True),
        Field(name="Amount", type="currency", derive=opportunity_amount), choice("Type"), text("NextStep"),
        choice("LeadSource"), text("Description", 32_000), reference("Pricebook2Id", "Pricebook2",
        children="Opportunities"),
        reference("ContractId", "Contract"), reference("SyncedQuoteId", "Quote"),
        Field(name="Probability", type="percent", derive=probability), choice("ForecastCategoryName"),
        derived("ExpectedRevenue", "currency", expected_revenue), number("TotalOpportunityQuantity"), flag("IsPrivate"),
        derived("HasOpportunityLineItem", "boolean", has_any("OpportunityLineItem", "OpportunityId")),
        derived("IsClosed", "boolean", is_closed), derived("IsWon", "boolean", is_won),
        CURRENCY, OWNER, external("Contract_Number__c"), *OF_OTHER_SYSTEMS,
    ),
)  # fmt: skip

PRODUCT = SObject(
    "Product2", "01t",
    (
        text("Name", required=True), text("ProductCode"), text("Description", 4_000), flag("IsActive"),
        choice("Family"), text("StockKeepingUnit", 180), text("QuantityUnitOfMeasure"),
        Field(name="DisplayUrl", type="url", length=1_000), text("ExternalId"), CURRENCY,
        external("ProductKey__c", unique=True), external("Stripe_Product_Id__c"), *OF_OTHER_SYSTEMS,
    ),
)  # fmt: skip

PRICEBOOK = SObject(
    "Pricebook2", "01s",
    (
        text("Name", required=True), text("Description"), flag("IsActive"),
        flag("IsStandard", createable=False, updateable=False), *OF_OTHER_SYSTEMS,
    ),
)  # fmt: skip

PRICEBOOK_ENTRY = SObject(
    "PricebookEntry", "01u",
    (
        reference("Pricebook2Id", "Pricebook2", children="PricebookEntries", required=True, updateable=False,
        on_delete="cascade"),
        reference("Product2Id", "Product2", children="PricebookEntries", required=True, updateable=False,
        on_delete="cascade"),
        amount("UnitPrice", required=True), flag("IsActive"), flag("UseStandardPrice"),
        derived("Name", "string", price_name("Name")), derived("ProductCode", "string", price_name("ProductCode")),
        CURRENCY, external("Stripe_Price_Id__c"), *OF_OTHER_SYSTEMS,
    ),
    together=(("Product2Id", "Pricebook2Id", "CurrencyIsoCode"),),
)  # fmt: skip

OPPORTUNITY_LINE = SObject(
    "OpportunityLineItem", "00k",
    (
        reference("OpportunityId", "Opportunity", children="OpportunityLineItems", required=True, updateable=False,
        on_delete="cascade"),
        reference("PricebookEntryId", "PricebookEntry", children="OpportunityLineItems", required=True,
        updateable=False, on_delete="restrict"),
        PRODUCT_OF_LINE,
        number("Quantity", required=True), Field(name="UnitPrice", type="currency"),
        derived("ListPrice", "currency", price_of_line), Field(name="TotalPrice", type="currency", derive=line_total),
        number("Discount", "percent"), date("ServiceDate"), text("Description"), number("SortOrder", "int"),
        derived("Name", "string", price_name("Name")), derived("ProductCode", "string", price_name("ProductCode")),
        CURRENCY_OF_OTHER, *OF_OTHER_SYSTEMS,
    ),
)  # fmt: skip

QUOTE = SObject(
    "Quote", "0Q0",
    (
        text("Name", required=True), auto_number("QuoteNumber"),
        reference("OpportunityId", "Opportunity", children="Quotes", required=True, updateable=False,
        on_delete="cascade"),
        reference("AccountId", "Account"), reference("ContactId", "Contact"), reference("Pricebook2Id", "Pricebook2"),
        reference("ContractId", "Contract"), choice("Status", "Draft", "Needs Review", "In Review", "Approved",
        "Presented", "Accepted", "Denied", default="Draft"),
        date("ExpirationDate"), text("Description", 32_000), Field(name="Email", type="email", length=80),
        phone("Phone"), phone("Fax"), text("BillingName"), *address("Billing"), text("ShippingName"),
        *address("Shipping"), amount("Tax"), amount("ShippingHandling"),
        derived("LineItemCount", "int", number_of("QuoteLineItem", "QuoteId")),
        derived("TotalPrice", "currency", total_of("QuoteLineItem", "QuoteId")),
        derived("GrandTotal", "currency", grand_total), CURRENCY_OF_OTHER, OWNER,
        *OF_OTHER_SYSTEMS,
    ),
)  # fmt: skip

QUOTE_LINE = SObject(
    "QuoteLineItem", "0QL",
    (
        reference("QuoteId", "Quote", children="QuoteLineItems", required=True, updateable=False, on_delete="cascade"),
        reference("PricebookEntryId", "PricebookEntry", children="QuoteLineItems", required=True, updateable=False,
        on_delete="restrict"),
        PRODUCT_OF_LINE,
        reference("OpportunityLineItemId", "OpportunityLineItem"), auto_number("LineNumber"),
        number("Quantity", required=True), amount("UnitPrice"), derived("ListPrice", "currency", price_of_line),
        number("Discount", "percent"), number("SortOrder", "int"),
        derived("TotalPrice", "currency", line_total), text("Description"), date("ServiceDate"), CURRENCY_OF_OTHER,
        *OF_OTHER_SYSTEMS,
    ),
)  # fmt: skip

CONTRACT = SObject(
    "Contract", "800",
    (
        reference("AccountId", "Account", children="Contracts", required=True, on_delete="restrict"),
        auto_number("ContractNumber"),
        text("Name", 80), choice("Status", "Draft", "In Approval Process", "Activated", "Cancelled", default="Draft"),
        date("StartDate"), date("EndDate"), number("ContractTerm", "int"), reference("Pricebook2Id", "Pricebook2"),
        date("CustomerSignedDate"), date("CompanySignedDate"), text("Description", 32_000), text("SpecialTerms", 4_000),
        reference("CustomerSignedId", "Contact"), text("CustomerSignedTitle", 40), reference("CompanySignedId", "User"),
        choice("OwnerExpirationNotice", "15", "30", "45", "60", "90", "120"), *address("Billing"),
        *address("Shipping"),
        Field(name="ActivatedDate", type="datetime"), CURRENCY, OWNER,
        external("ContractKey__c", unique=True), number("Version__c", "int"), text("Kind__c"),
        date("Effective_Date__c"), date("Signed_Date__c"), number("Billing_Months__c", "int"), amount("Unit_Price__c"),
        number("Unit_Price_Minor__c", "int"), number("Quantity__c"), amount("Price_Change__c"), text("Ramp__c",
        MULTILINE),
        text("Versions__c", MULTILINE), text("Renews__c"), text("Entity__c"), date("Acquired_Date__c"),
        external("Stripe_Subscription_Id__c"), external("NetSuite_Order_Id__c"), external("Revenue_Contract_Id__c"),
        *OF_OTHER_SYSTEMS,
    ),
)  # fmt: skip

ORDER = SObject(
    "Order", "801",
    (
        reference("AccountId", "Account", children="Orders", required=True, on_delete="restrict"),
        reference("ContractId", "Contract", children="Orders", on_delete="restrict"),
        reference("OpportunityId", "Opportunity", children="Orders"), reference("QuoteId", "Quote"),
        reference("Pricebook2Id", "Pricebook2"), auto_number("OrderNumber"), text("Name", 80),
        date("EffectiveDate", required=True), date("EndDate"), text("Type", 40),
        choice("Status", "Draft", "Activated", "Cancelled", required=True), text("PoNumber", 80), date("PoDate"),
        text("Description", 32_000), text("OrderReferenceNumber", 80), *address("Billing"), *address("Shipping"),
        reference("BillToContactId", "Contact"), reference("ShipToContactId", "Contact"),
        reference("OriginalOrderId", "Order", relationship="OriginalOrder"), flag("IsReductionOrder"),
        Field(name="ActivatedDate", type="datetime"), derived("TotalAmount", "currency", total_of("OrderItem",
        "OrderId")),
        CURRENCY, OWNER, external("ContractKey__c", unique=True), number("Version__c", "int"), text("Entity__c"),
        external("Stripe_Subscription_Id__c"), external("Stripe_Invoice_Id__c"), external("NetSuite_Order_Id__c"),
        *OF_OTHER_SYSTEMS,
    ),
)  # fmt: skip

ORDER_ITEM = SObject(
    "OrderItem", "802",
    (
        reference("OrderId", "Order", children="OrderItems", required=True, updateable=False, on_delete="cascade"),
        reference("PricebookEntryId", "PricebookEntry", children="OrderItems", required=True, updateable=False,
        on_delete="restrict"),
        PRODUCT_OF_LINE,
        reference("OriginalOrderItemId", "OrderItem", relationship="OriginalOrderItem"),
        reference("QuoteLineItemId", "QuoteLineItem"),
        auto_number("OrderItemNumber"), number("Quantity", required=True), amount("UnitPrice", required=True),
        derived("ListPrice", "currency", price_of_line), derived("TotalPrice", "currency", line_total),
        date("ServiceDate"), date("EndDate"), text("Description"), CURRENCY_OF_OTHER,
        external("OrderItemKey__c", unique=True), text("Product_Key__c"), text("Kind__c"), amount("SSP__c"),
        number("SSP_Minor__c", "int"), number("Contract_Version__c", "int"), text("Measure__c"), text("Invoicing__c"),
        amount("Price__c"), number("Units__c"), number("Included__c"), amount("Rate__c"), *OF_OTHER_SYSTEMS,
    ),
)  # fmt: skip

TASK = SObject(
    "Task", "00T",
    (
        text("Subject"), choice("Status", "Not Started", "In Progress", "Completed", default="Not Started"),
        choice("Priority", "High", "Normal", "Low", default="Normal"), date("ActivityDate"), text("Description",
        32_000),
        reference("WhoId", "Contact", relationship="Who", children="Tasks"),
        reference(
            "WhatId", "Account", "Opportunity", "Contract", "Order", "Product2", "Quote", relationship="What",
            children="Tasks"
        ),
        OWNER, *OF_OTHER_SYSTEMS,
    ),
)  # fmt: skip

LEAD = SObject(
    "Lead", "00Q",
    (
        text("LastName", 80, required=True), text("FirstName", 40), derived("Name", "string", full_name, length=121),
        text("Company", required=True), text("Title", 128), Field(name="Email", type="email", length=80),
        phone("Phone"), phone("MobilePhone"), Field(name="Website", type="url"), choice("LeadSource"),
        choice("Status", "Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted",
        default="Open - Not Contacted"),
        choice("Industry"), choice("Rating", "Hot", "Warm", "Cold"), amount("AnnualRevenue"),
        number("NumberOfEmployees", "int"), text("Street"), text("City", 40), text("State", 80),
        text("PostalCode", 20), text("Country", 80), text("Description", 32_000), CURRENCY, OWNER, *OF_OTHER_SYSTEMS,
    ),
)  # fmt: skip

CASE = SObject(
    "Case", "500",
    (
        auto_number("CaseNumber"), reference("AccountId", "Account", children="Cases"),
        reference("ContactId", "Contact", children="Cases"), text("Subject"), text("Description", 32_000),
        choice("Status", "New", "Working", "Escalated", "Closed", default="New"),
        choice("Priority", "High", "Medium", "Low", default="Medium"), choice("Origin", "Phone", "Email", "Web"),
        choice("Type"), choice("Reason"), CURRENCY, OWNER, *OF_OTHER_SYSTEMS,
    ),
)  # fmt: skip

ASSET = SObject(
    "Asset", "02i",
    (
        text("Name", required=True), reference("AccountId", "Account", children="Assets", on_delete="cascade"),
        reference("ContactId", "Contact", children="Assets"), reference("Product2Id", "Product2", children="Assets"),
        text("SerialNumber", 80), choice("Status", "Shipped", "Installed", "Registered", "Obsolete", "Purchased"),
        number("Quantity"), amount("Price"), date("PurchaseDate"), date("InstallDate"), date("UsageEndDate"),
        text("Description", 32_000), CURRENCY, OWNER, *OF_OTHER_SYSTEMS,
    ),
)  # fmt: skip

CONTACT_ROLE = SObject(
    "OpportunityContactRole", "00K",
    (
        reference("OpportunityId", "Opportunity", children="OpportunityContactRoles", required=True, updateable=False,
        on_delete="cascade"),
        reference("ContactId", "Contact", children="OpportunityContactRoles", required=True, on_delete="cascade"),
        choice("Role", "Business User", "Decision Maker", "Economic Buyer", "Executive Sponsor"), flag("IsPrimary"),
    ),
)  # fmt: skip

INVOICE = SObject(
    "Invoice__c", "a00",
    (
        text("Name", 80), reference("Account__c", "Account", children="Invoices__r", on_delete="restrict"),
        reference("Contract__c", "Contract", children="Invoices__r"), reference("Order__c", "Order",
        children="Invoices__r"),
        external("Invoice_Number__c", unique=True), amount("Amount__c"), amount("Balance__c"), text("Status__c"),
        date("Invoice_Date__c"), date("Due_Date__c"), date("Period_Start__c"), date("Period_End__c"), CURRENCY, OWNER,
        external("Stripe_Invoice_Id__c"), *OF_OTHER_SYSTEMS,
    ),
)  # fmt: skip

INTEGRATION_LOG = SObject(
    "Integration_Log__c", "a01",
    (
        text("Name", 80), text("Level__c"), text("Message__c", MULTILINE), external("Record_Id__c"), text("System__c"),
        OWNER, *OF_OTHER_SYSTEMS,
    ),
)  # fmt: skip

CREATED_ELSEWHERE = {"createable": False, "updateable": False}

ORGANIZATION = SObject(
    "Organization", "00D",
    (
        text("Name", **CREATED_ELSEWHERE), flag("IsSandbox", **CREATED_ELSEWHERE), text("OrganizationType",
        **CREATED_ELSEWHERE),
        text("InstanceName", **CREATED_ELSEWHERE), text("TimeZoneSidKey", **CREATED_ELSEWHERE),
        text("DefaultCurrencyIsoCode", **CREATED_ELSEWHERE),
    ),
)  # fmt: skip

USER_OBJECT = SObject(
    "User", "005",
    (
        text("Name", **CREATED_ELSEWHERE), text("Username", **CREATED_ELSEWHERE), text("Email", **CREATED_ELSEWHERE),
        flag("IsActive", **CREATED_ELSEWHERE), text("TimeZoneSidKey", **CREATED_ELSEWHERE),
    ),
)  # fmt: skip

OBJECTS = (
    USER_OBJECT, ORGANIZATION, ACCOUNT, CONTACT, PRICEBOOK, PRODUCT, PRICEBOOK_ENTRY, CONTRACT, OPPORTUNITY,
    OPPORTUNITY_LINE, CONTACT_ROLE, QUOTE, QUOTE_LINE, ORDER, ORDER_ITEM, ASSET, LEAD, CASE, TASK, INVOICE,
    INTEGRATION_LOG,
)  # fmt: skip
"""Every object."""
