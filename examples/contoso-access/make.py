#!/usr/bin/env python3
"""Writes the access of ../contoso/ in five forms, each a folder that says the same.

    python3 make.py --out DIR        DIR/rest, DIR/cli, DIR/powershell, DIR/resource-graph, DIR/history

The same bytes on every run. The truth is the access history of ../contoso/make.py, and EXTRA below.
"""
import argparse
import importlib.util
import json
from datetime import datetime, timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
SPEC = importlib.util.spec_from_file_location("contoso", HERE.parent / "contoso" / "make.py")
contoso = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(contoso)
guid, scope, GROUPS = contoso.guid, contoso.scope, contoso.GROUPS
ADATUM, FABRIKAM, NORTHWIND = contoso.ADATUM, contoso.FABRIKAM, contoso.NORTHWIND

RUNS = ("2026-10-10T06:00:00Z", "2026-10-21T12:00:00Z", "2026-11-02T06:00:00Z")  # snapshots
BEFORE = "2026-09-28T06:00:00Z"  # deny assignments only: a log tells a making from a change no more than it tells whom it denies
LOG = ("2026-08-05T06:10:00Z", "2026-11-02T06:10:00Z")  # 89 days
LONG_AGO = "2023-01-16T09:30:12.4081253Z"  # what a history says as "since before anything observed", an export dates
AUTHORIZATION = "/providers/Microsoft.Authorization/"
ROLES = {contoso.OWNER: "Owner", contoso.CONTRIBUTOR: "Contributor", contoso.READER: "Reader",
         contoso.CUSTOM: "Fabrikam Machine Operator"}
DEVELOPER = guid("principal adatum developer")
# What ../contoso does not tell, and what no line feels: a resource group of the customer's own goes, and its grants with it.
EXTRA = [contoso.grant("adatum-scratch", ADATUM, "directory", scope("a1", "scratch-rg"), contoso.CONTRIBUTOR, DEVELOPER, "User",
                       "2026-08-20T08:12:44.9305127Z", "2026-10-08T15:20:11.4130021Z")]


# ---- time: ticks of 100 ns, as the service counts ---------------------------------------------------------------
def ticks(text):
    whole, _, fraction = text.removesuffix("Z").partition(".")
    seconds = int((datetime.fromisoformat(whole) - datetime(1, 1, 1)).total_seconds())
    return seconds * 10**7 + int((fraction or "0").ljust(7, "0"))


def time(at, digits=7, zone="Z"):
    """The moment, cut to so many digits."""
    seconds, rest = divmod(at, 10**7)
    return (datetime(1, 1, 1) + timedelta(seconds=seconds)).isoformat() + "." + f"{rest:07}"[:digits] + zone


# ---- the truth --------------------------------------------------------------------------------------------------
HISTORY = contoso.history()
GRANTS = HISTORY["grants"] + EXTRA
PARENT = {(entry["tenant_id"], entry["child"]): entry["parent"] for entry in HISTORY["hierarchy"]}
SUBSCRIPTIONS = {scope(key): (key, tenant, name) for key, (tenant, name) in contoso.SUBSCRIPTIONS.items()}
PLAIN = [g for g in GRANTS if not g["eligible_only"] and not g["path"].startswith("lighthouse")]
ACTIVATED = {"fabrikam-oncall-activated"}


def name(grant):
    return guid("assignment " + grant["id"])


def made(grant):
    return ticks(grant["start"] or LONG_AGO)


def there(grant, at):
    return made(grant) <= ticks(at) and (grant["end"] is None or ticks(at) < ticks(grant["end"]))


def chain(tenant, at):
    """A subscription or group and what stands above it, the root group last."""
    places = [at]
    while (tenant, places[-1]) in PARENT:
        places.append(PARENT[tenant, places[-1]])
    return places


def groups_of(tenant):
    return sorted({place for (owner, _), place in PARENT.items() if owner == tenant}, key=lambda g: (not g.endswith(tenant), g))


def subscriptions_of(tenant):
    return [at for at, (_, owner, _) in SUBSCRIPTIONS.items() if owner == tenant]


def shown(grants, tenant, at, taken, below=True):
    """The grants that a list taken at a place shows: at it and above it, and below it."""
    above = {*chain(tenant, at), "/"}
    return [g for g in grants if g["tenant_id"] == tenant and there(g, taken)
            and (g["scope"] in above or below and g["scope"].startswith(at + "/"))]


# ---- snapshots, as the service answers --------------------------------------------------------------------------
UPDATED = {"adatum-landing-zones": ticks("2026-10-03T07:55:31.2209918Z")}  # a description was added


