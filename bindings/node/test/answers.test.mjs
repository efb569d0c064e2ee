// Answers are the command's, byte for byte.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'

import { CONTOSO, command, contoso, pec, printed } from './contoso.mjs'

test('a statement is the command\'s to the byte, of files and of what was loaded once', async () => {
  const expected = command('statement', CONTOSO, '--by', 'subscription,date', '--format', 'json')
  const whole = await pec.statement(CONTOSO, { by: ['subscription', 'date'] })
  assert.ok(printed(whole) === expected)
  const calculator = await contoso()
  const usage = await calculator.evaluate(`${CONTOSO}/usage`, { by: ['subscription', 'date'] })
  assert.ok(JSON.stringify(usage.body) === JSON.stringify(JSON.parse(expected).body))
  assert.equal(createHash('sha256').update(JSON.stringify(usage.body)).digest('hex'), usage.body_sha256)
  assert.equal(usage.body.totals[0].missed, '181.098')
  // Given the whole folder, every file is listed with what it was used for.
  const all = await calculator.evaluate(CONTOSO, { by: ['subscription', 'date'] })
  assert.ok(JSON.stringify(all.body) === JSON.stringify(usage.body))
  assert.deepEqual(all.inputs.map((file) => file.path), whole.inputs.map((file) => file.path))
})

test('days and policies are options', async () => {
  const args = ['--from', '2026-10-03', '--to', '2026-10-09', '--absence', 'assume', '--format', 'json']
  const days = { from: '2026-10-03', to: '2026-10-09' }
  const expected = command('statement', CONTOSO, ...args)
  assert.ok(printed(await pec.statement(CONTOSO, { ...days, policy: { absence: 'assume' } })) === expected)
  const calculator = await contoso({ policy: { absence: 'assume', unlisted_role: {} } })
  const { body } = await calculator.evaluate(`${CONTOSO}/usage`, { ...days, threads: 1 })
  assert.ok(JSON.stringify(body) === JSON.stringify(JSON.parse(expected).body))
})

test('explanations are the command\'s', async () => {
  const calculator = await contoso()
  const subscription = 'fabrikam-just-in-time'
  const month = await pec.explain(CONTOSO, { subscription })
  assert.ok(printed(month) === command('explain', CONTOSO, '--subscription', subscription, '--format', 'json'))
  assert.deepEqual(await calculator.explain(CONTOSO, { subscription }), month)
  const of = { resource: month.breaks[0].resource, date: month.breaks[0].first }
  const day = await pec.explain(CONTOSO, of)
  const expected = command('explain', CONTOSO, '--resource', of.resource, '--date', of.date, '--format', 'json')
  assert.ok(printed(day) === expected)
  assert.deepEqual((await calculator.explain(`${CONTOSO}/usage`, of)).remedy, day.remedy)
})

test('a bill is reconciled as the command does it', async () => {
  for (const month of ['clean', 'breaks/1-withheld']) {
    const folder = `examples/contoso-reconcile/${month}`
    const expected = command('reconcile', folder, '--format', 'json')
    assert.ok(printed(await pec.reconcile(folder)) === expected)
    const [access, prices, partner] =
      await Promise.all([pec.loadAccess(folder), pec.loadPrices(folder), pec.loadPartner(folder)])
    const { body } = await new pec.Calculator({ access, prices, partner }).reconcile(folder)
    assert.deepEqual(body, JSON.parse(expected).body)
  }
})

test('files are inspected and histories put together as the command does it', async () => {
  assert.ok(printed(await pec.inspect(CONTOSO)) === command('inspect', CONTOSO, '--format', 'json'))
  const folder = mkdtempSync(join(tmpdir(), 'pec-'))
  try {
    command('history', CONTOSO, '--out', join(folder, 'command.json'))
    const history = await pec.history(CONTOSO, { out: join(folder, 'node.json') })
    const expected = readFileSync(join(folder, 'command.json'), 'utf8')
    assert.ok(printed(history) === expected && readFileSync(join(folder, 'node.json'), 'utf8') === expected)
    // A history in memory is as good as its file.
    const calculators = await Promise.all([history, folder + '/node.json'].map(async (from) =>
      new pec.Calculator({ access: await pec.loadAccess(from) })))
    const [one, two] = await Promise.all(calculators.map((each) => each.evaluate(`${CONTOSO}/usage`)))
    assert.deepEqual(one.body, two.body)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('tables are written beside the answer', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pec-'))
  try {
    const [groups, lines] = ['groups.csv', 'lines.csv'].map((name) => join(folder, name))
    await (await contoso()).evaluate(`${CONTOSO}/usage`, { by: ['month'], groups, lines })
    assert.match(readFileSync(groups, 'utf8'), /^month,currency,outcome,reason,lines,/)
    assert.match(readFileSync(lines, 'utf8'), /^file,line,date,customer_id,/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a report is the page that the command writes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pec-'))
  try {
    command('report', CONTOSO, '--out', join(folder, 'command.html'))
    const page = await pec.report(CONTOSO, { out: join(folder, 'own.html') })
    assert.ok(page === readFileSync(join(folder, 'command.html'), 'utf8'))
    assert.ok(page === readFileSync(join(folder, 'own.html'), 'utf8'))
    await assert.rejects(pec.report(CONTOSO, { out: join(folder, 'none/own.html') }), { code: 'output.write_failed' })
    await assert.rejects(pec.report(CONTOSO, { by: ['month'] }), { code: 'usage.arguments' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
