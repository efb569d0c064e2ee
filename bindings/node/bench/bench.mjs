// What the package costs beside the command: `npm run bench`, after release builds of both. Ratios of one run are what counts.
//
//   cargo build --release --package azure-pec-cli --bin pec
//   cargo xtask generate --lines 1000000 --out target/generated
//   (cd bindings/node && npm run build:native -- --release && npm run build:js && npm run bench)

import { spawnSync } from 'node:child_process'
import { createReadStream, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'

const pec = createRequire(import.meta.url)('azure-pec')
const root = fileURLToPath(new URL('../../..', import.meta.url))
const [data = join(root, 'target/generated'), command = join(root, 'target/release/pec'), rounds = '5', runs = '100'] =
  process.argv.slice(2)
const MIB = 1024 * 1024
const seconds = (start) => (performance.now() - start) / 1000
const rss = () => {
  global.gc?.()
  return process.memoryUsage.rss() / MIB
}

// The same question, turn by turn: everything is read anew by both. The loop is asked every millisecond.
const pairs = []
let longest = 0
for (let round = 0; round < Number(rounds); round++) {
  let start = performance.now()
  spawnSync(command, ['statement', data, '--format', 'json'], { stdio: ['ignore', 'ignore', 'inherit'], maxBuffer: 1 << 30 })
  const cli = seconds(start)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  start = performance.now()
  await pec.statement(data)
  pairs.push([cli, seconds(start)])
  delay.disable()
  longest = Math.max(longest, delay.max / 1e6)
}
const best = [0, 1].map((which) => Math.min(...pairs.map((pair) => pair[which])))
console.log(`statement: pec ${best[0].toFixed(2)} s, Node ${best[1].toFixed(2)} s, ratio ${(best[1] / best[0]).toFixed(2)} (at most 1.2)`)
console.log(`event loop: longest block ${longest.toFixed(0)} ms (below 50)`)

// Memory over many runs, of a small month: what is not given back adds up.
const small = join(root, 'examples/contoso')
const [access, prices, partner] =
  await Promise.all([pec.loadAccess(small), pec.loadPrices(small), pec.loadPartner(small)])
let tenth = 0
for (let run = 1; run <= Number(runs); run++) {
  const calculator = new pec.Calculator({ access, prices, partner })
  await calculator.evaluate(`${small}/usage`, { by: ['resource', 'date'] })
  const controller = new AbortController()
  const aborted = calculator.evaluate(`${small}/usage`, { signal: controller.signal })
  controller.abort()
  await aborted.catch(() => {})
  if (run === 10) tenth = rss()
}
const last = rss()
console.log(`memory: ${tenth.toFixed(0)} MiB after run 10, ${last.toFixed(0)} MiB after run ${runs}, ratio ${(last / tenth).toFixed(2)} (at most 1.1)`)

// A stream in flat memory: the files of the month, one after the other.
const usage = readdirSync(data, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /usage/.test(join(entry.parentPath ?? entry.path, entry.name)))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
const before = rss()
const calculator = new pec.Calculator({ access, prices, partner })
for (const path of usage) await calculator.evaluateStream(createReadStream(path), { name: 'usage' })
console.log(`streams: ${usage.length} files of usage, ${before.toFixed(0)} MiB before and ${rss().toFixed(0)} MiB after`)