def assignment(grant, asked):
    created = made(grant)
    text = "Contoso Distribution, managed services" if grant["id"] in UPDATED else None
    own = "" if grant["principal_kind"] == "ForeignGroup" else guid("own admin " + grant["tenant_id"])
    return {"properties": {
        "roleDefinitionId": (asked if asked.startswith("/sub") else "") + AUTHORIZATION + "roleDefinitions/" + grant["role_id"],
        "principalId": grant["principal_id"], "principalType": grant["principal_kind"], "scope": grant["scope"], "condition": None,
        "conditionVersion": None, "createdOn": time(created), "updatedOn": time(UPDATED.get(grant["id"], created)), "createdBy": own,
        "updatedBy": own, "delegatedManagedIdentityResourceId": None, "description": text},
        "id": grant["scope"].rstrip("/") + AUTHORIZATION + "roleAssignments/" + name(grant),
        "type": "Microsoft.Authorization/roleAssignments", "name": name(grant)}


def schedule(grant, asked):
    """An instance of Privileged Identity Management. An active one stands behind every plain assignment too."""
    eligible, what = grant["eligible_only"], "Eligibility" if grant["eligible_only"] else "Assignment"
    at = grant["scope"].rstrip("/") + AUTHORIZATION
    eligibility = guid("eligibility fabrikam-oncall")
    inner = {} if eligible else {
        "assignmentType": "Activated" if grant["id"] in ACTIVATED else "Assigned",
        "originRoleAssignmentId": at + "roleAssignments/" + name(grant),
        "linkedRoleEligibilityScheduleId": at + "RoleEligibilitySchedules/" + eligibility if grant["id"] in ACTIVATED else None,
        "linkedRoleEligibilityScheduleInstanceId": None}
    inner |= {
        "scope": grant["scope"], "roleDefinitionId": asked + AUTHORIZATION + "roleDefinitions/" + grant["role_id"],
        "principalId": grant["principal_id"], "principalType": grant["principal_kind"], "status": "Provisioned",
        f"role{what}ScheduleId": at + f"Role{what}Schedules/" + (eligibility if eligible else name(grant)),
        "startDateTime": time(made(grant), 3), "endDateTime": grant["end"] if grant["id"] in ACTIVATED else None,
        "memberType": "Direct" if grant["scope"].startswith(asked) else "Inherited", "createdOn": time(made(grant), 3),
        "condition": None, "conditionVersion": None}
    instance = f"Role{what}ScheduleInstances"
    return {"properties": inner, "name": name(grant), "id": at + instance + "/" + name(grant),
            "type": "Microsoft.Authorization/" + instance}


def deny(entry):
    return {"properties": {
        "denyAssignmentName": "Lock of the payments group", "description": "Made by a deployment stack",
        "permissions": [{"actions": entry["actions"], "notActions": [], "dataActions": [], "notDataActions": []}],
        "scope": entry["scope"], "doNotApplyToChildScopes": not entry["applies_to_children"],
        "principals": [{"id": one, "type": "ForeignGroup"} for one in entry["principal_ids"]], "excludePrincipals": [],
        "isSystemProtected": entry["system_protected"]},
        "id": entry["scope"] + AUTHORIZATION + "denyAssignments/" + guid(entry["id"]),
        "type": "Microsoft.Authorization/denyAssignments", "name": guid(entry["id"])}


def delegation(grant):
    at = "/".join(grant["scope"].split("/")[:3]) + "/providers/Microsoft.ManagedServices/"
    definition = {"properties": {
        "description": "Managed machines", "registrationDefinitionName": "Contoso managed services",
        "authorizations": [{"principalId": grant["principal_id"], "principalIdDisplayName": "Contoso automation",
                            "roleDefinitionId": grant["role_id"]}],
        "provisioningState": "Succeeded", "manageeTenantId": grant["tenant_id"], "manageeTenantName": "Fabrikam, Inc.",
        "managedByTenantId": contoso.PROVIDER["tenant"], "managedByTenantName": contoso.PROVIDER["name"]},
        "id": at + "registrationDefinitions/" + guid("definition"), "type": "Microsoft.ManagedServices/registrationDefinitions",
        "name": guid("definition")}
    return {"properties": {"registrationDefinitionId": definition["id"], "provisioningState": "Succeeded",
                           "registrationDefinition": definition},
            "id": grant["scope"] + "/providers/Microsoft.ManagedServices/registrationAssignments/" + guid("delegation"),
            "type": "Microsoft.ManagedServices/registrationAssignments", "name": guid("delegation")}


