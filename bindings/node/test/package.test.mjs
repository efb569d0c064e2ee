// What npm installs: both kinds of module, and types that are what they say.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

import * as esm from 'azure-pec'

import { CONTOSO, contoso, pec } from './contoso.mjs'

const home = fileURLToPath(new URL('..', import.meta.url))
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const compile = (...args) => {
  try {
    execFileSync(process.execPath, [tsc, ...args], { cwd: home, encoding: 'utf8' })
  } catch (error) {
    assert.fail(error.stdout || error.message)
  }
}

test('ESM and CommonJS export the same', () => {
  const names = Object.keys(pec).sort()
  assert.deepEqual(Object.keys(esm).sort(), names)
  assert.ok(names.every((name) => esm[name] === pec[name]))
})

test('the committed types are the generated ones', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pec-'))
  try {
    compile('-p', '.', '--declaration', '--emitDeclarationOnly', '--outDir', folder)
    for (const name of ['index.d.ts', 'documents.d.ts']) {
      const [generated, committed] = [folder, home].map((place) => readFileSync(join(place, name), 'utf8'))
      assert.ok(generated === committed, `${name}: npm run types writes it anew`)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('everything can be used with its types', () => compile('-p', 'test/types'))

test('documents are of their types, without a key more or less', async () => {
  const calculator = await contoso()
  const month = await calculator.explain(CONTOSO, { subscription: 'fabrikam-just-in-time' })
  const { resource, first } = month.breaks[0]
  const breaks = 'examples/contoso-reconcile/breaks'
  const documents = {
    Statement: [await calculator.evaluate(CONTOSO, { by: ['customer', 'date'] }),
      await pec.statement(CONTOSO, { policy: { rounding: 'meter_month_cents', price_source: 'list' } })],
    SubscriptionExplanation: [month],
    DayExplanation: [await calculator.explain(CONTOSO, { resource, date: first })],
    Reconciliation: [await pec.reconcile(`${breaks}/1-withheld`), await pec.reconcile(`${breaks}/5-corrected-later`)],
    WhatIf: [await calculator.whatIf(CONTOSO, { suggest: true }),
      await pec.whatIf(CONTOSO, { transfer: ['subscription=5b0a1cf3-7d3e-4f60-9a11-2f6c0d5e0f30'], forecast: true })],
    Advice: [await pec.advise(CONTOSO, { service: ['log_analytics'] })],
    Inspection: [await pec.inspect(CONTOSO)],
    AccessHistory: [await pec.history(CONTOSO)],
    Credit: await calculator.evaluateLines([{ date: '2026-10-05', quantity: '1' }]),
    PartnerFile: [JSON.parse(readFileSync(`${CONTOSO}/partner.json`, 'utf8'))],
  }
  // A literal with a key that its type lacks does not compile; nor does one that lacks a key.
  const lines = Object.entries(documents).flatMap(([type, all]) => all.map((one) =>
    `export const ${type}_${all.indexOf(one)}: pec.${type} = ${JSON.stringify(one)}`))
  const folder = join(home, 'test/types/written')
  mkdirSync(folder, { recursive: true })
  try {
    writeFileSync(join(folder, 'documents.mts'), ["import type * as pec from 'azure-pec'", ...lines].join('\n'))
    writeFileSync(join(folder, 'tsconfig.json'), '{"extends": "../tsconfig.json", "files": ["documents.mts"]}')
    compile('-p', folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
