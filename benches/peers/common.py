"""What the peers share: the access history as a small table."""
import csv
import json

GROUP = "/providers/microsoft.management/managementgroups/"


def partner(path):
    """The id of the partner that is billed."""
    with open(path) as file:
        return json.load(file)["bill_to"]["partner_id"]


def earning_roles(path):
    """The ids of the roles that earn, from the calculator's own table."""
    with open(path, newline="") as file:
        return {row["role_id"].lower() for row in csv.DictReader(file) if row["earns"] == "yes"}


def grants(path, roles, partner):
    """Subscription, scope, start and end of each grant that counts; one above subscriptions once for each of them."""
    with open(path) as file:
        history = json.load(file)
    parents = {entry["child"].lower(): entry["parent"].lower() for entry in history["hierarchy"]}
    below = {}
    for child in parents:
        if child.startswith("/subscriptions/"):
            above = parents.get(child)
            while above:
                below.setdefault(above, []).append(child)
                above = parents.get(above)
    for grant in history["grants"]:
        if grant["role_id"].lower() not in roles or grant["eligible_only"] or grant["partner_id"] != partner:
            continue
        scope = grant["scope"].lower()
        span = (grant["start"] or "1900-01-01T00:00:00Z", grant["end"] or "2200-01-01T00:00:00Z")
        scopes = [scope] if scope.startswith("/subscriptions/") else below.get(scope, [])
        for scope in scopes:
            yield (scope.split("/")[2], scope, span[0][:19], span[1][:19])