def role(role_id, asked):
    actions, without = {"Owner": (["*"], []), "Reader": (["*/read"], []), "Contributor": (["*"], [
        "Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write", "Microsoft.Authorization/elevateAccess/Action"])}.get(
            ROLES[role_id], (["Microsoft.Compute/virtualMachines/*"], []))
    custom = role_id == contoso.CUSTOM
    return {"properties": {"roleName": ROLES[role_id], "type": "CustomRole" if custom else "BuiltInRole", "description": "",
                           "assignableScopes": [scope("f8")] if custom else ["/"],
                           "permissions": [{"actions": actions, "notActions": without, "dataActions": [], "notDataActions": []}],
                           "createdOn": "2015-02-02T21:55:09.8806423Z", "updatedOn": "2024-11-22T16:10:04.1102201Z",
                           "createdBy": None, "updatedBy": None},
            "id": asked + AUTHORIZATION + "roleDefinitions/" + role_id, "type": "Microsoft.Authorization/roleDefinitions",
            "name": role_id}


def roles(asked):
    return [role(one, asked) for one in ROLES if one != contoso.CUSTOM or asked == scope("f8")]


def children(tenant, at):
    """What stands below a group, all the way down."""
    found = []
    for (owner, child), parent in PARENT.items():
        if (owner, parent) == (tenant, at):
            _, _, title = SUBSCRIPTIONS.get(child, (None, None, child.rpartition("/")[2]))
            one = {"id": child, "name": child.rpartition("/")[2], "displayName": title,
                   "type": "/subscriptions" if child in SUBSCRIPTIONS else "Microsoft.Management/managementGroups"}
            below = children(tenant, child)
            found.append(one | ({"children": below} if below else {}))
    return found


def group(tenant, at):
    parent = PARENT.get((tenant, at))
    above = {"id": parent, "name": parent.rpartition("/")[2], "displayName": parent.rpartition("/")[2]} if parent else None
    return {"id": at, "type": "Microsoft.Management/managementGroups", "name": at.rpartition("/")[2], "properties": {
        "tenantId": tenant, "displayName": at.rpartition("/")[2],
        "details": {"version": 1, "updatedTime": "0001-01-01T00:00:00", "updatedBy": None} | ({"parent": above} if above else {}),
        "children": children(tenant, at)}}


def entities(tenant):
    """The list of groups and subscriptions, each with the chain above it."""
    for at in groups_of(tenant) + subscriptions_of(tenant):
        above = [place.rpartition("/")[2] for place in chain(tenant, at)[:0:-1]]
        yield {"id": at, "name": at.rpartition("/")[2],
               "type": "/subscriptions" if at in SUBSCRIPTIONS else "Microsoft.Management/managementGroups", "properties": {
                   "tenantId": tenant, "displayName": SUBSCRIPTIONS.get(at, ("", "", at.rpartition("/")[2]))[2],
                   "parent": {"id": PARENT.get((tenant, at))}, "parentNameChain": above, "parentDisplayNameChain": above,
                   "numberOfChildren": len(children(tenant, at)), "inheritedPermissions": "view", "permissions": "view"}}


def links():
    """The partner admin links of ../contoso/partner.json, as each linked account reads its own."""
    for entry in contoso.partner()["principals"]:
        since = time(ticks(entry["linked"]["start"] or LONG_AGO))
        yield entry["linked"]["tenant_id"], {
            "id": "/providers/microsoft.managementpartner/partners/" + entry["partner_id"],
            "type": "Microsoft.ManagementPartner/partner", "name": entry["partner_id"], "etag": 1, "properties": {
                "partnerId": entry["partner_id"], "partnerName": "Contoso", "tenantId": entry["linked"]["tenant_id"],
                "objectId": entry["principal_id"], "version": 1, "updatedTime": since, "createdTime": since, "state": "Active"}}


# ---- the log, as the service answers ----------------------------------------------------------------------------
def event(at, end, operation, target, tenant, properties, status=None, action=None, key=""):
    """One record. `key` joins the records of an operation."""
    subscription = "/".join(target.split("/")[:3]) if target.startswith("/sub") else None
    above = chain(tenant, subscription or target.partition(AUTHORIZATION)[0])[::-1]
    status = status or ("Succeeded" if end else "Started")
    names = {"value": "EndRequest" if end else "BeginRequest", "localizedValue": "End request" if end else "Begin request"}
    kind = operation.rpartition("/")[0]
    one = guid(f"event {key} {names['value']} {target}")
    record = {
        "authorization": {"action": action or operation, "scope": target if action is None else target.partition(AUTHORIZATION)[0]},
        "channels": "Operation", "correlationId": guid("operation " + key), "description": "", "eventDataId": one, "eventName": names,
        "category": {"value": "Administrative", "localizedValue": "Administrative"},
        "id": f"{target}/events/{one}/ticks/{at}", "level": "Error" if status == "Failed" else "Informational",
        "resourceGroupName": target.split("/")[4] if "/resourceGroups/" in target else "",
        "resourceProviderName": {"value": kind.partition("/")[0], "localizedValue": kind.partition("/")[0]}, "resourceId": target,
        "resourceType": {"value": (action or operation).rpartition("/")[0], "localizedValue": (action or operation).rpartition("/")[0]},
        "operationId": guid("operation " + key), "operationName": {"value": operation, "localizedValue": TITLES.get(operation, operation)},
        "properties": properties | {"eventCategory": "Administrative", "entity": target, "message": operation,
                                    "hierarchy": "/".join(place.rpartition("/")[2] for place in above)},
        "status": {"value": status, "localizedValue": status}, "subStatus": {"value": "", "localizedValue": ""},
        "eventTimestamp": time(at), "submissionTimestamp": time(at + 217 * 10**7, 0).replace(".Z", "Z"), "tenantId": tenant}
    return record | ({"subscriptionId": subscription.rpartition("/")[2]} if subscription else {})


