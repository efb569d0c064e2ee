#Requires -Version 7.2
#Requires -Modules Az.Accounts
<#
.SYNOPSIS
Exports what decides over partner earned credit in the tenant that Connect-AzAccount is logged in to. It only reads.
.DESCRIPTION
The same files as collect.sh: an export is {"taken_at", "tenant_id", "scope", "command", "value"}, and "start", "asked_at" in logs;
README.md says what each proves. The service is asked by Invoke-AzRestMethod, as Get-AzRoleAssignment leaves the dates out.
A file appears when it is whole. What could not be taken is listed at the end and in not-taken.txt, and the exit status is
1; the same command again takes what is missing.
.EXAMPLE
./collect.ps1 -Out access/adatum
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Out,
    [string[]] $Subscription,
    [ValidateRange(0, 1440)] [int] $WaitMinutes = 20,
    # The log holds 90.
    [ValidateRange(1, 89)] [int] $Days = 89
)
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$tenant = [string](Get-AzContext).Tenant.Id
$culture = [cultureinfo]::InvariantCulture
$missing = [System.Collections.Generic.List[string]]::new()
$count = @{ taken = 0; kept = 0 }

function Get-Now {
    [datetime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ', $culture)
}

# One GET, again where the service asks for patience.
function Get-Page([string] $Url) {
    $where = if ($Url.StartsWith('/')) { @{ Path = $Url } } else { @{ Uri = $Url } }
    foreach ($attempt in 1..3) {
        $answer = Invoke-AzRestMethod -Method GET @where
        if ($answer.StatusCode -eq 200) { return $answer.Content }
        if ($answer.StatusCode -notin 429, 500, 502, 503, 504 -or $attempt -eq 3) {
            throw "$($answer.StatusCode) $($answer.Content)"
        }
        Start-Sleep -Seconds (10 * $attempt)
    }
}

# The records on all pages of the addresses, each as the JSON text that came: PowerShell's own reading changes times.
function Get-Record([string[]] $Url, [switch] $Log) {
    $seen = [System.Collections.Generic.HashSet[string]]::new()
    foreach ($next in $Url) {
        while ($next) {
            $page = [System.Text.Json.Nodes.JsonNode]::Parse((Get-Page $next))
            $records = $page['value']
            if ($records -isnot [System.Text.Json.Nodes.JsonArray]) {
                $page.ToJsonString()
                break
            }
            for ($at = 0; $at -lt $records.Count; $at++) {
                $record = $records[$at]
                if ($Log) {
                    # Who changed something, from where, with which claims, is left out.
                    foreach ($key in 'caller', 'claims', 'httpRequest') { [void]$record.Remove($key) }
                }
                $text = $record.ToJsonString()
                # Two addresses may show the same record.
                if ($seen.Add($text)) { $text }
            }
            $next = [string]$page['nextLink']
        }
    }
}

function Add-Missing([string] $Name, $Problem) {
    $why = "$Problem" -replace '\s+', ' '
    $why = $why.Substring(0, [math]::Min(300, $why.Length))
    $missing.Add("${Name}: $why")
    Write-Warning "not taken: ${Name}: $why"
}

function Export-Answer([string] $Name, [string] $Scope, [string[]] $Url, [string] $TakenAt = (Get-Now), [string] $Start) {
    $file = Join-Path $Out $Name
    if (Test-Path -LiteralPath $file) {
        $count.kept++
        return
    }
    [void](New-Item -ItemType Directory -Force -Path (Split-Path $file))
    $asked = Get-Now
    try {
        $records = @(Get-Record $Url -Log:([bool]$Start))
        $command = ($Url | ForEach-Object { "Invoke-AzRestMethod -Method GET -Path $_" }) -join ' ; '
        $fields = @("`"taken_at`": `"$TakenAt`"", "`"tenant_id`": `"$tenant`"", "`"scope`": $(ConvertTo-Json $Scope)")
        if ($Start) { $fields += "`"start`": `"$Start`"", "`"asked_at`": `"$asked`"" }
        $fields += "`"command`": $(ConvertTo-Json $command)"
        $fields += "`"value`": [`n$($records -join ",`n")`n]"
        Set-Content -LiteralPath "$file.part" -Value "{$($fields -join ",`n")}" -Encoding utf8NoBOM
        Move-Item -LiteralPath "$file.part" -Destination $file
        $count.taken++
    } catch {
        Remove-Item -LiteralPath "$file.part" -ErrorAction Ignore
        Add-Missing $Name $_
    }
}

# A field of a list's records, of those that say no other tenant.
function Get-Field([string] $Url, [string] $Name) {
    foreach ($text in @(Get-Record $Url)) {
        $record = [System.Text.Json.Nodes.JsonNode]::Parse($text)
        if ($null -eq $record['tenantId'] -or [string]$record['tenantId'] -eq $tenant) { [string]$record[$Name] }
    }
}

$authorization = 'providers/Microsoft.Authorization'
$events = 'providers/Microsoft.Insights/eventtypes/management/values'
$delegations = 'providers/Microsoft.ManagedServices/registrationAssignments?api-version=2022-10-01&$expandRegistrationDefinition=true'

if (-not $Subscription) {
    # Those that another tenant delegated to this one stand in the list too: they are that tenant's.
    $Subscription = @(Get-Field '/subscriptions?api-version=2022-12-01' 'subscriptionId' | Sort-Object)
}
$groups = @()
try {
    $groups = @(Get-Field '/providers/Microsoft.Management/managementGroups?api-version=2021-04-01' 'name' | Sort-Object)
} catch {
    Add-Missing 'groups (the list of management groups)' $_
}
Write-Information "tenant ${tenant}: $($Subscription.Count) subscriptions, $($groups.Count) management groups" -InformationAction Continue

# ---- snapshots: what is there now
function Export-Grant([string] $Folder, [string] $Scope, [string] $Filter) {
    $at = "$Scope/$authorization"
    Export-Answer "$Folder/role-assignments.json" $Scope "$at/roleAssignments?api-version=2022-04-01$Filter"
    Export-Answer "$Folder/deny-assignments.json" $Scope "$at/denyAssignments?api-version=2022-04-01$Filter"
    Export-Answer "$Folder/pim-active.json" $Scope "$at/roleAssignmentScheduleInstances?api-version=2020-10-01$Filter"
    Export-Answer "$Folder/pim-eligible.json" $Scope "$at/roleEligibilityScheduleInstances?api-version=2020-10-01$Filter"
}

foreach ($group in $groups) {
    $scope = "/providers/Microsoft.Management/managementGroups/$group"
    Export-Grant "groups/$group" $scope '&$filter=atScope()'
    Export-Answer "groups/$group/management-group.json" $scope "${scope}?api-version=2021-04-01&`$expand=children&`$recurse=true"
}
foreach ($id in $Subscription) {
    $scope = "/subscriptions/$id"
    Export-Grant "subscriptions/$id" $scope ''
    Export-Answer "subscriptions/$id/role-definitions.json" $scope "$scope/$authorization/roleDefinitions?api-version=2022-04-01"
    # Delegations are made at the subscription or at a resource group, and each is asked for its own.
    try {
        $places = @(Get-Field "$scope/resourcegroups?api-version=2021-04-01" 'name' | Sort-Object)
        $urls = @("$scope/$delegations") + @($places | ForEach-Object { "$scope/resourceGroups/$_/$delegations" })
        Export-Answer "subscriptions/$id/lighthouse.json" $scope $urls
    } catch {
        Add-Missing "subscriptions/$id/lighthouse.json" $_
    }
}
# The link of whoever runs this; others are seen by themselves only.
Export-Answer 'partner-link.json' '/' '/providers/Microsoft.ManagementPartner/partners?api-version=2018-02-01'

# ---- logs: what happened. Events arrive minutes late, so a log is asked for after a while and proves nothing later than
# the snapshots.
$end = Get-Now
$start = [datetime]::UtcNow.AddDays(-$Days).ToString('yyyy-MM-ddTHH:mm:ssZ', $culture)
Write-Information "logs from $start to $end, asked for in $WaitMinutes minutes: events arrive late" -InformationAction Continue
Start-Sleep -Seconds (60 * $WaitMinutes)

$span = "`$filter=eventTimestamp%20ge%20'$start'%20and%20eventTimestamp%20le%20'$end'"
foreach ($id in $Subscription) {
    # Resources: deleted resource groups and moves.
    $urls = foreach ($provider in 'Authorization', 'ManagedServices', 'Management', 'Resources') {
        "/subscriptions/$id/${events}?api-version=2015-04-01&$span%20and%20resourceProvider%20eq%20'Microsoft.$provider'"
    }
    Export-Answer "subscriptions/$id/activity-log.json" "/subscriptions/$id" $urls -TakenAt $end -Start $start
}
foreach ($group in $groups) {
    $scope = "/providers/Microsoft.Management/managementGroups/$group"
    Export-Answer "groups/$group/activity-log.json" $scope "$scope/${events}?api-version=2017-03-01-preview&$span" -TakenAt $end -Start $start
}
$channels = "%20and%20eventChannels%20eq%20'Admin,%20Operation'"
Export-Answer 'tenant/activity-log.json' '/' "/${events}?api-version=2015-04-01&$span$channels" -TakenAt $end -Start $start

# ----
Write-Information "$($count.taken) exports taken, $($count.kept) there already, $($missing.Count) not taken" -InformationAction Continue
Remove-Item -LiteralPath (Join-Path $Out 'not-taken.txt') -ErrorAction Ignore
if ($missing.Count) {
    Set-Content -LiteralPath (Join-Path $Out 'not-taken.txt') -Value $missing -Encoding utf8NoBOM
    exit 1
}
