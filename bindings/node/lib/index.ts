// The calculator for Node.js. Answers and errors come from the native module as JSON; nothing here judges or reckons.

import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type {
  AccessHistory, Advice, Credit, Day, DayExplanation, Fault, GroupKey, Inspection, Instant, PartnerFile, Policy, PriceRow,
  Reconciliation, Statement, SubscriptionExplanation, UsageKind, UsageLine,
  WhatIf,
} from './documents'
import * as native from './native'

export type * from './documents'

/** Lines that go over to the native module at once: few enough that writing them down never holds the event loop. */
const LINES_AT_ONCE = 1000
/** Bytes that go over at once, for the same reason. */
const BYTES_AT_ONCE = 1 << 20
/** How often progress is told, in milliseconds. */
const PROGRESS_MS = 100

/** What is wrong with an input or a question: `code` is stable and the same in every language. */
export class PecError extends Error {
  override readonly name = 'PecError'
  /** The stable code, such as `number.invalid`. */
  readonly code: string
  /** The file, as it was named. */
  readonly file: string | null
  /** The physical line at which the record starts; the first is 1. */
  readonly line: number | null
  /** The column's name in a table, the path of the field in a document, the option's name in a call. */
  readonly column: string | null
  /** What to do about it. */
  readonly help: string
  /** With `rejects.too_many`: the first 20 lines that could not be read. */
  readonly rejected: readonly Fault[]

  /** @internal */
  constructor(fault: Fault & { rejected?: Fault[] }, options?: ErrorOptions) {
    const place = [fault.file, fault.line && `line ${fault.line}`, fault.column && `column ${fault.column}`]
    const where = place.filter(Boolean).join(', ')
    super(where ? `${where}: ${fault.message}` : fault.message, options)
    this.code = fault.code
    this.file = fault.file
    this.line = fault.line
    this.column = fault.column
    this.help = fault.help
    this.rejected = fault.rejected ?? []
  }
}

/** How far the reading of usage is, in bytes as the files are packed. */
export interface Progress { read: number, total: number }

/** What every long call takes. */
export interface Watching {
  /** Stops the work at its next read; the promise is rejected with the code `cancelled`, whatever was worked out. */
  signal?: AbortSignal
  /** Called about ten times a second while usage is read. */
  onProgress?: (progress: Progress) => void
}

/** How files are read. */
export interface Loading extends Watching {
  /** So many bytes of plain text may each file have, however small it is packed: for files of strangers. */
  maxFileBytes?: number
  /** When exports were taken that do not say so. */
  takenAt?: Instant
  /** The folder that names in answers and errors are told from: for uploads that lie in a folder of their own. */
  base?: string
}

/** The policy and the rule. */
export interface Settings {
  /** Answers to what Microsoft leaves open; they win over the file's. */
  policy?: Policy
  /** A policy file. */
  policyFile?: string
  /** Rule data in place of the published. */
  rule?: string
}

/** How usage is read. */
export interface Reading extends Watching {
  /** So many bytes of plain text may each file have, however small it is packed: for files of strangers. */
  maxFileBytes?: number
  /** The folder that names in answers and errors are told from. */
  base?: string
  /** The kind of usage to take where there are several. */
  usage?: UsageKind
  /** Of the runs of an export take those alone of which no newer one has all days, by their manifests. */
  newestRun?: boolean
  /** How many lines may be rejected; none if left out. */
  allowRejected?: number
  /** Write every rejected line into this table (`.csv`, `.csv.gz`). */
  rejects?: string
  /** How many files to work on at once; left out, what the machine has. */
  threads?: number
}

/** What a statement is of. */
export interface StatementOptions extends Reading {
  /** The keys to group by. */
  by?: GroupKey[]
  /** The first day to take. */
  from?: Day
  /** The last day to take. */
  to?: Day
  /** Write the groups into this table (`.csv`, `.csv.gz`, `.parquet`). */
  groups?: string
  /** Write every line into this table. */
  lines?: string
  /** How tables of Parquet hold amounts: as decimals of 38 digits, or as texts where these are too short. */
  amounts?: 'decimal' | 'string'
  /** So many bytes may sums and texts take, about; more is `memory.exceeded`. */
  maxMemory?: number
}