TITLES = {"Microsoft.Authorization/roleAssignments/write": "Create role assignment",
          "Microsoft.Authorization/roleAssignments/delete": "Delete role assignment"}


def pair(begun, done, operation, target, tenant, asked=None, answered=None, status="Succeeded", key=""):
    key = f"{operation} {target} {key}"
    first = {"requestbody": asked} if asked else {}
    last = {"statusCode": {"Failed": "Forbidden"}.get(status, "OK"), "serviceRequestId": guid("request " + key)}
    yield event(begun, False, operation, target, tenant, first, key=key)
    yield event(done, True, operation, target, tenant, last | ({"responseBody": answered} if answered else {}), status, key=key)


def request(grant, portal):
    """What was asked for, in the casing of the tools and in that of the portal."""
    definition = AUTHORIZATION + "roleDefinitions/" + grant["role_id"]
    if portal:
        return json.dumps({"Id": name(grant), "Properties": {
            "PrincipalId": grant["principal_id"], "PrincipalType": grant["principal_kind"], "RoleDefinitionId": definition,
            "Scope": grant["scope"], "Condition": None, "ConditionVersion": None}})
    return json.dumps({"properties": {"roleDefinitionId": definition, "principalId": grant["principal_id"],
                                      "principalType": grant["principal_kind"]}})


def changes():
    """Every change within the span of the log. A grant starts when its write ended, to the tick; one that was taken away
    ended at the time in what the delete answered, else when the delete began."""
    write, delete = (f"Microsoft.Authorization/roleAssignments/{verb}" for verb in ("write", "delete"))
    for at, grant in enumerate(PLAIN):
        target, tenant = assignment(grant, "/subscriptions/x")["id"], grant["tenant_id"]
        if made(grant) >= ticks(LOG[0]):
            yield from pair(made(grant) - 13572106, made(grant), write, target, tenant, request(grant, at % 2 == 0))
        if grant["end"] is None:
            continue
        end = ticks(grant["end"])
        if grant["id"] == "adatum-removed-first":
            stored = assignment(grant, "/".join(grant["scope"].split("/")[:3]))
            stored["properties"]["updatedOn"] = time(end)
            yield from pair(end - 9184377, end + 14920153, delete, target, tenant, answered=json.dumps(stored))
        elif grant["id"] == "adatum-scratch":
            bare = {key: value.replace("-", "") for key, value in (("id", name(grant)), ("principalId", grant["principal_id"]),
                                                                   ("roleDefinitionId", grant["role_id"]))}
            gone, cascade = "Microsoft.Resources/subscriptions/resourceGroups/delete", target.replace(name(grant), bare["id"])
            yield from pair(end - 311042277, end + 508813310, gone, grant["scope"], tenant)
            yield event(end, True, delete, cascade, tenant, bare | {"scope": grant["scope"]}, action=gone.replace("Groups", "groups"),
                        key="cascade")
        else:
            yield from pair(end, end + 21073008, delete, target, tenant)
    lock = HISTORY["denies"][0]
    target, start, end = deny(lock)["id"], ticks(lock["start"]), ticks(lock["end"])
    yield from pair(start, start + 22041190, "Microsoft.Authorization/denyAssignments/write", target, lock["tenant_id"])
    yield from pair(end - 20418813, end, "Microsoft.Authorization/denyAssignments/delete", target, lock["tenant_id"])
    described = next(g for g in GRANTS if g["id"] == "adatum-landing-zones")  # an update is logged as a write too
    at = UPDATED[described["id"]]
    yield from pair(at - 8120344, at + 31744120, write, assignment(described, "")["id"], ADATUM, request(described, False), key="again")
    refused = contoso.aobo("refused", ADATUM, scope("a4"), "2026-10-07T11:30:00Z")  # asked for, and not given
    at = made(refused)
    yield from pair(at, at + 3190021, write, assignment(refused, "")["id"], ADATUM, request(refused, False), status="Failed")


EVENTS = sorted(changes(), key=lambda e: (e["eventTimestamp"], e["eventDataId"]), reverse=True)  # the newest first


