#!/usr/bin/env python3
"""Tries collect.sh against a made-up az: no Azure, no network.

    python3 test.py

The az put on PATH answers from PAGES, refuses what is in REFUSED, and writes down every call.
"""
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from urllib.parse import unquote

HERE = Path(__file__).resolve().parent
TENANT, OTHER = "7e4a0701-61d3-4b8e-a2c5-9f30d1b7c001", "7e4a0702-61d3-4b8e-a2c5-9f30d1b7c002"
ONE, TWO, FOREIGN = (f"5b0a1ca{n}-7d3e-4f60-9a11-2f6c0d5e0a{n}0" for n in (1, 2, 3))
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

FAKE = r'''#!@PYTHON@ -IS
import json, os, sys
from pathlib import Path
state = Path(os.environ["FAKE_AZ"])
arguments = sys.argv[1:]
with open(state / "calls", "a", encoding="utf-8") as calls:
    calls.write(json.dumps(arguments) + "\n")
if arguments[:2] == ["account", "show"]:
    print("@TENANT@")
    sys.exit()
if arguments[:3] != ["rest", "--method", "get"]:
    sys.exit("ERROR: this az only reads")
url = arguments[arguments.index("--url") + 1]
path = url.removeprefix("https://management.azure.com").split("?")[0]
refused = json.loads((state / "refused").read_text())
for part, answers in refused.items():
    if part in path and answers:
        (state / "refused").write_text(json.dumps(refused | {part: answers[1:] if len(answers) > 1 else answers}))
        if answers[0]:
            print('{"value": [{"half": ', end="")
            sys.exit("ERROR: " + answers[0])
pages = json.loads((state / "pages").read_text())
page = url.partition("$skiptoken=")[2]
print(json.dumps(pages.get(path + ("#" + page if page else ""), {"value": []}), indent=2))
'''


def assignment(name):
    return {"properties": {"createdOn": "2023-08-23T13:05:57.6621925Z"}, "id": "/x/" + name, "name": name}


def next_link(path, page):
    return f"https://management.azure.com{path}?api-version=2022-04-01&$skiptoken={page}"


SUBSCRIPTIONS = "/subscriptions"
GROUPS = "/providers/Microsoft.Management/managementGroups"
ASSIGNMENTS = f"/subscriptions/{ONE}/providers/Microsoft.Authorization/roleAssignments"
LOG = f"/subscriptions/{ONE}/providers/Microsoft.Insights/eventtypes/management/values"
EVENT = {"eventDataId": "e1", "caller": "someone@adatum.com", "claims": {"name": "Someone"},
         "httpRequest": {"clientIpAddress": "192.0.2.1"}, "properties": {"requestbody": "{}"}}
PAGES = {
    SUBSCRIPTIONS: {"value": [{"subscriptionId": TWO, "tenantId": TENANT}, {"subscriptionId": ONE, "tenantId": TENANT},
                              {"subscriptionId": FOREIGN, "tenantId": OTHER}]},
    GROUPS: {"value": [{"name": TENANT}], "nextLink": next_link(GROUPS, "2")},
    GROUPS + "#2": {"value": [{"name": "landing-zones"}]},
    f"{GROUPS}/landing-zones": {"id": f"{GROUPS}/landing-zones", "name": "landing-zones", "properties": {"children": None}},
    ASSIGNMENTS: {"value": [assignment("a"), assignment("b")], "nextLink": next_link(ASSIGNMENTS, "p2")},
    ASSIGNMENTS + "#p2": {"value": [], "nextLink": next_link(ASSIGNMENTS, "p3")},
    ASSIGNMENTS + "#p3": {"value": [assignment("c"), assignment("Köln")]},
    f"/subscriptions/{ONE}/resourcegroups": {"value": [{"name": "managed-rg"}, {"name": "a(b)"}]},
    f"/subscriptions/{ONE}/resourceGroups/managed-rg/providers/Microsoft.ManagedServices/registrationAssignments":
        {"value": [{"name": "delegation"}]},
    LOG: {"value": [EVENT]},
    "/providers/Microsoft.ManagementPartner/partners": {"name": "1111111", "properties": {"partnerId": "1111111"}},
}


