// Streams are worked off as they come.

import assert from 'node:assert/strict'
import { createReadStream, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { Readable } from 'node:stream'
import test from 'node:test'

import { CONTOSO, contoso, failure } from './contoso.mjs'

const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('azure-pec-')).length

test('a stream of bytes is a file', async () => {
  const calculator = await contoso()
  const before = left()
  for (const name of ['part_1_0001.csv', 'part_2_0001.csv.gz']) {
    const path = `${CONTOSO}/usage/${name}`
    const streamed = await calculator.evaluateStream(createReadStream(path), { by: ['subscription'], name })
    const { body } = await calculator.evaluate(path, { by: ['subscription'] })
    assert.deepEqual(streamed.body, body)
    assert.ok(streamed.inputs.some((file) => file.path === name && file.used > 0))
  }
  const error = await failure(calculator.evaluateStream(Readable.from([Buffer.from('neither fish nor flesh')])))
  assert.deepEqual([error.code, error.file], ['input.unknown_kind', 'stream'])
  const failed = Readable.from((async function* () { yield Buffer.from('a'); throw new Error('line down') })())
  assert.equal((await failure(calculator.evaluateStream(failed))).message, 'line down')
  assert.equal(left(), before)
})

const LINE = {
  date: '2026-10-05', quantity: '24', list_price: '0.23', currency: 'USD',
  subscription_id: '5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30',
}

test('a stream of lines is summed up no faster than it is worked off, whatever its length', async () => {
  const calculator = await contoso()
  let [given, ahead] = [0, 0]
  async function* lines(count) {
    for (let at = 0; at < count; at++) {
      given = at
      yield { ...LINE, resource_group: `rg-${at % 1000}` }
    }
  }
  const { body, inputs } = await calculator.evaluateStream(lines(12_345), { by: ['date'] })
  assert.equal(body.totals[0].lines, 12_345)
  assert.equal(body.totals[0].list_amount, '68144.4')
  assert.equal(inputs.find((file) => file.path === 'lines').records, 12_345)
  assert.deepEqual((await calculator.evaluateStream([LINE, LINE])).body.totals[0].lines, 2)
  assert.deepEqual((await calculator.evaluateStream([])).body.totals, [])
  // Back-pressure: what a readable holds ahead of the calculator stays within its own limit and one piece.
  const readable = new Readable({ objectMode: true, highWaterMark: 16, read() {
    for (let more = true; more && given < 50_000;) more = this.push({ ...LINE, meter_id: String(given++ % 10) })
    if (given >= 50_000) this.push(null)
  } })
  given = 0
  const timer = setInterval(() => { ahead = Math.max(ahead, readable.readableLength) }, 1)
  const all = await calculator.evaluateStream(readable)
  clearInterval(timer)
  assert.equal(all.body.totals[0].lines, 50_000)
  assert.ok(ahead <= 32, String(ahead))
})

test('a wrong line of a stream is told by its place among all', async () => {
  const calculator = await contoso()
  const lines = Array.from({ length: 2500 }, () => LINE)
  lines[2100] = { ...LINE, quantity: 0.1 }
  const error = await failure(calculator.evaluateStream(lines))
  assert.deepEqual([error.code, error.column], ['number.invalid', 'lines[2100].quantity'])
})

test('the event loop goes on meanwhile', async () => {
  const calculator = await contoso()
  let turns = 0
  const timer = setInterval(() => { turns++ }, 1)
  await Promise.all([1, 2, 3, 4, 5, 6].map(() => calculator.evaluate(`${CONTOSO}/usage`)))
  clearInterval(timer)
  assert.ok(turns > 2, String(turns))
})