/** What the table of lines is of. */
export interface LineOptions extends
  Omit<Reading, 'rejects' | 'onProgress'>, Pick<StatementOptions, 'from' | 'to' | 'amounts'> {}

/** What a statement of a stream is of. */
export interface StreamOptions extends Pick<StatementOptions, 'by' | 'from' | 'to'>, Watching {
  /** So many bytes of plain text may each file have, however small it is packed: for files of strangers. */
  maxFileBytes?: number
  /** Of bytes: how many lines may be rejected. */
  allowRejected?: number
  /** Of bytes: the name that errors and `inputs` tell; `stream` if left out. */
  name?: string
}

/** A resource, resource group or subscription by its path, on a day. */
export interface OfDay { resource: string, date: Day }

/** A subscription by its id or its name, day by day. */
export interface OfSubscription { subscription: string, since?: Day }

/** How a bill is reconciled. */
export interface ReconcileOptions extends Reading {
  /** Write the dispute pack (`.zip`). */
  out?: string
}

/** Where a report goes. */
export interface ReportOptions extends Reading {
  /** Write the page (`.html`). */
  out?: string
}

/** What would be otherwise, as `pec whatif` takes it: texts such as `role=Owner,scope=/subscriptions/...`, or objects. */
export interface WhatIfOptions extends Reading {
  /** Grants added. */
  grant?: (string | Record<string, string | boolean>)[]
  /** Grants revoked, by their `id`. */
  revoke?: (string | Record<string, string>)[]
  /** Policy keys changed: `deny=block`, or `{ deny: 'block' }`. */
  set?: (string | Record<string, string>)[]
  /** Subscriptions that move between partners. */
  transfer?: (string | Record<string, string>)[]
  /** The few changes that bring back most. */
  suggest?: boolean
  /** Services delivered, by their names in the catalogue. */
  service?: string[]
  /** The open month, with the changes. */
  forecast?: boolean
}

/** What access is held against. */
export interface AdviseOptions extends Reading {
  /** Services delivered, by their names in the catalogue. */
  service?: string[]
}

/** One path, or several: files and folders. */
export type Paths = string | readonly string[]

/**
 * Usage: files and folders by their paths, and Arrow IPC streams as their bytes, with the columns that exports have (as
 * apache-arrow's `tableToIPC(table, 'stream')` writes them). Quantities and prices are texts or decimals; binary floats
 * are refused (`number.binary_float`).
 */
export type Usage = string | Uint8Array | readonly (string | Uint8Array)[]

type Options = object & Watching

/** The options as the request document names them. */
function request(more: object, options: object): string {
  const { signal, onProgress, ...own } = options as Options & Record<string, unknown>
  const names = Object.entries(own).filter(([, value]) => value !== undefined)
  const renamed = names.map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value])
  return JSON.stringify({ ...Object.fromEntries(renamed), ...more })
}

function list(paths: Paths): readonly string[] {
  return typeof paths === 'string' ? [paths] : paths
}

/** Paths, and streams of Arrow as they go over: piece by piece, with room for the event loop between two pieces. */
async function given(usage: Usage): Promise<[string[], native.Ipc[]]> {
  const all = typeof usage === 'string' || usage instanceof Uint8Array ? [usage] : usage
  const paths = all.filter((one) => typeof one === 'string')
  const streams = []
  for (const bytes of all.filter((one) => typeof one !== 'string')) {
    const stream = new native.Ipc(bytes.length)
    for (let at = 0; at < bytes.length; at += BYTES_AT_ONCE) {
      if (at > 0) await new Promise((resolve) => setImmediate(resolve))
      stream.add(bytes.subarray(at, at + BYTES_AT_ONCE))
    }
    streams.push(stream)
  }
  return [paths, streams]
}

/** What the native module says is wrong. */
function told(error: unknown): unknown {
  if (!(error instanceof Error) || !error.message.startsWith('{"code":')) return error
  return new PecError(JSON.parse(error.message))
}

function cancelled(reason: unknown): PecError {
  const message = 'stopped before the answer was there'
  const fault = { code: 'cancelled', message, file: null, line: null, column: null, help: 'ask again' }
  return new PecError(fault, { cause: reason })
}

async function settled<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (error) {
    throw told(error)
  }
}

