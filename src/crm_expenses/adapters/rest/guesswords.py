"""The words by which things of a CRM are guessed, without their case and signs. Values only."""

from collections.abc import Mapping
from typing import Final

from crm_expenses.core.record import Kind

GENERIC: Final = (
    "records", "record", "items", "list", "search", "query", "all", "data", "rest", "api",
    "collections", "tables", "table", "objects", "object", "sobjects", "odata", "rows", "values",
    "entities", "model", "crm", "v1", "v2", "v3", "v4", "v5", "latest",
    "resource", "module", "modules",
)  # fmt: skip
"""Parts of a path that do not say what the records are."""

KINDS: Final[Mapping[Kind, str]] = {
    Kind.CLAIM: "expenseclaims claims expensereports expensesheets reimbursements travelexpenses",
    Kind.LINE: "expenselines expenseitems claimlines claimitems expenseclaimlines expenseentries "
    "expensedetails",
    Kind.ACCOUNT: "accounts companies customers organizations organisations clients thirdparties "
    "partners respartner",
    Kind.OPPORTUNITY: "opportunities deals crmlead salesopportunities saleopportunity",
    Kind.ACCOUNT_MANAGER: "people users employees staff salespeople accountmanagers persons "
    "hremployee resusers systemusers",
    Kind.BUDGET: "budgets",
    Kind.VOUCHER: "vouchers receipts expensereceipts",
    Kind.APPROVAL: "approvals claimapprovals",
}
LOOSE: Final[Mapping[Kind, str]] = {Kind.CLAIM: "expenses hrexpense expense"}
"""Words that mean one thing here and another there: used where nothing better is found."""

FIELDS: Final[Mapping[Kind, Mapping[str, str]]] = {
    Kind.ACCOUNT_MANAGER: {
        "name": "name fullname displayname username",
        "grade": "grade level joblevel jobgrade",
        "team": "team teamid department departmentid dept",
        "city": "city location",
        "manager": "manager managerid reportsto supervisor parentid",
        "company": "company companyid",
        "active_from": "activefrom hiredate startdate joined joinedat",
        "active_to": "activeto enddate leftat terminationdate",
    },
    Kind.ACCOUNT: {
        "name": "name accountname companyname customername displayname title",
        "owner": "owner ownerid accountmanager assignedto assigneduserid salesperson userid user",
        "industry": "industry sector",
        "city": "city billingcity addresscity town",
        "since": "since customersince",
    },
    Kind.OPPORTUNITY: {
        "owner": "owner ownerid assignedto assigneduserid salesperson userid user",
        "stage": "stage stagename dealstage status state",
        "account": "account accountid company companyid customer customerid organization "
        "organizationid orgid partnerid client clientid",
        "name": "name title subject dealname",
        "amount": "amount value total dealvalue expectedrevenue opportunityamount",
        "opened": "opened openedat opendate startdate",
        "closed": "closed closedat closedate",
    },
    Kind.CLAIM: {
        "person": "person personid employee employeeid claimant claimantid submittedby user userid "
        "owner ownerid createdby",
        "submitted": "submitted submittedat submittedon submitdate submissiondate sentat date "
        "postingdate createdat created createdon",
        "status": "status state",
        "title": "title name subject description purpose",
    },
    Kind.LINE: {
        "claim": "claim claimid expenseclaim expenseclaimid report reportid expensereport "
        "expensereportid sheetid parent parentid",
        "date": "date day expensedate transactiondate spentat",
        "category": "category categoryid expensetype type expensecategory productid",
        "amount": "amount total totalamount claimedamount price",
        "city": "city location place",
        "account": "account accountid customer customerid company companyid",
        "opportunity": "opportunity opportunityid deal dealid",
        "merchant": "merchant vendor supplier seller",
        "purpose": "purpose description reason notes comment",
        "justification": "justification",
        "voucher": "voucher voucherid receipt receiptid invoiceid",
        "payment": "payment paymentmethod paymentmode",
        "travel_class": "travelclass cabinclass", "trip": "trip tripid",
        "pre_approved": "preapproved", "nights": "nights",
        "attendees": "attendees attendeecount participants",
        "distance": "distance km kilometers miles mileage",
    },
    Kind.BUDGET: {
        "scope": "scope", "start": "start startdate from periodstart",
        "end": "end enddate to periodend", "amount": "amount total limit",
        "owner": "owner ownerid user userid", "category": "category", "name": "name title",
    },
    Kind.VOUCHER: {
        "kind": "kind type", "number": "number invoicenumber receiptnumber no", "code": "code",
        "amount": "amount total", "issued": "issued issuedate issuedat invoicedate date",
        "seller": "seller vendor supplier merchant",
    },
    Kind.APPROVAL: {
        "claim": "claim claimid expenseclaim report reportid",
        "approver": "approver approverid user userid", "at": "at approvedat decidedat date",
        "verdict": "verdict decision status result", "reason": "reason comment notes",
    },
}  # fmt: skip

