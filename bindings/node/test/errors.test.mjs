// Errors have a code and a place, and nothing that was begun is left behind.

import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import test from 'node:test'
import { gzipSync } from 'node:zlib'

import { CONTOSO, contoso, failure, pec } from './contoso.mjs'

const nested = (depth) => depth === 0 ? [] : [nested(depth - 1)]
const line = { date: '2026-10-05', quantity: '1', list_price: '0.045' }

async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'pec-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('an error has code, file, line and column', () => inFolder(async (base) => {
  const text = readFileSync(`${CONTOSO}/usage/part_1_0001.csv`, 'utf8').split('\n')
  const quantity = text[0].split(',').indexOf('quantity')
  const cells = text[3].split(',')
  cells[quantity] = 'many'
  text[3] = cells.join(',')
  writeFileSync(join(base, 'usage.csv'), text.join('\n'))
  const error = await failure(pec.statement(base, { base }))
  assert.ok(error instanceof pec.PecError && error instanceof Error)
  assert.equal(error.name, 'PecError')
  assert.equal(error.code, 'rejects.too_many')
  const { code, file, line, column, help } = error.rejected[0]
  assert.deepEqual({ code, file, line, column }, { code: 'number.invalid', file: 'usage.csv', line: 4, column: 'quantity' })
  assert.ok(help.length > 0)
  assert.equal((await pec.statement(base, { base, allowRejected: 1 })).inputs[0].rejected, 1)
  const rejects = join(base, 'rejects.csv')
  await pec.statement(join(base, 'usage.csv'), { base, allowRejected: 1, rejects })
  assert.match(readFileSync(rejects, 'utf8'), /number\.invalid/)
}))

test('a number for money is refused by the name of its field', async () => {
  const calculator = new pec.Calculator()
  for (const [field, value] of [['quantity', 1.5], ['quantity', 24], ['list_price', 0.045], ['list_price', NaN],
    ['list_price', -Infinity]]) {
    const error = await failure(calculator.evaluateLines([line, { ...line, [field]: value }]))
    assert.deepEqual([error.code, error.column], ['number.invalid', `lines[1].${field}`], String(value))
    assert.match(error.message, new RegExp(field))
    assert.equal(error.stack.includes('evaluateLines'), true)
  }
  const [credit] = await calculator.evaluateLines([{ ...line, quantity: 9223372036854775809n }])
  assert.equal(credit.list_amount, '415051741658464911.405')
  for (const [field, value, code] of [['date', '2026-13-01', 'date.invalid'], ['price', '1', 'json.malformed'],
    ['quantity', undefined, 'json.malformed'], ['quantity', '1,5', 'number.invalid'], ['quantity', '0.' + '1'.repeat(50), 'number.too_precise']]) {
    const error = await failure(calculator.evaluateLines([{ ...line, [field]: value }]))
    assert.deepEqual([error.code, error.column], [code, `lines[0].${field}`])
  }
  const error = await failure(calculator.evaluateLines([{ ...line, subscription_id: 'none' }]))
  assert.deepEqual([error.code, error.column], ['id.invalid', 'lines[0]'])
})

test('what cannot be asked is refused', async () => {
  const calculator = await contoso()
  const usage = `${CONTOSO}/usage`
  for (const [code, work] of [
    ['usage.arguments', () => pec.statement(usage, { form: '2026-10-01' })],
    ['usage.arguments', () => pec.statement(usage, { by: ['moon'] })],
    ['usage.arguments', () => pec.statement(usage, { threads: 0 })],
    ['usage.arguments', () => pec.statement(usage, { groups: 'x.csv' })],
    ['usage.arguments', () => pec.statement(usage, { usage: 'partner' })],
    ['usage.arguments', () => calculator.evaluate(usage, { from: '2026-10-02', to: '2026-10-01' })],
    ['usage.arguments', () => calculator.evaluate(usage, { policy: { absence: 'assume' } })],
    ['usage.arguments', () => calculator.explain(usage, {})],
    ['usage.arguments', () => calculator.explain(usage, { subscription: 'nobody' })],
    ['usage.arguments', () => new pec.Calculator({ prizes: 1 })],
    ['policy.invalid', () => new pec.Calculator({ policy: { absence: 'guess' } })],
    ['policy.invalid', () => pec.statement(usage, { policy: { weather: 'fine' } })],
    ['date.invalid', () => calculator.evaluate(usage, { from: '2026-02-30' })],
    ['input.not_found', () => pec.loadAccess('no/such/folder')],
    ['input.nothing_usable', () => pec.loadPrices(`${CONTOSO}/access`)],
    ['input.unknown_kind', () => pec.statement('README.md')],
    ['input.usage_missing', () => calculator.evaluate(`${CONTOSO}/access`)],
    ['json.malformed', () => pec.loadAccess({ schema: 'azure-pec/access/1' })],
    ['input.too_deep', () => pec.loadAccess({ schema: 'azure-pec/access/1', observed: nested(100) })],
    ['json.malformed', () => pec.loadPartner({ schema: 'azure-pec/partner/1' })],
    ['output.write_failed', () => calculator.evaluate(usage, { lines: 'no/such/folder/lines.csv' })],
    ['output.write_failed', () => pec.history(CONTOSO, { out: 'no/such/folder/access.json' })],
  ]) {
    const error = await failure(work)
    assert.ok(error instanceof pec.PecError, error.stack)
    assert.equal(error.code, code, `${work}: ${error.message}`)
  }
})