/** Runs long work under a watch that the signal stops and the progress is read from. */
async function watched<T>(
  options: Options, work: (watch: native.Watch) => Promise<T>, watch = new native.Watch(),
): Promise<T> {
  const { signal, onProgress } = options
  if (signal?.aborted) throw cancelled(signal.reason)
  const stop = () => watch.stop()
  const tell = () => { if (watch.total > 0) onProgress?.({ read: watch.read, total: watch.total }) }
  signal?.addEventListener('abort', stop, { once: true })
  const timer = onProgress && setInterval(tell, PROGRESS_MS)
  try {
    const answer = await settled(work(watch))
    tell()
    if (signal?.aborted) throw cancelled(signal.reason)
    return answer
  } catch (error) {
    throw error instanceof PecError && error.code === 'cancelled' ? cancelled(signal?.reason) : error
  } finally {
    clearInterval(timer)
    signal?.removeEventListener('abort', stop)
  }
}

/** What was loaded: keep it, and make any number of calculators of it. */
abstract class Part {
  /** @internal */
  readonly loaded: native.Loaded
  /** @internal */
  constructor(loaded: native.Loaded) {
    this.loaded = loaded
  }
}

/** Who held what, where and when: see {@link loadAccess}. */
export class Access extends Part {
  declare private readonly kind: 'access'
}

/** Price lists: see {@link loadPrices}. */
export class Prices extends Part {
  declare private readonly kind: 'prices'
}

/** Who is billed: see {@link loadPartner}. */
export class Partner extends Part {
  declare private readonly kind: 'partner'
}

function load(part: string, given: unknown, options: Loading): Promise<native.Loaded> {
  const isPaths = typeof given === 'string' || (Array.isArray(given) && given.every((one) => typeof one === 'string'))
  const what = isPaths ? { paths: list(given as Paths) } : { document: given }
  return watched(options, (watch) => native.load(request({ part, ...what }, options), watch))
}

/** Loads exports of access, or histories of them; or a history that stands in memory. */
export async function loadAccess(from: Paths | AccessHistory, options: Loading = {}): Promise<Access> {
  return new Access(await load('access', from, options))
}

/** Loads price lists; or rows that stand in memory. */
export async function loadPrices(from: Paths | readonly PriceRow[], options: Loading = {}): Promise<Prices> {
  return new Prices(await load('prices', from, options))
}

/** Loads the partner file (JSON or TOML); or a partner that stands in memory. */
export async function loadPartner(from: Paths | PartnerFile, options: Loading = {}): Promise<Partner> {
  return new Partner(await load('partner', from, options))
}

/** Asks one question of files. */
async function ask<T>(operation: string, paths: Paths, options: Options, more: object = {}): Promise<T> {
  const question = request({ operation, paths: list(paths), ...more }, options)
  return JSON.parse(await watched(options, (watch) => native.ask(question, watch)))
}

/** What usage earned and missed, of everything in the files: `pec statement`. */
export function statement(paths: Paths, options: StatementOptions & Loading & Settings = {}): Promise<Statement> {
  return ask('statement', paths, options)
}

/** Why a day, or a subscription's days, are what they are, of everything in the files: `pec explain`. */
export function explain(paths: Paths, of: OfDay, options?: Reading & Loading & Settings): Promise<DayExplanation>
export function explain(
  paths: Paths, of: OfSubscription, options?: Reading & Loading & Settings,
): Promise<SubscriptionExplanation>
export function explain(
  paths: Paths, of: OfDay | OfSubscription, options: Reading & Loading & Settings = {},
): Promise<DayExplanation | SubscriptionExplanation> {
  return ask('explain', paths, options, of)
}

/** What was billed against what the rule expects, of everything in the files: `pec reconcile`. */
export function reconcile(
  paths: Paths, options: ReconcileOptions & Loading & Settings = {},
): Promise<Reconciliation> {
  return ask('reconcile', paths, options)
}

/** What would be, had something been otherwise: `pec whatif`. */
export function whatIf(paths: Paths, options: WhatIfOptions & Loading & Settings): Promise<WhatIf> {
  return ask('whatif', paths, options)
}

/** What each grant is needed for, and whether less access would keep the credit: `pec advise`. */
export function advise(paths: Paths, options: AdviseOptions & Loading & Settings = {}): Promise<Advice> {
  return ask('advise', paths, options)
}

