#!/usr/bin/env bash
# Exports what decides over partner earned credit in the tenant that `az` is logged in to. It only reads.
#
#     collect.sh --out DIR [--subscription ID]... [--wait MINUTES] [--days DAYS]
#
# An export is a file {"taken_at", "tenant_id", "scope", "command", "value"}, in logs with "start" and "asked_at"; README.md
# says what each proves. A file appears when it is whole. What could not be taken is listed at the end and in
# DIR/not-taken.txt, and the exit status is 1; the same command again takes what is missing. Needs az (logged in), python3
# and bash 4.4.
set -euo pipefail

out='' wait_minutes=20 days=89 subscriptions=()
while (($#)); do
  case $1 in
    --out) out=${2:?} ;;
    --subscription) subscriptions+=("${2:?}") ;;
    --wait) wait_minutes=${2:?} ;;
    --days) days=${2:?} ;; # the log holds 90
    *) echo "collect.sh: unknown argument $1" >&2; exit 2 ;;
  esac
  shift 2
done
[[ -n $out ]] || { echo "usage: collect.sh --out DIR [--subscription ID]... [--wait MINUTES] [--days DAYS]" >&2; exit 2; }

mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
taken=0 kept=0 missing=()

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }
say() { echo "$(now) $*" >&2; }

# One GET, again where the service asks for patience.
get() { # URL FILE
  local attempt
  for attempt in 1 2 3; do
    az rest --method get --url "$1" --output json >"$2" 2>"$work/error" && return
    grep -qiE 'too many requests|throttl|429|503|timed out' "$work/error" || return 1
    sleep $((attempt * ${COLLECT_PAUSE:-10}))
  done
  return 1
}

next_page() { # FILE
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1], encoding="utf-8")).get("nextLink") or "")' "$1"
}

# All pages of the addresses, as $work/pages/1.json, 2.json ...
pages() { # URL...
  local url page=0
  rm -rf "$work/pages"
  mkdir "$work/pages"
  for url in "$@"; do
    while [[ -n $url ]]; do
      page=$((page + 1))
      get "$url" "$work/pages/$page.json" || return 1
      url=$(next_page "$work/pages/$page.json" 2>"$work/error") || return 1
    done
  done
}

# The pages' records in one envelope. Who changed something, from where, with which claims, is left out of logs.
envelope() { # TAKEN_AT SCOPE START URL...
  python3 - "$work/pages" "$tenant" "$asked_at" "$@" <<'PY'
import json, pathlib, sys
folder, tenant, asked_at, taken_at, scope, start, *urls = sys.argv[1:]
records = {}
for path in sorted(pathlib.Path(folder).iterdir(), key=lambda path: int(path.stem)):
    page = json.loads(path.read_text(encoding="utf-8"))
    for record in page["value"] if isinstance(page.get("value"), list) else [page]:
        if start:
            record = {key: value for key, value in record.items() if key not in ("caller", "claims", "httpRequest")}
        records[json.dumps(record, sort_keys=True)] = record  # two addresses may show the same record
envelope = {"taken_at": taken_at, "tenant_id": tenant, "scope": scope}
if start:
    envelope["start"], envelope["asked_at"] = start, asked_at
envelope["command"] = " ; ".join("az rest --method get --url " + url for url in urls)
json.dump(envelope | {"value": list(records.values())}, sys.stdout, indent=1, ensure_ascii=False)
print()
PY
}

not_taken() { # NAME
  local why
  why=$(tr -cd '[:print:]\n' <"$work/error" | grep -m1 . | cut -c1-300) || why='no reason given'
  missing+=("$1: $why")
  say "not taken: $1: $why"
}

take() { # NAME TAKEN_AT SCOPE START URL...
  local name=$1
  shift
  if [[ -e $out/$name ]]; then
    kept=$((kept + 1))
    return
  fi
  mkdir -p "$(dirname "$out/$name")"
  asked_at=$(now)
  if pages "${@:4}" && envelope "$@" >"$out/$name.part" 2>"$work/error"; then
    mv "$out/$name.part" "$out/$name"
    taken=$((taken + 1))
  else
    rm -f "$out/$name.part"
    not_taken "$name"
  fi
}

snapshot() { take "$1" "$(now)" "$2" '' "${@:3}"; } # NAME SCOPE URL...
log() { take "$1" "$log_end" "$2" "$log_start" "${@:3}"; }

# A field of the pages' records, one a line; of those whose KEY has the VALUE.
field() { # NAME [KEY VALUE]
  python3 - "$work/pages" "$@" <<'PY'
import json, pathlib, sys
folder, name, *where = sys.argv[1:]
for path in pathlib.Path(folder).iterdir():
    for record in json.loads(path.read_text(encoding="utf-8")).get("value", []):
        if not where or record.get(where[0]) == where[1]:
            print(record[name])
PY
}

