// A typed use of everything; it is compiled, never run.

import { createReadStream } from 'node:fs'

import {
  Access, Calculator, Partner, PecError, Prices, advise, explain, history, inspect, loadAccess, loadPartner, loadPrices, reconcile,
  report, statement, whatIf,
} from 'azure-pec'
import type {
  AccessHistory, Advice, CalculatorInput, Credit, DayExplanation, Decimal, Fault, GroupKey, Inspection, PartnerFile, Policy,
  PriceRow, Progress, Reconciliation, Statement, SubscriptionExplanation, Suggestions, Usage, UsageLine, WhatIf,
} from 'azure-pec'

const controller = new AbortController()
const signal: AbortSignal = controller.signal
const onProgress = ({ read, total }: Progress): void => console.log(read, total)

const policy: Policy = { absence: 'assume', unlisted_role: { 'b24988ac-6180-42a0-ab88-20f7382dd24c': 'earns' } }
const access: Access = await loadAccess(['a.json', 'b.json'], { takenAt: '2026-11-01T00:00:00Z', base: '/x', signal })
const prices: Prices = await loadPrices('prices', { onProgress })
const partner: Partner = await loadPartner('partner.json')
const input: CalculatorInput = { access, prices, partner, policy, policyFile: 'policy.toml', rule: 'rule.json' }
const calculator: Calculator = await new Calculator(input).ready()

const kept: AccessHistory = await history('access', { out: 'access.json' })
await loadAccess(kept)
const file: PartnerFile = { schema: 'azure-pec/partner/1', bill_to: { partner_id: '1111111' } }
await loadPartner(file)
const row: PriceRow = { product_id: 'P', sku_id: '1', market: 'DE', currency: 'USD', unit_price: '0.045' }
await loadPrices([row])

const by: GroupKey[] = ['customer', 'month']
const month: Statement = await calculator.evaluate(['usage', 'more.csv.gz'], {
  by, from: '2026-10-01', to: '2026-10-31', usage: 'usage.daily_rated', allowRejected: 1, rejects: 'rejects.csv', threads: 2,
  groups: 'groups.csv', lines: 'lines.csv', maxMemory: 1 << 30, base: '/x', signal, onProgress,
})
const missed: Decimal | undefined = month.body.totals[0]?.missed
const customer: string | undefined = month.body.groups?.[0]?.customer
const day: DayExplanation = await calculator.explain('usage', { resource: '/subscriptions/x', date: '2026-10-12' })
const days: SubscriptionExplanation = await calculator.explain('usage', { subscription: 'x', since: '2026-10-01' })
const bill: Reconciliation = await calculator.reconcile('month', { out: 'dispute.zip', signal })

const bytes = new Uint8Array()
const both: Usage = ['usage', bytes]
const ofArrow: Statement = await calculator.evaluate(bytes, { by, signal })
const table: Uint8Array = await calculator.lines(both, { from: '2026-10-01', amounts: 'string', allowRejected: 1, signal })
for await (const piece of calculator.linesStream(bytes)) console.log(piece.length)
const lines: UsageLine[] = [{ date: '2026-10-05', quantity: '24', list_price: '0.23' }, { date: '2026-10-05', quantity: 24n }]
const credits: Credit[] = await calculator.evaluateLines(lines)
const streamed: Statement = await calculator.evaluateStream(createReadStream('usage.csv'), { name: 'usage.csv', by, signal })
await calculator.evaluateStream(lines)
await calculator.evaluateStream((async function* () { yield* lines })(), { from: '2026-10-01' })

const whole: Statement = await statement('month', { by, policy, takenAt: '2026-11-01T00:00:00Z' })
const why: DayExplanation = await explain('month', { resource: '/subscriptions/x', date: '2026-10-12' }, { policy })
const broke: SubscriptionExplanation = await explain('month', { subscription: 'x' })
const changed: WhatIf = await calculator.whatIf('usage', { revoke: ['id=x'], grant: [{ role: 'Owner', scope: '/' }], signal })
const best: Suggestions | undefined = (await whatIf('month', { suggest: true, service: ['patching'] })).body.suggestions?.[0]
const advice: Advice = await advise('month', { service: ['patching'] })
const page: string = await report('month', { out: 'report.html', policy, signal })
const billed: Reconciliation = await reconcile('month', { policy, signal })
const there: Inspection = await inspect('month', { usage: 'usage.focus' })

try {
  await calculator.ready()
} catch (error) {
  if (error instanceof PecError) {
    const place: [string, string | null, number | null, string | null] = [error.code, error.file, error.line, error.column]
    const rejected: readonly Fault[] = error.rejected
    console.log(place, rejected, error.help, error.message)
  }
}

// @ts-expect-error: a number is no exact amount
lines.push({ date: '2026-10-05', quantity: 24 })
// @ts-expect-error: no such field
lines.push({ date: '2026-10-05', quantity: '24', price: '1' })
// @ts-expect-error: Arrow comes as bytes
await calculator.evaluate(new ArrayBuffer(8))
// @ts-expect-error: no such key
await calculator.evaluate('usage', { by: ['moon'] })
// @ts-expect-error: prices are no access
new Calculator({ access: prices })
// @ts-expect-error: a day needs its resource
await calculator.explain('usage', { date: '2026-10-12' })
// @ts-expect-error: policies are settled when a calculator is made
await calculator.evaluate('usage', { policy })

console.log(ofArrow, table, missed, customer, day.remedy?.says, days.breaks.length, bill.body.findings, credits, streamed, whole, why, broke,
  billed, page, there.broken, changed, best, advice)