/** All of it as one page of HTML, written to `out` where that is given: `pec report`. */
export function report(paths: Paths, options: ReportOptions & Loading & Settings = {}): Promise<string> {
  const question = request({ operation: 'report', paths: list(paths) }, options)
  return watched(options, (watch) => native.report(question, watch))
}

/** What each file is taken for, and what is missing: `pec inspect`. What cannot be read is told, not thrown. */
export function inspect(
  paths: Paths, options: Loading & Settings & Pick<Reading, 'usage' | 'newestRun'> = {},
): Promise<Inspection> {
  return ask('inspect', paths, options)
}

/** All exports of access put together into one history, and written to `out` where that is given: `pec history`. */
export function history(
  paths: Paths, options: Loading & Settings & { out?: string } = {},
): Promise<AccessHistory> {
  return ask('history', paths, options)
}

/** What a calculator is made of. Everything may be left out; then nothing of it is known. */
export interface CalculatorInput extends Settings {
  access?: Access
  prices?: Prices
  partner?: Partner
}

/**
 * Works out the credit of usage. It is compiled once, when it is first asked or by {@link Calculator.ready}, off the
 * event loop; then it answers any number of questions, also at the same time.
 */
export class Calculator {
  readonly #native: native.Calculator

  constructor(input: CalculatorInput = {}) {
    const { access, prices, partner, ...settings } = input
    const parts = [access, prices, partner].filter((part) => part !== undefined)
    try {
      this.#native = new native.Calculator(parts.map((part) => part.loaded), request({}, settings))
    } catch (error) {
      throw told(error)
    }
  }