def logged(at, tenant):
    """A log shows what happened at and below a subscription, and at a management group only."""
    return [e for e in EVENTS if e["tenantId"] == tenant and e["resourceId"].startswith(at + "/")]


def started(at, tenant):
    """A workspace or a storage account holds everything that happens, not only what concerns access."""
    target = at + "/resourceGroups/any-rg/providers/Microsoft.Compute/virtualMachines/vm-any"
    yield from pair(ticks("2026-08-07T05:00:00Z"), ticks("2026-08-07T05:00:31.5Z"), "Microsoft.Compute/virtualMachines/start/action",
                    target, tenant)


# ---- the forms --------------------------------------------------------------------------------------------------
def cli_times(value):
    if isinstance(value, str) and len(value) == 28 and value.endswith("Z") and value[10] == "T":
        return time(ticks(value), 6, "+00:00")
    return value


def flat(record, **more):
    """As `az` prints it: no `properties` around, keys in order, six digits."""
    inner = record["properties"]
    outer = {key: value for key, value in record.items() if key != "properties"}
    return {key: cli_times(value) for key, value in sorted({**inner, **outer, **more}.items())}


def in_order(value):
    if isinstance(value, dict):
        return {key: in_order(value[key]) for key in sorted(value)}
    return [in_order(one) for one in value] if isinstance(value, list) else cli_times(value)


def person(grant):
    return "" if grant["principal_kind"] == "ForeignGroup" else f"user-{grant['principal_id'][:8]}@example.com"


def cli_assignment(grant, asked):
    parts = grant["scope"].split("/")
    more = {"resourceGroup": parts[4]} if len(parts) > 4 and parts[1] == "subscriptions" else {}
    return flat(assignment(grant, asked), principalName=person(grant), roleDefinitionName=ROLES[grant["role_id"]], **more)


def ps_assignment(grant, asked):
    record = assignment(grant, asked)
    return {"RoleAssignmentName": name(grant), "RoleAssignmentId": record["id"], "Scope": grant["scope"],
            "DisplayName": person(grant).partition("@")[0] or None, "SignInName": person(grant) or None,
            "RoleDefinitionName": ROLES[grant["role_id"]], "RoleDefinitionId": grant["role_id"], "ObjectId": grant["principal_id"],
            "ObjectType": grant["principal_kind"], "CanDelegate": False, "Description": record["properties"]["description"],
            "ConditionVersion": None, "Condition": None}


def ps_schedule(grant, asked):
    record = schedule(grant, asked)
    return {key[0].upper() + key[1:]: value for key, value in sorted({**record["properties"], **record, "properties": None}.items())
            if key != "properties"}


def ps_role(role_id, asked):
    inner = role(role_id, asked)["properties"]
    block = {key[0].upper() + key[1:]: value for key, value in inner["permissions"][0].items()}
    return {"Name": inner["roleName"], "Id": role_id, "IsCustom": inner["type"] == "CustomRole", "Description": "", **block,
            "AssignableScopes": inner["assignableScopes"], "Condition": None, "ConditionVersion": None}


def ps_deny(entry):
    inner = deny(entry)["properties"]
    return {"Id": guid(entry["id"]), "DenyAssignmentName": inner["denyAssignmentName"], "Description": inner["description"],
            "Actions": entry["actions"], "NotActions": [], "DataActions": [], "NotDataActions": [], "Scope": entry["scope"],
            "DoNotApplyToChildScopes": inner["doNotApplyToChildScopes"],
            "Principals": [{"DisplayName": None, "ObjectType": one["type"], "ObjectId": one["id"]} for one in inner["principals"]],
            "ExcludePrincipals": [], "IsSystemProtected": entry["system_protected"]}


def ps_children(found):
    return [{"Type": one["type"], "Id": one["id"], "Name": one["name"], "DisplayName": one["displayName"],
             "Children": ps_children(one.get("children", []))} for one in found]


def ps_group(tenant):
    root = group(tenant, GROUPS + tenant)
    return {"Id": root["id"], "Type": "/providers/Microsoft.Management/managementGroups", "Name": root["name"], "TenantId": tenant,
            "DisplayName": "Tenant Root Group", "UpdatedTime": "0001-01-01T00:00:00", "UpdatedBy": None, "ParentId": None,
            "ParentName": None, "ParentDisplayName": None, "Children": ps_children(root["properties"]["children"])}


def pascal(value):
    if isinstance(value, dict):
        return {key[0].upper() + key[1:]: pascal(one) for key, one in value.items()}
    return value


def ps_event(record):
    record = pascal({key: value for key, value in record.items() if key not in ("properties", "channels", "tenantId")}) | {
        "Properties": {"Content": record["properties"]}}
    return {key: record[key] for key in sorted(record)}


