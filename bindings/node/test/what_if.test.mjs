// What-if and advice are the command's documents, byte for byte.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { CONTOSO, command, contoso, pec, printed } from './contoso.mjs'

const scope = '/subscriptions/5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30'

test('a what-if is the command\'s, of files and of what was loaded once', async () => {
  const grant = `role=Owner,scope=${scope},start=2026-10-12,end=2026-10-18`
  const expected = command('whatif', CONTOSO, '--grant', grant, '--format', 'json')
  const whole = await pec.whatIf(CONTOSO, { grant: [grant] })
  assert.ok(printed(whole) === expected)
  assert.equal(whole.body.difference.totals[0].earned, '19.872')
  const calculator = await contoso()
  const fields = { role: 'Owner', scope, start: '2026-10-12', end: '2026-10-18' }
  assert.ok(printed(await calculator.whatIf(CONTOSO, { grant: [fields] })) === expected)
  const suggested = command('whatif', CONTOSO, '--suggest', '--format', 'json')
  assert.ok(printed(await calculator.whatIf(CONTOSO, { suggest: true })) === suggested)
  const blocked = command('whatif', CONTOSO, '--set', 'deny=block', '--forecast', '--format', 'json')
  assert.ok(printed(await pec.whatIf(CONTOSO, { set: [{ deny: 'block' }], forecast: true })) === blocked)
})

test('an advice is the command\'s', async () => {
  const expected = command('advise', CONTOSO, '--service', 'log_analytics', '--format', 'json')
  assert.ok(printed(await pec.advise(CONTOSO, { service: ['log_analytics'] })) === expected)
  assert.ok(printed(await (await contoso()).advise(CONTOSO, { service: ['log_analytics'] })) === expected)
})

test('what is wrong has its code', async () => {
  await assert.rejects(pec.whatIf(CONTOSO, { grant: ['role=Overlord,scope=/'] }), { code: 'id.invalid' })
  await assert.rejects(pec.whatIf(CONTOSO, {}), { code: 'usage.arguments' })
})