  /** Compiles it now. Rejects with what the inputs say together that cannot be, such as `price.overlap`. */
  async ready(): Promise<this> {
    await settled(this.#native.ready())
    return this
  }

  async #ask<T>(operation: string, usage: Usage, options: Options, more: object = {}): Promise<T> {
    const [paths, streams] = await given(usage)
    const question = request({ operation, paths, ...more }, options)
    return JSON.parse(await watched(options, (watch) => this.#native.ask(question, streams, watch)))
  }

  /**
   * The statement of usage: files and folders, whose other files are listed as not asked for, and Arrow IPC streams.
   */
  evaluate(usage: Usage, options: StatementOptions = {}): Promise<Statement> {
    return this.#ask('statement', usage, options)
  }

  /**
   * Every line of the usage with its answer, as an Arrow IPC stream: the columns of `pec statement --lines`, amounts as
   * decimals of 38 digits.
   */
  async lines(usage: Usage, options: LineOptions = {}): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    for await (const piece of this.linesStream(usage, options)) pieces.push(piece)
    const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
    let at = 0
    for (const piece of pieces) {
      all.set(piece, at)
      at += piece.length
      if (at % (64 * BYTES_AT_ONCE) < piece.length) await new Promise((resolve) => setImmediate(resolve))
    }
    return all
  }

  /** The same stream piece by piece, in flat memory: it is worked out while it is taken, and stops with whoever takes it. */
  async *linesStream(usage: Usage, options: LineOptions = {}): AsyncGenerator<Uint8Array, void, undefined> {
    const [paths, streams] = await given(usage)
    const question = request({ paths }, options)
    const watch = new native.Watch()
    const lines = await watched(options, () => this.#native.lines(question, streams, watch), watch)
    try {
      for (;;) {
        const piece = await watched(options, () => lines.next(), watch)
        if (!piece) return
        yield piece
      }
    } finally {
      await lines.close()
    }
  }

  /** Why a day, or a subscription's days, are what they are, by the usage. */
  explain(usage: Usage, of: OfDay, options?: Reading): Promise<DayExplanation>
  explain(usage: Usage, of: OfSubscription, options?: Reading): Promise<SubscriptionExplanation>
  explain(
    usage: Usage, of: OfDay | OfSubscription, options: Reading = {},
  ): Promise<DayExplanation | SubscriptionExplanation> {
    return this.#ask('explain', usage, options, of)
  }

  /** What was billed against what the rule expects, by the usage, and the invoices and exchange rates of its paths. */
  reconcile(usage: Usage, options: ReconcileOptions = {}): Promise<Reconciliation> {
    return this.#ask('reconcile', usage, options)
  }

  /** What would be, had something been otherwise, by the usage in files and folders. */
  whatIf(paths: Paths, options: WhatIfOptions): Promise<WhatIf> {
    return this.#ask('whatif', paths, options)
  }

  /** What each grant is needed for, and whether less access would keep the credit. */
  advise(paths: Paths, options: AdviseOptions = {}): Promise<Advice> {
    return this.#ask('advise', paths, options)
  }

  /**
   * The credits of lines, one for each in their order. They are rated together: under tiers the amount of one depends
   * on the others of its month.
   */
  async evaluateLines(lines: readonly UsageLine[]): Promise<Credit[]> {
    return JSON.parse(await settled(this.#native.credits(await text(lines))))
  }

  /**
   * The statement of a stream, in flat memory and no faster than it is worked off. A stream of bytes is one usage file
   * of any kind, packed or not, and is kept on disk until it is answered; any other gives usage lines, one by one.
   */
  async evaluateStream(
    readable: Readable | AsyncIterable<UsageLine | Uint8Array> | Iterable<UsageLine>, options: StreamOptions = {},
  ): Promise<Statement> {
    const { signal } = options
    if (!signal) return this.#ofStream(readable, options)
    if (signal.aborted) throw cancelled(signal.reason)
    // Whoever waits is told at once, even where the stream gives nothing more; what was begun ends behind it.
    return new Promise((resolve, reject) => {
      const stop = () => {
        if (readable instanceof Readable) readable.destroy()
        reject(cancelled(signal.reason))
      }
      signal.addEventListener('abort', stop, { once: true })
      const ended = () => signal.removeEventListener('abort', stop)
      this.#ofStream(readable, options).then(resolve, reject).finally(ended)
    })
  }

  async #ofStream(
    readable: AsyncIterable<UsageLine | Uint8Array> | Iterable<UsageLine>, options: StreamOptions,
  ): Promise<Statement> {
    const items = Symbol.asyncIterator in readable ? readable[Symbol.asyncIterator]() : readable[Symbol.iterator]()
    try {
      const first = await items.next()
      const all = chain(first, items)
      if (!first.done && (first.value instanceof Uint8Array || typeof first.value === 'string')) {
        return await this.#ofBytes(all as AsyncIterable<Uint8Array>, options)
      }
      return await this.#ofLines(all as AsyncIterable<UsageLine>, options)
    } finally {
      await items.return?.()
    }
  }

  async #ofBytes(bytes: AsyncIterable<Uint8Array>, options: StreamOptions): Promise<Statement> {
    const { name = 'stream', ...more } = options
    const base = await mkdtemp(join(tmpdir(), 'azure-pec-'))
    try {
      const path = join(base, basename(name) || 'stream')
      await pipeline(bytes, createWriteStream(path), options.signal ? { signal: options.signal } : {})
      return await this.evaluate(path, { ...more, base })
    } finally {
      await rm(base, { recursive: true, force: true })
    }
  }

  async #ofLines(lines: AsyncIterable<UsageLine>, options: StreamOptions): Promise<Statement> {
    const { by, from, to, signal } = options
    const sums = await settled(this.#native.sums(request({}, { by, from, to })))
    let waiting: UsageLine[] = []
    const add = async () => {
      if (signal?.aborted) throw cancelled(signal.reason)
      await settled(sums.add(await text(waiting)))
      waiting = []
    }
    for await (const line of lines) {
      waiting.push(line)
      if (waiting.length === LINES_AT_ONCE) await add()
    }
    await add()
    return JSON.parse(await settled(sums.finish()))
  }
}

/** What was taken from an iterator already, and the rest of it. */
async function* chain<T>(first: IteratorResult<T>, rest: AsyncIterator<T> | Iterator<T>): AsyncGenerator<T> {
  for (let next = first; !next.done; next = await rest.next()) yield next.value
}

/** Lines as JSON, written down piece by piece, with room for the event loop between two pieces. */
async function text(lines: readonly UsageLine[]): Promise<string> {
  const pieces: string[] = []
  for (let at = 0; at < lines.length; at += LINES_AT_ONCE) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve))
    const piece = lines.slice(at, at + LINES_AT_ONCE)
    pieces.push(piece.map((line) => JSON.stringify(line, exact)).join(','))
  }
  return `[${pieces.join(',')}]`
}

/** Whole numbers of any size are exact; numbers that JSON has no form for must not turn into null, which means none. */
function exact(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value
}