def diagnostic(record):
    """As a diagnostic setting writes it. What `evidence` tells is the caller's right, not the grant."""
    word = {"Started": "Start", "Succeeded": "Success", "Failed": "Failure"}[record["status"]["value"]]
    evidence = {"role": "User Access Administrator", "roleAssignmentScope": "/", "principalType": "User",
                "roleAssignmentId": guid("evidence").replace("-", ""), "principalId": guid("evidence user").replace("-", ""),
                "roleDefinitionId": "18d7d88dd35e4fb5a5c37773c20a72d9"}
    return {"time": record["eventTimestamp"], "resourceId": record["resourceId"].upper(),
            "operationName": record["operationName"]["value"].upper(), "category": "Administrative", "resultType": word,
            "resultSignature": {"Start": "Started.", "Success": "Succeeded.OK"}.get(word, "Failed.Forbidden"), "durationMs": "0",
            "correlationId": record["correlationId"], "identity": {"authorization": record["authorization"] | {"evidence": evidence}},
            "level": record["level"], "properties": record["properties"]}


def table_row(record):
    """A row of the AzureActivity table; TenantId is the workspace there."""
    word = {"Started": "Start", "Succeeded": "Success", "Failed": "Failure"}[record["status"]["value"]]
    properties = {key: value for key, value in record["properties"].items() if key != "hierarchy"}
    return {"TenantId": guid("workspace"), "SourceSystem": "Azure", "TimeGenerated": record["eventTimestamp"],
            "OperationNameValue": record["operationName"]["value"].upper(), "Level": record["level"], "ActivityStatusValue": word,
            "ActivitySubstatusValue": "", "ResourceGroup": record["resourceGroupName"].upper(),
            "SubscriptionId": record.get("subscriptionId", ""), "CorrelationId": record["correlationId"],
            "OperationId": record["operationId"], "EventDataId": record["eventDataId"], "CategoryValue": "Administrative",
            "Authorization": json.dumps(record["authorization"]), "Authorization_d": record["authorization"],
            "Properties": json.dumps(properties), "Properties_d": properties, "Hierarchy": record["properties"]["hierarchy"],
            "EventSubmissionTimestamp": record["submissionTimestamp"], "Type": "AzureActivity", "_ResourceId": record["resourceId"].lower()}


def graph_row(record, at):
    """A row of Resource Graph's authorizationresources."""
    inner = record["properties"]
    return {"id": record["id"], "name": record["name"], "type": record["type"].lower(), "tenantId": SUBSCRIPTIONS[at][1], "kind": "",
            "location": "global", "resourceGroup": "", "subscriptionId": at.rpartition("/")[2], "managedBy": "", "sku": None,
            "plan": None, "properties": inner, "tags": None, "identity": None, "zones": None, "extendedLocation": None}


REST_ASK = "az rest --method get --url {}/providers/{}"
PS_ASK = "Invoke-AzRestMethod -Method GET -Path {}/providers/{}"
QUERY = "az graph query --subscriptions {} -q \"authorizationresources | where type =~ 'microsoft.authorization/{}'\""
KIND = {"role-assignments": "Microsoft.Authorization/roleAssignments?api-version=2022-04-01",
        "deny-assignments": "Microsoft.Authorization/denyAssignments?api-version=2022-04-01",
        "pim-active": "Microsoft.Authorization/roleAssignmentScheduleInstances?api-version=2020-10-01",
        "pim-eligible": "Microsoft.Authorization/roleEligibilityScheduleInstances?api-version=2020-10-01",
        "role-definitions": "Microsoft.Authorization/roleDefinitions?api-version=2022-04-01",
        "lighthouse": "Microsoft.ManagedServices/registrationAssignments?api-version=2022-10-01&$expandRegistrationDefinition=true",
        "activity-log": "Microsoft.Insights/eventtypes/management/values?api-version=2015-04-01"}


def rest_at(kind, at, tenant, taken):
    """What the service answers at a subscription."""
    eligible = [g for g in GRANTS if g["eligible_only"]]
    return {
        "role-assignments": lambda: [assignment(g, at) for g in shown(PLAIN, tenant, at, taken)],
        "pim-active": lambda: [schedule(g, at) for g in shown(PLAIN, tenant, at, taken)],
        "pim-eligible": lambda: [schedule(g, at) for g in shown(eligible, tenant, at, taken)],
        "deny-assignments": lambda: [deny(d) for d in shown_denies(tenant, at, taken)],
        "lighthouse": lambda: [delegation(g) for g in shown([g for g in GRANTS if g["path"] == "lighthouse_template"], tenant, at, taken)],
        "role-definitions": lambda: roles(at),
    }[kind]()


def shown_denies(tenant, at, taken):
    return shown([d | {"start": d["start"]} for d in HISTORY["denies"]], tenant, at, taken)


