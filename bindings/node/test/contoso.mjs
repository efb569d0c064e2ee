// What the tests share.

import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

export const pec = createRequire(import.meta.url)('azure-pec')
export const root = fileURLToPath(new URL('../../..', import.meta.url))
// Answers hold paths as they were given, so that everybody gives the same ones.
process.chdir(root)
export const CONTOSO = 'examples/contoso'

/** What the command prints: the one of the environment, else one that is built for it. */
export function command(...args) {
  const [program, ...before] = process.env.PEC
    ? [process.env.PEC] : ['cargo', 'run', '--quiet', '--package', 'azure-pec-cli', '--bin', 'pec', '--']
  return execFileSync(program, [...before, ...args], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 })
}

/** A document as the command prints it. */
export const printed = (document) => JSON.stringify(document, null, 2) + '\n'

/** The calculator of contoso's access, prices and partner. */
export async function contoso(settings = {}) {
  const [access, prices, partner] = await Promise.all([
    pec.loadAccess(`${CONTOSO}/access`), pec.loadPrices(`${CONTOSO}/prices`), pec.loadPartner(`${CONTOSO}/partner.json`),
  ])
  return new pec.Calculator({ access, prices, partner, ...settings })
}

/** The error that a promise, or a function, ends in. */
export async function failure(work) {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}