test('broken files, huge fields and bombs are errors', () => inFolder(async (base) => {
  const header = readFileSync(`${CONTOSO}/usage/part_1_0001.csv`, 'utf8').split('\n')[0]
  const packed = gzipSync(header + '\n1,2,3\n')
  for (const [name, content, code] of [
    ['cut.csv.gz', packed.subarray(0, packed.length - 9), 'input.truncated'],
    ['huge.csv', `${header}\n"${'x'.repeat(17 << 20)}`, 'input.too_large'],
    ['bomb.csv.gz', gzipSync(`${header}\n"${'x'.repeat(64 << 20)}`), 'input.too_large'],
  ]) {
    writeFileSync(join(base, name), content)
    const error = await failure(pec.statement(join(base, name), { base }))
    assert.deepEqual([error.code, error.file], [code, name], error.message)
    rmSync(join(base, name))
  }
}))

test('work is stopped by its signal', async () => {
  const calculator = await contoso()
  const stopped = AbortSignal.abort('gone')
  for (const work of [
    () => calculator.evaluate(CONTOSO, { signal: stopped }), () => pec.statement(CONTOSO, { signal: stopped }),
    () => pec.loadAccess(CONTOSO, { signal: stopped }), () => pec.inspect(CONTOSO, { signal: stopped }),
    () => calculator.evaluateStream([line], { signal: stopped }),
  ]) {
    const error = await failure(work)
    assert.deepEqual([error.code, error.cause], ['cancelled', 'gone'])
  }
  // In the middle: packed small, the file is of so many lines that nobody sees its end before the first progress.
  await inFolder(async (base) => {
    const [header, row] = readFileSync(`${CONTOSO}/usage/part_1_0001.csv`, 'utf8').split('\n')
    const rows = gzipSync(`${row}\n`.repeat(20_000))
    writeFileSync(join(base, 'usage.csv.gz'), Buffer.concat([gzipSync(`${header}\n`), ...Array(2000).fill(rows)]))
    const controller = new AbortController()
    const seen = []
    const error = await failure(calculator.evaluate(base, {
      base, signal: controller.signal,
      onProgress: (progress) => { seen.push(progress); controller.abort(new Error('enough')) },
    }))
    assert.deepEqual([error.code, error.cause?.message], ['cancelled', 'enough'])
    assert.ok(seen.length === 1 && seen[0].read < seen[0].total, JSON.stringify(seen))
  })
  // At the end: whoever stops work gets no answer, even where it is there already.
  const late = new AbortController()
  const options = { signal: late.signal, onProgress: ({ read, total }) => { if (read === total) late.abort('late') } }
  const error = await failure(calculator.evaluate(`${CONTOSO}/usage`, options))
  assert.deepEqual([error.code, error.cause], ['cancelled', 'late'])
  // Nothing is broken by it.
  const told = []
  await calculator.evaluate(`${CONTOSO}/usage`, { onProgress: (progress) => told.push(progress) })
  assert.equal(told.at(-1).read, told.at(-1).total)
  const controller = new AbortController()
  const endless = Readable.from((async function* () {
    yield line
    controller.abort()
    await new Promise(() => {})
  })())
  assert.equal((await failure(calculator.evaluateStream(endless, { signal: controller.signal }))).code, 'cancelled')
})
