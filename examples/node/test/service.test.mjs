// The service is called for real, by well-meaning people and by others.

import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

import { service } from '../build/service.js'

const contoso = fileURLToPath(new URL('../../contoso/', import.meta.url))
const MONTH = ['partner.json', 'access/history.json', 'prices/azure-plan-DE-2026-10.csv', 'prices/azure-plan-US-2026-10.csv',
  'usage/part_0_0001.csv', 'usage/part_1_0001.csv', 'usage/part_2_0001.csv.gz', 'access/role-assignments-northwind-clinic.json',
  'access/role-assignments-northwind-new-grant.json']
const month = () => MONTH.map((path) => [path.split('/').at(-1), readFileSync(join(contoso, path))])
const header = readFileSync(join(contoso, 'usage/part_1_0001.csv'), 'utf8').split('\n')[0]

const app = service({ fileSize: 24 << 20, maxFileBytes: 32 << 20, patience: 120_000 })
let home
before(async () => { home = await app.listen({ port: 0, host: '127.0.0.1' }) })
after(() => app.close())

async function post(path, files) {
  const form = new FormData()
  for (const [name, content] of files) form.append('files', new Blob([content]), name)
  const response = await fetch(home + path, { method: 'POST', body: form })
  return { status: response.status, answer: await response.json() }
}

const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('billing-'))

test('an upload of exports is answered with its statement', async () => {
  const { status, answer } = await post('/statements?by=customer,month', month())
  assert.equal(status, 200)
  assert.equal(answer.schema, 'azure-pec/statement/1')
  assert.equal(answer.body.totals[0].missed, '181.098')
  assert.ok(answer.body.groups.every((group) => group.month === '2026-10'))
  assert.deepEqual(answer.inputs.map((file) => file.path), MONTH.map((path) => path.split('/').at(-1)).sort())
})

test('an upload of exports is answered with an explanation', async () => {
  const { status, answer } = await post('/explanations?subscription=fabrikam-just-in-time', month())
  assert.equal(status, 200)
  assert.deepEqual(answer.breaks.map((one) => one.reason),
    ['access.eligible_only', 'access.partial_day', 'access.eligible_only'])
  const { resource, first } = answer.breaks[2]
  const day = await post(`/explanations?resource=${encodeURIComponent(resource)}&date=${first}`, month())
  assert.equal(day.answer.access.reason, 'access.eligible_only')
})

test('what cannot be read is refused with its code, and the service lives on', async () => {
  const packed = gzipSync(header + '\n' + '1,2,3\n'.repeat(1000))
  const wide = 'x'.repeat(1 << 20)
  const bomb = gzipSync(Buffer.alloc(300 << 20, '[ '))
  for (const [expected, code, files, path = '/statements'] of [
    [422, 'input.nothing_usable', []],
    [422, 'input.nothing_usable', [['holiday.txt', 'neither fish nor flesh']]],
    [422, 'input.usage_missing', month().slice(0, 2)],
    [422, 'input.truncated', [['cut.csv.gz', packed.subarray(0, packed.length - 12)]]],
    [422, 'rejects.too_many', [['rows.csv', `${header}\n1,2,3\n`]]],
    [422, 'json.malformed', [['access.json', '{"schema": "azure-pec/access/1", "observed": 1}']]],
    [413, 'input.too_large', [['huge.csv', `${header}\n"${'x'.repeat(20 << 20)}`]]],
    [413, 'input.too_large', [['bomb.json.gz', bomb]]],
    [413, 'input.too_large', [['bomb.csv.gz', gzipSync(`${header}\n` + (wide + ',2,3\n').repeat(64))]]],
    [413, 'FST_REQ_FILE_TOO_LARGE', [['large.csv', Buffer.alloc(25 << 20, 'x')]]],
    [400, 'EEXIST', [['a.csv', 'x'], ['a.csv', 'y']]],
    [400, 'usage.arguments', month(), '/statements?by=moon'],
    [400, 'usage.arguments', month(), '/explanations'],
    [422, 'date.invalid', month(), '/statements?from=2026-02-30'],
  ]) {
    const { status, answer } = await post(path, files)
    assert.deepEqual([status, answer.code], [expected, code], JSON.stringify(answer).slice(0, 500))
  }
  const { answer } = await post('/statements', [['../../rows.csv', `${header}\n1,2,3\n`]])
  assert.deepEqual([answer.rejected[0].file, answer.rejected[0].line], ['rows.csv', 2])
  assert.equal((await post('/statements', month())).status, 200)
  assert.deepEqual(left(), [])
})

test('whoever goes away stops the work', async () => {
  const controller = new AbortController()
  const form = new FormData()
  for (const [name, content] of month()) form.append('files', new Blob([content]), name)
  const asked = fetch(`${home}/statements`, { method: 'POST', body: form, signal: controller.signal })
  setTimeout(() => controller.abort(), 5)
  await assert.rejects(asked, { name: 'AbortError' })
  for (let tries = 0; left().length > 0 && tries < 100; tries++) await new Promise((resolve) => setTimeout(resolve, 50))
  assert.deepEqual(left(), [])
})