class Collector:
    """A folder with the made-up az, and what collect.sh leaves in it."""

    def __init__(self, folder):
        self.state, self.out = Path(folder), Path(folder) / "out"
        az = self.state / "bin" / "az"
        az.parent.mkdir()
        az.write_text(FAKE.replace("@PYTHON@", sys.executable).replace("@TENANT@", TENANT))
        az.chmod(az.stat().st_mode | stat.S_IXUSR)

    def run(self, *more, refused=None, pages=None):
        (self.state / "refused").write_text(json.dumps(refused or {}))
        (self.state / "pages").write_text(json.dumps(PAGES | (pages or {})))
        (self.state / "calls").write_text("")
        path = f"{self.state / 'bin'}:{os.environ['PATH']}"
        command = ["bash", HERE / "collect.sh", "--out", self.out, "--wait", "0", *more]
        return subprocess.run(command, text=True, check=False, capture_output=True,
                              env=os.environ | {"PATH": path, "FAKE_AZ": str(self.state), "COLLECT_PAUSE": "0"})

    def calls(self):
        return [json.loads(line) for line in (self.state / "calls").read_text().splitlines()]

    def urls(self):
        return [unquote(call[call.index("--url") + 1]) for call in self.calls() if call[0] == "rest"]

    def exports(self):
        return {str(path.relative_to(self.out)): json.loads(path.read_text(encoding="utf-8")) for path in self.out.rglob("*.json")}