def cli(kind, at, tenant, taken):
    key = at.rpartition("/")[2]
    if kind == "role-assignments":
        return (f"az role assignment list --all --subscription {key} -o json",
                [cli_assignment(g, at) for g in shown(PLAIN, tenant, at, taken)])
    if kind == "role-definitions":
        return f"az role definition list --subscription {key} -o json", [
            flat({"id": r["id"], "name": r["name"], "type": r["type"], "properties": {
                key: value for key, value in r["properties"].items() if key != "type"}}, roleType=r["properties"]["type"])
            for r in roles(at)]
    if kind == "lighthouse":
        return (f"az managedservices assignment list --include-definition true --subscription {key} -o json",
                [in_order(r) for r in rest_at(kind, at, tenant, taken)])
    return REST_ASK.format(at, KIND[kind]), rest_at(kind, at, tenant, taken)


def powershell(kind, at, tenant, taken):
    eligible = [g for g in GRANTS if g["eligible_only"]]
    if kind == "role-assignments":
        return "Get-AzRoleAssignment | ConvertTo-Json", [ps_assignment(g, at) for g in shown(PLAIN, tenant, at, taken)]
    if kind == "pim-active":
        return f"Get-AzRoleAssignmentScheduleInstance -Scope {at} | ConvertTo-Json", [
            ps_schedule(g, at) for g in shown(PLAIN, tenant, at, taken)]
    if kind == "pim-eligible":
        return f"Get-AzRoleEligibilityScheduleInstance -Scope {at} | ConvertTo-Json", [
            ps_schedule(g, at) for g in shown(eligible, tenant, at, taken)]
    if kind == "deny-assignments":
        return "Get-AzDenyAssignment | ConvertTo-Json -Depth 5", [ps_deny(d) for d in shown_denies(tenant, at, taken)]
    if kind == "role-definitions":
        return "Get-AzRoleDefinition | ConvertTo-Json", [ps_role(r["name"], at) for r in roles(at)]
    return PS_ASK.format(at, KIND[kind]), rest_at(kind, at, tenant, taken)


def resource_graph(kind, at, tenant, taken):
    if kind in ("role-assignments", "role-definitions"):
        rows = [graph_row(r, at) for r in rest_at(kind, at, tenant, taken)]
        for row in rows:
            if kind == "role-assignments":
                definition = AUTHORIZATION + "RoleDefinitions/" + row["properties"]["roleDefinitionId"].rpartition("/")[2]
                row["properties"] = row["properties"] | {"roleDefinitionId": definition}
        return QUERY.format(at.rpartition("/")[2], kind.replace("-", "")), rows
    return REST_ASK.format(at, KIND[kind]), rest_at(kind, at, tenant, taken)


def rest(kind, at, tenant, taken):
    return REST_ASK.format(at, KIND[kind]), rest_at(kind, at, tenant, taken)


def log_of(form, at, tenant):
    events, url = logged(at, tenant), REST_ASK.format(at.rstrip("/"), KIND["activity-log"])
    if form == "cli" and at.startswith("/sub"):
        return f"az monitor activity-log list --subscription {at.rpartition('/')[2]} --offset 89d", [in_order(e) for e in events]
    if form == "powershell" and at.startswith("/sub"):
        return f"Get-AzActivityLog -StartTime {LOG[0]} -EndTime {LOG[1]} | ConvertTo-Json -Depth 10", [ps_event(e) for e in events]
    if form == "resource-graph" and at.startswith("/sub"):
        events = [*events, *started(at, tenant)]
        if tenant == ADATUM:
            return f"AzureActivity | where _ResourceId startswith '{at.lower()}'", [table_row(e) for e in events]
        return f"diagnostic setting of {at} to a storage account", [diagnostic(e) for e in events]
    return url, events


def group_exports(form, tenant, taken):
    """The management groups: their tree, and in REST what was granted at and above them."""
    root = GROUPS + tenant
    if form == "cli":
        listed = [{key: value for key, value in flat(e).items()} for e in entities(tenant)]
        yield root, "management-groups", "az account management-group entities list -o json", listed
    elif form == "powershell":
        yield root, "management-groups", f"Get-AzManagementGroup -GroupName {tenant} -Expand -Recurse | ConvertTo-Json -Depth 10", [
            ps_group(tenant)]
    elif form == "resource-graph":
        url = "az rest --method post --url /providers/Microsoft.Management/getEntities?api-version=2020-05-01 (managementGroups)"
        yield root, "management-groups", url, list(entities(tenant))
    else:
        for at in groups_of(tenant):
            ask = f"az rest --method get --url {at}?api-version=2021-04-01&$expand=children&$recurse=true"
            yield at, "management-group", ask, [group(tenant, at)]
            granted = [assignment(g, at) for g in shown(PLAIN, tenant, at, taken, below=False)]
            yield at, "role-assignments", REST_ASK.format(at, KIND["role-assignments"]) + "&$filter=atScope()", granted


