// Arrow in and out, as IPC streams.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { gunzipSync } from 'node:zlib'

import * as arrow from 'apache-arrow'

import { CONTOSO, contoso, failure } from './contoso.mjs'

const USAGE = `${CONTOSO}/usage`

/** The records of a CSV file. */
function* records(text) {
  let record = []
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    record.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === ',') continue
    if (record.length > 1) yield record
    record = []
  }
}

/** The whole month as columns of text. */
const columns = () => {
  const all = {}
  for (const name of readdirSync(USAGE).filter((name) => name.startsWith('part')).sort()) {
    const bytes = readFileSync(join(USAGE, name))
    const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString().replace(/^\ufeff/, '')
    const [names, ...rows] = records(text)
    for (const row of rows) row.forEach((cell, at) => (all[names[at]] ??= []).push(cell))
  }
  return all
}
const texts = (cells) => arrow.vectorFromArray(cells, new arrow.Utf8())
const table = (more = {}) => new arrow.Table(
  { ...Object.fromEntries(Object.entries(columns()).map(([name, cells]) => [name, texts(cells)])), ...more })
const ipc = (of) => arrow.tableToIPC(of, 'stream')
const body = async (answer) => JSON.stringify((await answer).body)

test('usage in Arrow gives the statement of its files', async () => {
  const calculator = await contoso()
  const options = { by: ['subscription', 'date'] }
  const expected = await body(calculator.evaluate(USAGE, options))
  const whole = table()
  assert.ok(await body(calculator.evaluate(ipc(whole), options)) === expected)
  // In two halves, and beside a file.
  const half = whole.numRows >> 1
  assert.ok(await body(calculator.evaluate([ipc(whole.slice(0, half)), ipc(whole.slice(half))], options)) === expected)
  // As dictionaries, and in several batches.
  const entries = Object.fromEntries(Object.entries(columns()).map(([name, cells]) =>
    [name, arrow.vectorFromArray(cells, new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()))]))
  assert.ok(await body(calculator.evaluate(ipc(new arrow.Table(entries)), options)) === expected)
  const parts = [0, 100, 1000].map((at, index, all) => whole.slice(at, all[index + 1] ?? whole.numRows))
  const batches = parts.flatMap((part) => part.batches)
  assert.ok(await body(calculator.evaluate(arrow.RecordBatchStreamWriter.writeAll(batches).toUint8Array(true), options)) === expected)
  const { inputs } = await calculator.evaluate(ipc(whole))
  assert.equal(inputs.find((file) => file.path === 'data').used, whole.numRows)
  const why = await calculator.explain(ipc(whole), { subscription: 'fabrikam-just-in-time' })
  assert.deepEqual(why, await calculator.explain(USAGE, { subscription: 'fabrikam-just-in-time' }))
})

test('lines come out as Arrow, with every digit', async () => {
  const calculator = await contoso()
  const bytes = await calculator.lines(USAGE)
  assert.ok(bytes instanceof Uint8Array)
  const lines = arrow.tableFromIPC(bytes)
  assert.equal(lines.numRows, 2672)
  assert.equal(String(lines.schema.fields.find((field) => field.name === 'quantity').type), 'Decimal[38e+18]')
  assert.equal(String(lines.schema.fields.find((field) => field.name === 'credit').type), 'Decimal[38e+28]')
  const { body } = await calculator.evaluate(USAGE)
  const credit = lines.getChild('credit')
  let sum = 0n
  for (const cell of credit) if (cell !== null) sum += integer(cell)
  assert.equal(plain(sum, 28), body.totals[0].earned)
  const earned = lines.getChild('outcome').toArray().filter((outcome) => outcome === 'earned').length
  const reasons = body.reasons.filter((reason) => reason.outcome === 'earned')
  assert.equal(earned, reasons.reduce((count, reason) => count + reason.lines, 0))
  // The same of Arrow as of files but for where a line stood, and of pieces as of the whole.
  const again = arrow.tableFromIPC(await calculator.lines(ipc(table()), { amounts: 'string' }))
  assert.equal(String(again.schema.fields.find((field) => field.name === 'credit').type), 'Utf8')
  assert.deepEqual([...again.getChild('reason')], [...lines.getChild('reason')])
  const piecewise = []
  for await (const piece of calculator.linesStream(USAGE)) piecewise.push(piece)
  assert.ok(piecewise.length >= 2 && Buffer.concat(piecewise).equals(bytes))
  const read = await arrow.RecordBatchReader.from(calculator.linesStream(USAGE, { from: '2026-10-30', to: '2026-10-31' }))
  let rows = 0
  for await (const batch of read) rows += batch.numRows
  assert.ok(rows > 0 && rows < 2672)
})