class WhenAllGoesWell(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        collector = Collector(folder.name)
        cls.ended = collector.run()
        cls.calls, cls.urls, cls.exports = collector.calls(), collector.urls(), collector.exports()

    def test_only_reads(self):
        self.assertEqual(self.ended.returncode, 0, self.ended.stderr)
        for call in self.calls:
            self.assertIn(call[:3], (["rest", "--method", "get"], ["account", "show", "--query"]), call)
            self.assertNotIn("--body", call)
            self.assertNotIn("get-access-token", call)

    def test_takes_everything_of_its_own_tenant(self):
        grants = ["role-assignments", "deny-assignments", "pim-active", "pim-eligible"]
        wanted = {"partner-link.json", "tenant/activity-log.json"}
        for one in (ONE, TWO):
            wanted |= {f"subscriptions/{one}/{name}.json" for name in grants + ["role-definitions", "lighthouse", "activity-log"]}
        for group in (TENANT, "landing-zones"):
            wanted |= {f"groups/{group}/{name}.json" for name in grants + ["management-group", "activity-log"]}
        self.assertEqual(set(self.exports), wanted)
        self.assertFalse([url for url in self.urls if FOREIGN in url])

    def test_envelopes(self):
        for name, export in self.exports.items():
            log = name.endswith("activity-log.json")
            keys = ["taken_at", "tenant_id", "scope"] + ["start", "asked_at"] * log + ["command", "value"]
            self.assertEqual(list(export), keys, name)
            self.assertRegex(export["taken_at"], TIME)
            self.assertEqual(export["tenant_id"], TENANT)
            self.assertIsInstance(export["value"], list)
            self.assertTrue(export["command"].startswith("az rest --method get --url /"), export["command"])
            kind, _, rest = name.partition("/")
            scope = {"subscriptions": "/subscriptions/", "groups": GROUPS + "/"}.get(kind, "/") + rest.partition("/")[0]
            self.assertEqual(export["scope"], scope if kind in ("subscriptions", "groups") else "/", name)

    def test_follows_pages_and_keeps_every_digit(self):
        value = self.exports[f"subscriptions/{ONE}/role-assignments.json"]["value"]
        self.assertEqual([row["name"] for row in value], ["a", "b", "c", "Köln"])
        self.assertEqual(value[0]["properties"]["createdOn"], "2023-08-23T13:05:57.6621925Z")

    def test_asks_each_resource_group_for_its_delegations(self):
        self.assertEqual(self.exports[f"subscriptions/{ONE}/lighthouse.json"]["value"], [{"name": "delegation"}])
        asked = [url for url in self.urls if "registrationAssignments" in url and ONE in url]
        self.assertEqual(len(asked), 3)
        self.assertTrue(all("$expandRegistrationDefinition=true" in url for url in asked), asked)

    def test_a_lone_answer_is_one_record(self):
        self.assertEqual(len(self.exports["partner-link.json"]["value"]), 1)
        self.assertEqual(self.exports["groups/landing-zones/management-group.json"]["value"][0]["name"], "landing-zones")

    def test_logs_come_last_and_prove_nothing_later_than_what_was_waited_for(self):
        exports = self.exports
        logs = {name: export for name, export in exports.items() if "start" in export}
        self.assertEqual(len(logs), 5)
        newest = max(export["taken_at"] for name, export in exports.items() if name not in logs)
        for name, export in logs.items():
            self.assertLessEqual(newest, export["taken_at"], name)
            self.assertLess(export["start"], export["taken_at"])
            self.assertLessEqual(export["taken_at"], export["asked_at"])
            self.assertIn(f"eventTimestamp%20ge%20'{export['start']}'", export["command"])
            self.assertIn(f"eventTimestamp%20le%20'{export['taken_at']}'", export["command"])
        urls = self.urls
        first_log = min(at for at, url in enumerate(urls) if "eventtypes" in url)
        self.assertTrue(all("eventtypes" in url for url in urls[first_log:]))
        of_one = " ".join(url for url in urls if LOG in url)
        for provider in ("Authorization", "ManagedServices", "Management", "Resources"):
            self.assertIn(f"resourceProvider eq 'Microsoft.{provider}'", of_one)

    def test_an_event_shown_twice_is_kept_once_and_names_nobody(self):
        value = self.exports[f"subscriptions/{ONE}/activity-log.json"]["value"]
        self.assertEqual(value, [{"eventDataId": "e1", "properties": {"requestbody": "{}"}}])


class WhenNot(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.collector = Collector(folder.name)
        self.out, self.run_collect, self.exports = self.collector.out, self.collector.run, self.collector.exports

    def test_a_refused_export_leaves_no_file_and_is_listed(self):
        refused = {f"{TWO}/providers/Microsoft.Authorization/roleAssignments": ["Forbidden: AuthorizationFailed"]}
        run = self.run_collect(refused=refused)
        self.assertEqual(run.returncode, 1)
        name = f"subscriptions/{TWO}/role-assignments.json"
        self.assertFalse([path for path in self.out.rglob("*") if str(path).startswith(str(self.out / name))])
        self.assertIn(f"{name}: ERROR: Forbidden: AuthorizationFailed", (self.out / "not-taken.txt").read_text())
        self.assertIn(name, run.stderr)
        self.assertIn(f"subscriptions/{TWO}/role-definitions.json", self.exports())

    def test_a_page_that_fails_or_is_cut_off_fails_the_export(self):
        pages = {ASSIGNMENTS + "#p2": "half"}
        run = self.run_collect(pages=pages)
        self.assertEqual(run.returncode, 1)
        self.assertNotIn(f"subscriptions/{ONE}/role-assignments.json", self.exports())
        self.assertFalse(list(self.out.rglob("*.part")))

    def test_patience(self):
        refused = {f"{ONE}/providers/Microsoft.Authorization/denyAssignments": ["(429) Too Many Requests", ""]}
        run = self.run_collect(refused=refused)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn(f"subscriptions/{ONE}/deny-assignments.json", self.exports())

    def test_the_same_command_again_takes_what_is_missing(self):
        refused = {f"{ONE}/resourcegroups": ["Forbidden"]}
        self.assertEqual(self.run_collect(refused=refused).returncode, 1)
        before = self.exports()
        run = self.run_collect()
        self.assertEqual(run.returncode, 0, run.stderr)
        after = self.exports()
        self.assertEqual(set(after) - set(before), {f"subscriptions/{ONE}/lighthouse.json"})
        self.assertEqual({name: after[name] for name in before}, before)
        self.assertFalse((self.out / "not-taken.txt").exists())

    def test_groups_that_may_not_be_seen(self):
        run = self.run_collect("--subscription", ONE, refused={GROUPS: ["Forbidden"]})
        self.assertEqual(run.returncode, 1)
        self.assertIn("groups (the list of management groups): ERROR: Forbidden", (self.out / "not-taken.txt").read_text())
        self.assertFalse([name for name in self.exports() if TWO in name])
        self.assertEqual(len(self.exports()), 9)

    def test_wrong_usage(self):
        run = subprocess.run(["bash", HERE / "collect.sh"], capture_output=True, check=False)
        self.assertEqual(run.returncode, 2)


if __name__ == "__main__":
    unittest.main()
