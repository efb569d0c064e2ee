// What the package costs beside the command: `npm run bench`, after release builds of both. Ratios of one run are what counts.
//
//   cargo build --release --package azure-pec-cli --bin pec
//   cargo xtask generate --lines 1000000 --out target/generated
//   (cd bindings/node && npm run build:native -- --release && npm run build:js && npm run bench)

import { spawnSync } from 'node:child_process'
import { createReadStream, readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'

const pec = createRequire(import.meta.url)('azure-pec')
const root = fileURLToPath(new URL('../../..', import.meta.url))
const [data = join(root, 'target/generated'), command = join(root, 'target/release/pec'), rounds = '5', times = '100'] =
  process.argv.slice(2)
const MIB = 1024 * 1024
const seconds = (start) => (performance.now() - start) / 1000
const rss = () => {
  global.gc?.()
  return process.memoryUsage.rss() / MIB
}

/** Seconds of processor time: this process's own, or that of the programs it has run (Linux). */
const own = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6 }
const children = () => {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ')
  return (Number(fields[13]) + Number(fields[14])) / 100
}
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]

// The same question, turn by turn: everything is read anew by both. The loop is asked every millisecond.
const runs = { pec: [], Node: [] }
let longest = 0
for (let round = 0; round < Number(rounds); round++) {
  let [start, worked] = [performance.now(), children()]
  spawnSync(command, ['statement', data, '--format', 'json'], { stdio: ['ignore', 'ignore', 'inherit'], maxBuffer: 1 << 30 })
  runs.pec.push({ wall: seconds(start), processor: children() - worked })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  ;[start, worked] = [performance.now(), own()]
  await pec.statement(data)
  runs.Node.push({ wall: seconds(start), processor: own() - worked })
  delay.disable()
  longest = Math.max(longest, delay.max / 1e6)
}
for (const kind of ['wall', 'processor']) {
  const [one, other] = [runs.pec, runs.Node].map((all) => median(all.map((run) => run[kind])))
  console.log(`statement, ${kind}: pec ${one.toFixed(2)} s, Node ${other.toFixed(2)} s, ratio ${(other / one).toFixed(2)} (at most 1.2)`)
}
console.log(`event loop: longest block ${longest.toFixed(0)} ms (below 50)`)

// Memory over many runs, of a small month: what is not given back adds up.
const small = join(root, 'examples/contoso')
const [access, prices, partner] =
  await Promise.all([pec.loadAccess(small), pec.loadPrices(small), pec.loadPartner(small)])
let tenth = 0
for (let run = 1; run <= Number(times); run++) {
  const calculator = new pec.Calculator({ access, prices, partner })
  await calculator.evaluate(`${small}/usage`, { by: ['resource', 'date'] })
  const controller = new AbortController()
  const aborted = calculator.evaluate(`${small}/usage`, { signal: controller.signal })
  controller.abort()
  await aborted.catch(() => {})
  if (run === 10) tenth = rss()
}
const last = rss()
console.log(`memory: ${tenth.toFixed(0)} MiB after run 10, ${last.toFixed(0)} MiB after run ${times}, ratio ${(last / tenth).toFixed(2)} (at most 1.1)`)

// A stream in flat memory, of bytes and of lines: what is resident at most while it lasts, of a tenth of it and of all.
const usage = readdirSync(data, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /usage/.test(join(entry.parentPath ?? entry.path, entry.name)))
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
const calculator = new pec.Calculator({ access, prices, partner })
const most = async (work) => {
  let most = rss()
  const timer = setInterval(() => { most = Math.max(most, process.memoryUsage.rss() / MIB) }, 5)
  await work()
  clearInterval(timer)
  return most
}
function* lines(count) {
  for (let at = 0; at < count; at++) {
    yield { date: '2026-10-05', quantity: '24', list_price: '0.23', resource_group: `rg-${at % 1000}`, subscription_id: '5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30' }
  }
}
for (const [kind, tenth, all] of [
  ['bytes', () => calculator.evaluateStream(createReadStream(usage[0], { end: 10 * MIB }), { allowRejected: 1 }),
    () => calculator.evaluateStream(createReadStream(usage[0]))],
  ['lines', () => calculator.evaluateStream(lines(100_000)), () => calculator.evaluateStream(lines(1_000_000))],
]) {
  const [first, then] = [await most(tenth), await most(all)]
  console.log(`stream of ${kind}: ${first.toFixed(0)} MiB at most over a tenth, ${then.toFixed(0)} MiB over all`)
}