tenant=$(az account show --query tenantId --output tsv)
authorization=providers/Microsoft.Authorization
events=providers/Microsoft.Insights/eventtypes/management/values

if ((${#subscriptions[@]} == 0)); then
  pages '/subscriptions?api-version=2022-12-01' || { cat "$work/error" >&2; exit 1; }
  # Those that another tenant delegated to this one stand in the list too: they are that tenant's.
  mapfile -t subscriptions < <(field subscriptionId tenantId "$tenant" | sort)
fi
groups=()
if pages '/providers/Microsoft.Management/managementGroups?api-version=2021-04-01'; then
  mapfile -t groups < <(field name | sort)
else
  not_taken 'groups (the list of management groups)'
fi
say "tenant $tenant: ${#subscriptions[@]} subscriptions, ${#groups[@]} management groups"

# ---- snapshots: what is there now
grants() { # FOLDER SCOPE FILTER
  local at=$2/$authorization
  snapshot "$1/role-assignments.json" "$2" "$at/roleAssignments?api-version=2022-04-01$3"
  snapshot "$1/deny-assignments.json" "$2" "$at/denyAssignments?api-version=2022-04-01$3"
  snapshot "$1/pim-active.json" "$2" "$at/roleAssignmentScheduleInstances?api-version=2020-10-01$3"
  snapshot "$1/pim-eligible.json" "$2" "$at/roleEligibilityScheduleInstances?api-version=2020-10-01$3"
}

for group in "${groups[@]}"; do
  scope=/providers/Microsoft.Management/managementGroups/$group
  grants "groups/$group" "$scope" "&\$filter=atScope()"
  snapshot "groups/$group/management-group.json" "$scope" "$scope?api-version=2021-04-01&\$expand=children&\$recurse=true"
done
for id in "${subscriptions[@]}"; do
  scope=/subscriptions/$id
  grants "subscriptions/$id" "$scope" ''
  snapshot "subscriptions/$id/role-definitions.json" "$scope" "$scope/$authorization/roleDefinitions?api-version=2022-04-01"
  # Delegations are made at the subscription or at a resource group, and each is asked for its own.
  delegations="providers/Microsoft.ManagedServices/registrationAssignments?api-version=2022-10-01&\$expandRegistrationDefinition=true"
  if pages "$scope/resourcegroups?api-version=2021-04-01"; then
    mapfile -t places < <(field name | sort)
    urls=("$scope/$delegations")
    for place in "${places[@]}"; do urls+=("$scope/resourceGroups/$place/$delegations"); done
    snapshot "subscriptions/$id/lighthouse.json" "$scope" "${urls[@]}"
  else
    not_taken "subscriptions/$id/lighthouse.json"
  fi
done
# The link of whoever runs this; others are seen by themselves only.
snapshot partner-link.json / '/providers/Microsoft.ManagementPartner/partners?api-version=2018-02-01'

# ---- logs: what happened. Events arrive minutes late, so a log is asked for after a while and proves nothing later than
# the snapshots.
log_end=$(now)
log_start=$(python3 -c 'import datetime as d, sys
end = d.datetime.strptime(sys.argv[1], "%Y-%m-%dT%H:%M:%SZ")
print((end - d.timedelta(days=int(sys.argv[2]))).strftime("%Y-%m-%dT%H:%M:%SZ"))' "$log_end" "$days")
say "logs from $log_start to $log_end, asked for in $wait_minutes minutes: events arrive late"
sleep $((wait_minutes * 60))

span="\$filter=eventTimestamp%20ge%20'$log_start'%20and%20eventTimestamp%20le%20'$log_end'"
for id in "${subscriptions[@]}"; do
  urls=()
  # Resources: deleted resource groups and moves.
  for provider in Authorization ManagedServices Management Resources; do
    urls+=("/subscriptions/$id/$events?api-version=2015-04-01&$span%20and%20resourceProvider%20eq%20'Microsoft.$provider'")
  done
  log "subscriptions/$id/activity-log.json" "/subscriptions/$id" "${urls[@]}"
done
for group in "${groups[@]}"; do
  scope=/providers/Microsoft.Management/managementGroups/$group
  log "groups/$group/activity-log.json" "$scope" "$scope/$events?api-version=2017-03-01-preview&$span"
done
log tenant/activity-log.json / "/$events?api-version=2015-04-01&$span%20and%20eventChannels%20eq%20'Admin,%20Operation'"

# ----
say "$taken exports taken, $kept there already, ${#missing[@]} not taken"
rm -f "$out/not-taken.txt"
if ((${#missing[@]})); then
  printf '%s\n' "${missing[@]}" | tee "$out/not-taken.txt" >&2
  exit 1
fi