/** Arrow's 128 bits, least significant first, as an exact integer. */
const integer = (cell) =>
  BigInt.asIntN(128, [...new Uint32Array(cell.buffer, cell.byteOffset, 4)].reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n))
const plain = (value, scale) => {
  const digits = String(value).padStart(scale + 1, '0')
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/\.?0+$/, '')
}

test('what is no usage in Arrow is refused', async () => {
  const calculator = await contoso()
  const good = ipc(table())
  const floats = table({ quantity: arrow.vectorFromArray(columns().quantity.map(Number), new arrow.Float64()) })
  const broken = columns().quantity.with?.(1233, 'many') ?? columns().quantity.map((cell, at) => at === 1233 ? 'many' : cell)
  for (const [code, column, bytes] of [
    ['input.unknown_kind', null, new Uint8Array()],
    ['input.unknown_kind', null, Buffer.from('neither fish nor flesh')],
    ['input.unknown_kind', null, arrow.tableToIPC(table(), 'file')],
    ['input.unknown_kind', null, ipc(new arrow.Table({ a: texts(['1']) }))],
    ['input.truncated', null, good.subarray(0, good.length >> 1)],
    ['number.binary_float', 'quantity', ipc(floats)],
    ['rejects.too_many', null, ipc(table({ quantity: texts(broken) }))],
  ]) {
    const error = await failure(calculator.evaluate(bytes))
    assert.deepEqual([error.code, error.column], [code, column], error.message)
    const [line] = error.rejected
    if (line) assert.deepEqual([line.code, line.file, line.line, line.column], ['number.invalid', 'data', 1234, 'quantity'])
    assert.equal((await failure(calculator.lines(bytes))).code, code)
  }
  // Whatever is broken in it ends in an answer or an error with a code, and nothing else.
  for (let at = 0; at < good.length; at += Math.ceil(good.length / 200)) {
    const bytes = Uint8Array.from(good)
    bytes[at] ^= 0xff
    const error = await calculator.evaluate(bytes).then(() => null, (error) => error)
    assert.ok(error === null || /^\w+\.\w+$/.test(error.code), error?.stack)
  }
})

test('a stream of lines that nobody wants any more lets its work go', async () => {
  const calculator = await contoso()
  for (let round = 0; round < 20; round++) {
    for await (const piece of calculator.linesStream(USAGE)) {
      assert.ok(piece.length > 0)
      break
    }
  }
  const controller = new AbortController()
  const error = await failure(async () => {
    for await (const _ of calculator.linesStream(USAGE, { signal: controller.signal })) controller.abort('enough')
  })
  assert.deepEqual([error.code, error.cause], ['cancelled', 'enough'])
  assert.equal((await failure(calculator.lines(USAGE, { signal: AbortSignal.abort() }))).code, 'cancelled')
})

test('Parquet is written and read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pec-'))
  try {
    const calculator = await contoso()
    const lines = join(folder, 'lines.parquet')
    await calculator.evaluate(USAGE, { by: ['month'], groups: join(folder, 'groups.parquet'), lines })
    assert.equal(readFileSync(lines).subarray(0, 4).toString(), 'PAR1')
  } finally {
    rmSync(folder, { recursive: true })
  }
})