WORDS: Final[Mapping[tuple[Kind, str], Mapping[str, str]]] = {
    (Kind.OPPORTUNITY, "stage"): {
        "won": "won closedwon closewon success", "lost": "lost closedlost closelost dead",
        "open": "open new qualification proposal negotiation",
    },
    (Kind.CLAIM, "status"): {
        "draft": "draft new open", "submitted": "submitted submit pending reported inreview",
        "approved": "approved approve accepted", "paid": "paid done reimbursed posted",
        "returned": "returned sentback", "rejected": "rejected refused refuse declined",
        "withdrawn": "withdrawn cancelled canceled cancel",
    },
    (Kind.BUDGET, "scope"): {"person": "person user", "team": "team", "company": "company"},
    (Kind.APPROVAL, "verdict"): {
        "approve": "approve approved yes", "reject": "reject rejected refused no",
        "return": "return returned",
    },
}  # fmt: skip

OTHERWISE: Final = {(Kind.OPPORTUNITY, "stage"): "open"}
"""What an unknown word of a choice means, where one may say so."""

CONSTANT: Final = {(Kind.VOUCHER, "kind"): "receipt", (Kind.BUDGET, "scope"): "company"}
"""What every record is, where no field says it."""

IDS: Final = "id uuid guid objectid recordid key name"
CHANGED: Final = (
    "updated updatedat updatedon modified modifiedat modifiedon lastmodified lastmodifieddate "
    "lastmodifiedat lastupdated datemodified dateupdated writedate modifiedtime updatetime tms "
    "systemmodstamp hslastmodifieddate datemodification"
)
CURRENCIES: Final = "currency currencycode currencyid currencyisocode"
SINCE: Final = (
    "updatedsince modifiedsince since updatedafter modifiedafter changedsince updatedatgte "
    "modifiedgte updatedgte updatedatmin modifiedfrom filterupdatedatgte filtermodifiedatgte "
    "filterdatemodifiedgte ifmodifiedsince"
)
PAGES: Final = "page pagenumber pageindex pageno p"
OFFSETS: Final = "offset skip start limitstart startat startindex"
SIZES: Final = (
    "perpage pagesize limit size maxsize maxresults top limitpagelength max count pagelimit "
    "itemsperpage resultsperpage"
)
CURSORS: Final = "after cursor startingafter pagetoken nexttoken continuation pagecursor"
CURSOR_PATHS: Final = (
    "nextcursor", "nextpagetoken", "nexttoken", "metanextcursor", "pagingnextafter",
    "paginationnextcursor", "additionaldatanextcursor", "pageinfoendcursor", "cursor",
    "metacursor", "endcursor",
)  # fmt: skip
LINK_PATHS: Final = (
    "next", "nextlink", "odatanextlink", "linksnext", "linksnexthref", "pagingnextlink",
    "nextpageurl", "metanext", "nexturl", "paginationnext", "pagingnext",
)  # fmt: skip
UNWRAPS: Final = ("attributes", "properties", "fields")