def northwind(form):
    """Two snapshots and no log, so a form without dates has to ask the service."""
    own = contoso.grant("northwind-own-admin", NORTHWIND, "directory", "/", contoso.OWNER, guid("own admin " + NORTHWIND), "User",
                        "2021-02-03T07:40:12.5512849Z")
    for key, start, taken in (("b1", "2025-03-04T10:15:42.0835929Z", "2026-11-01T06:00:00Z"),
                              ("b2", "2026-10-12T10:20:30.123456Z", "2026-11-01T06:05:00Z")):
        yield taken, scope(key), [own, contoso.aobo("northwind-" + key, NORTHWIND, scope(key), start)]


def northwind_export(form, at, grants):
    if form == "cli":
        return f"az role assignment list --all --subscription {at.rpartition('/')[2]} -o json", [cli_assignment(g, at) for g in grants]
    records = [assignment(g, at) for g in grants]
    if form == "resource-graph":
        return QUERY.format(at.rpartition("/")[2], "roleassignments"), [graph_row(r, at) for r in records]
    ask = PS_ASK if form == "powershell" else REST_ASK
    return ask.format(at, KIND["role-assignments"]), records


FORMS = {"rest": rest, "cli": cli, "powershell": powershell, "resource-graph": resource_graph}


# ---- files ------------------------------------------------------------------------------------------------------
def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def envelope(taken, tenant, at, command, value, start=None):
    return {"taken_at": taken, "tenant_id": tenant, "scope": at, **({"start": start} if start else {}), "command": command,
            "value": value}


def place(at, tenant):
    if at in SUBSCRIPTIONS:
        return SUBSCRIPTIONS[at][2]
    return "tenant" if at == "/" else "group-root" if at.endswith(tenant) else "group-" + at.rpartition("/")[2]


def write_form(out, form):
    ask = FORMS[form]
    for tenant in (ADATUM, FABRIKAM):
        home = out / contoso.CUSTOMERS[tenant][6]
        for taken in RUNS:
            run = home / taken[:10]
            for at in subscriptions_of(tenant):
                for kind in ("role-assignments", "role-definitions", "deny-assignments", "pim-active", "pim-eligible", "lighthouse"):
                    if kind == "role-definitions" and taken != RUNS[-1]:
                        continue
                    write(run / place(at, tenant) / f"{kind}.json", envelope(taken, tenant, at, *ask(kind, at, tenant, taken)))
            for at, kind, command, value in group_exports(form, tenant, taken):
                write(run / place(at, tenant) / f"{kind}.json", envelope(taken, tenant, at, command, value))
        for at in subscriptions_of(tenant):
            denied = ask("deny-assignments", at, tenant, BEFORE)
            write(home / BEFORE[:10] / place(at, tenant) / "deny-assignments.json", envelope(BEFORE, tenant, at, *denied))
        for at in [*subscriptions_of(tenant), *groups_of(tenant), "/"]:
            command, value = log_of(form, at, tenant) if at != "/" else (REST_ASK.format("", KIND["activity-log"]), [])
            write(home / LOG[1][:10] / place(at, tenant) / "activity-log.json", envelope(LOG[1], tenant, at, command, value, LOG[0]))
    for number, (tenant, link) in enumerate(links(), 1):
        command = (PS_ASK if form == "powershell" else REST_ASK).format("", "Microsoft.ManagementPartner/partners?api-version=2018-02-01")
        if form == "cli":
            command, link = "az managementpartner show -o json", flat(link)
        write(out / "partner-links" / f"{number}.json", envelope(RUNS[-1], tenant, "/", command, [link]))
    for taken, at, grants in northwind(form):
        value = envelope(taken, NORTHWIND, at, *northwind_export(form, at, grants))
        write(out / "northwind" / taken[:10] / place(at, NORTHWIND) / "role-assignments.json", value)


def write_history(out):
    more = {"grants": list(GRANTS), "observed": list(HISTORY["observed"])}
    for taken, at, grants in northwind("history"):
        more["observed"].append({"tenant_id": NORTHWIND, "scope": at, "start": taken, "end": taken})
        more["grants"] += [g for g in grants if g not in more["grants"]]
    write(out / "access.json", HISTORY | more)


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--out", type=Path, required=True, metavar="DIR")
    out = options.parse_args().out
    for form in (*FORMS, "history"):
        if form == "history":
            write_history(out / form)
        else:
            write_form(out / form, form)
        print(f"{out / form}: {sum(1 for path in (out / form).rglob('*.json'))} files")


if __name__ == "__main__":
    main()
