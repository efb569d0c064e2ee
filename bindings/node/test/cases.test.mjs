// Every shared case is answered as it says: see crates/azure-pec-conformance/cases/README.md.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { isDeepStrictEqual } from 'node:util'

import { failure, pec, root } from './contoso.mjs'

const folder = join(root, 'crates/azure-pec-conformance/cases')
const cases = ['good', 'bad'].flatMap((kind) => readdirSync(join(folder, kind)).sort().flatMap((name) => {
  const file = JSON.parse(readFileSync(join(folder, kind, name), 'utf8'))
  assert.equal(file.schema, 'azure-pec/cases/1', name)
  return file.cases.map((one) => ({ file: `${kind}/${name}`, ...one }))
}))

/** Whatever is written in `expected` is so in `found`. */
const holds = (found, expected) =>
  Object.entries(expected).every(([key, value]) => isDeepStrictEqual(found[key], value))

/** The answers to a case of lines: all together, and each by itself where no tiers rate it. */
async function answers({ access, prices, partner, policy, lines }) {
  const calculator = new pec.Calculator({
    ...access && { access: await pec.loadAccess(access) },
    ...prices && { prices: await pec.loadPrices(prices) },
    ...partner && { partner: await pec.loadPartner(partner) },
    ...policy && { policy },
  })
  const together = await calculator.evaluateLines(lines)
  if (policy?.price_source !== 'list') {
    for (const [at, line] of lines.entries()) {
      assert.deepEqual(await calculator.evaluateLines([line]), [together[at]])
    }
  }
  return together
}

/** What is wrong with the answer to a case; nothing where all is as expected. */
async function replay(one) {
  const found = await answers(one).catch((error) => error)
  if (found instanceof Error) return found.code === one.error?.code ? null : `${found.code}: ${found.stack}`
  if (!one.expect) return 'answered'
  const same = found.length === one.expect.length && found.every((answer, at) => holds(answer, one.expect[at]))
  return same ? null : JSON.stringify(found)
}

test('cases of lines', async () => {
  const lines = cases.filter((one) => !one.files && !one.arithmetic)
  const wrong = []
  for (const one of lines) {
    const what = await replay(one)
    if (what) wrong.push(`${one.file}: ${one.title}: ${what}`)
  }
  console.log(`${lines.length} cases of lines, ${wrong.length} differ`)
  assert.ok(lines.length >= 1900 && wrong.length === 0, wrong.slice(0, 10).join('\n'))
})

test('cases of files', async () => {
  const files = cases.filter((one) => one.files)
  for (const one of files) {
    const base = mkdtempSync(join(tmpdir(), 'pec-'))
    try {
      for (const { name, text, base64 } of one.files) {
        mkdirSync(dirname(join(base, name)), { recursive: true })
        writeFileSync(join(base, name), base64 === undefined ? text : Buffer.from(base64, 'base64'))
      }
      const { paths = [''], ...more } = one.request ?? {}
      const named = Object.entries(more).map(([key, value]) => [
        key.replace(/_[a-z]/g, (letter) => letter[1].toUpperCase()),
        ['groups', 'lines', 'rejects'].includes(key) ? join(base, value) : value,
      ])
      const options = { base, threads: 1, ...Object.fromEntries(named), ...one.policy && { policy: one.policy } }
      const work = pec.statement(paths.map((path) => join(base, path)), options)
      if (one.error) {
        const error = await failure(work)
        assert.ok(holds((!more.allow_rejected && error.rejected[0]) || error, one.error), `${one.title}: ${error.stack}`)
        continue
      }
      const { body } = await work
      for (const part of ['totals', 'warnings'].filter((part) => one[part])) {
        const same = body[part].length === one[part].length && body[part].every((row, at) => holds(row, one[part][at]))
        assert.ok(same, `${one.title}: ${JSON.stringify(body[part])}`)
      }
    } finally {
      rmSync(base, { recursive: true })
    }
  }
  console.log(`${files.length} cases of files, 0 differ`)
  assert.ok(files.length >= 40)
})

test('cases of arithmetic are the core\'s own: the package reckons nothing', () => {
  console.log(`${cases.filter((one) => one.arithmetic).length} cases of arithmetic passed over`)
})
