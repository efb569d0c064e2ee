import { Readable } from 'node:stream';
import type { AccessHistory, Advice, Credit, Day, DayExplanation, Fault, GroupKey, Inspection, Instant, PartnerFile, Policy, PriceRow, Reconciliation, Statement, SubscriptionExplanation, UsageKind, UsageLine, WhatIf } from './documents';
export type * from './documents';
/** What is wrong with an input or a question: `code` is stable and the same in every language. */
export declare class PecError extends Error {
    readonly name = "PecError";
    /** The stable code, such as `number.invalid`. */
    readonly code: string;
    /** The file, as it was named. */
    readonly file: string | null;
    /** The physical line at which the record starts; the first is 1. */
    readonly line: number | null;
    /** The column's name in a table, the path of the field in a document, the option's name in a call. */
    readonly column: string | null;
    /** What to do about it. */
    readonly help: string;
    /** With `rejects.too_many`: the first 20 lines that could not be read. */
    readonly rejected: readonly Fault[];
}
/** How far the reading of usage is, in bytes as the files are packed. */
export interface Progress {
    read: number;
    total: number;
}
/** What every long call takes. */
export interface Watching {
    /** Stops the work at its next read; the promise is rejected with the code `cancelled`, whatever was worked out. */
    signal?: AbortSignal;
    /** Called about ten times a second while usage is read. */
    onProgress?: (progress: Progress) => void;
}
/** How files are read. */
export interface Loading extends Watching {
    /** So many bytes of plain text may each file have, however small it is packed: for files of strangers. */
    maxFileBytes?: number;
    /** When exports were taken that do not say so. */
    takenAt?: Instant;
    /** The folder that names in answers and errors are told from: for uploads that lie in a folder of their own. */
    base?: string;
}
/** The policy and the rule. */
export interface Settings {
    /** Answers to what Microsoft leaves open; they win over the file's. */
    policy?: Policy;
    /** A policy file. */
    policyFile?: string;
    /** Rule data in place of the published. */
    rule?: string;
}
/** How usage is read. */
export interface Reading extends Watching {
    /** So many bytes of plain text may each file have, however small it is packed: for files of strangers. */
    maxFileBytes?: number;
    /** The folder that names in answers and errors are told from. */
    base?: string;
    /** The kind of usage to take where there are several. */
    usage?: UsageKind;
    /** Of the runs of an export take those alone of which no newer one has all days, by their manifests. */
    newestRun?: boolean;
    /** How many lines may be rejected; none if left out. */
    allowRejected?: number;
    /** Write every rejected line into this table (`.csv`, `.csv.gz`). */
    rejects?: string;
    /** How many files to work on at once; left out, what the machine has. */
    threads?: number;
}
/** What a statement is of. */
export interface StatementOptions extends Reading {
    /** The keys to group by. */
    by?: GroupKey[];
    /** The first day to take. */
    from?: Day;
    /** The last day to take. */
    to?: Day;
    /** Write the groups into this table (`.csv`, `.csv.gz`, `.parquet`). */
    groups?: string;
    /** Write every line into this table. */
    lines?: string;
    /** How tables of Parquet hold amounts: as decimals of 38 digits, or as texts where these are too short. */
    amounts?: 'decimal' | 'string';
    /** So many bytes may sums and texts take, about; more is `memory.exceeded`. */
    maxMemory?: number;
}
/** What the table of lines is of. */
export interface LineOptions extends Omit<Reading, 'rejects' | 'onProgress'>, Pick<StatementOptions, 'from' | 'to' | 'amounts'> {
}
/** What a statement of a stream is of. */
export interface StreamOptions extends Pick<StatementOptions, 'by' | 'from' | 'to'>, Watching {
    /** So many bytes of plain text may each file have, however small it is packed: for files of strangers. */
    maxFileBytes?: number;
    /** Of bytes: how many lines may be rejected. */
    allowRejected?: number;
    /** Of bytes: the name that errors and `inputs` tell; `stream` if left out. */
    name?: string;
}
/** A resource, resource group or subscription by its path, on a day. */
export interface OfDay {
    resource: string;
    date: Day;
}
/** A subscription by its id or its name, day by day. */
export interface OfSubscription {
    subscription: string;
    since?: Day;
}
/** How a bill is reconciled. */
export interface ReconcileOptions extends Reading {
    /** Write the dispute pack (`.zip`). */
    out?: string;
}
/** Where a report goes. */
export interface ReportOptions extends Reading {
    /** Write the page (`.html`). */
    out?: string;
}
/** What would be otherwise, as `pec whatif` takes it: texts such as `role=Owner,scope=/subscriptions/...`, or objects. */
export interface WhatIfOptions extends Reading {
    /** Grants added. */
    grant?: (string | Record<string, string | boolean>)[];
    /** Grants revoked, by their `id`. */
    revoke?: (string | Record<string, string>)[];
    /** Policy keys changed: `deny=block`, or `{ deny: 'block' }`. */
    set?: (string | Record<string, string>)[];
    /** Subscriptions that move between partners. */
    transfer?: (string | Record<string, string>)[];
    /** The few changes that bring back most. */
    suggest?: boolean;
    /** Services delivered, by their names in the catalogue. */
    service?: string[];
    /** The open month, with the changes. */
    forecast?: boolean;
}
/** What access is held against. */
export interface AdviseOptions extends Reading {
    /** Services delivered, by their names in the catalogue. */
    service?: string[];
}
/** One path, or several: files and folders. */
export type Paths = string | readonly string[];
/**
 * Usage: files and folders by their paths, and Arrow IPC streams as their bytes, with the columns that exports have (as
 * apache-arrow's `tableToIPC(table, 'stream')` writes them). Quantities and prices are texts or decimals; binary floats
 * are refused (`number.binary_float`).
 */
export type Usage = string | Uint8Array | readonly (string | Uint8Array)[];
/** What was loaded: keep it, and make any number of calculators of it. */
declare abstract class Part {
}
/** Who held what, where and when: see {@link loadAccess}. */
export declare class Access extends Part {
    private readonly kind;
}
/** Price lists: see {@link loadPrices}. */
export declare class Prices extends Part {
    private readonly kind;
}
/** Who is billed: see {@link loadPartner}. */
export declare class Partner extends Part {
    private readonly kind;
}
/** Loads exports of access, or histories of them; or a history that stands in memory. */
export declare function loadAccess(from: Paths | AccessHistory, options?: Loading): Promise<Access>;
/** Loads price lists; or rows that stand in memory. */
export declare function loadPrices(from: Paths | readonly PriceRow[], options?: Loading): Promise<Prices>;
/** Loads the partner file (JSON or TOML); or a partner that stands in memory. */
export declare function loadPartner(from: Paths | PartnerFile, options?: Loading): Promise<Partner>;
/** What usage earned and missed, of everything in the files: `pec statement`. */
export declare function statement(paths: Paths, options?: StatementOptions & Loading & Settings): Promise<Statement>;
/** Why a day, or a subscription's days, are what they are, of everything in the files: `pec explain`. */
export declare function explain(paths: Paths, of: OfDay, options?: Reading & Loading & Settings): Promise<DayExplanation>;
export declare function explain(paths: Paths, of: OfSubscription, options?: Reading & Loading & Settings): Promise<SubscriptionExplanation>;
/** What was billed against what the rule expects, of everything in the files: `pec reconcile`. */
export declare function reconcile(paths: Paths, options?: ReconcileOptions & Loading & Settings): Promise<Reconciliation>;
/** What would be, had something been otherwise: `pec whatif`. */
export declare function whatIf(paths: Paths, options: WhatIfOptions & Loading & Settings): Promise<WhatIf>;
/** What each grant is needed for, and whether less access would keep the credit: `pec advise`. */
export declare function advise(paths: Paths, options?: AdviseOptions & Loading & Settings): Promise<Advice>;
/** All of it as one page of HTML, written to `out` where that is given: `pec report`. */
export declare function report(paths: Paths, options?: ReportOptions & Loading & Settings): Promise<string>;
/** What each file is taken for, and what is missing: `pec inspect`. What cannot be read is told, not thrown. */
export declare function inspect(paths: Paths, options?: Loading & Settings & Pick<Reading, 'usage' | 'newestRun'>): Promise<Inspection>;
/** All exports of access put together into one history, and written to `out` where that is given: `pec history`. */
export declare function history(paths: Paths, options?: Loading & Settings & {
    out?: string;
}): Promise<AccessHistory>;
/** What a calculator is made of. Everything may be left out; then nothing of it is known. */
export interface CalculatorInput extends Settings {
    access?: Access;
    prices?: Prices;
    partner?: Partner;
}
/**
 * Works out the credit of usage. It is compiled once, when it is first asked or by {@link Calculator.ready}, off the
 * event loop; then it answers any number of questions, also at the same time.
 */
export declare class Calculator {
    #private;
    constructor(input?: CalculatorInput);
    /** Compiles it now. Rejects with what the inputs say together that cannot be, such as `price.overlap`. */
    ready(): Promise<this>;
    /**
     * The statement of usage: files and folders, whose other files are listed as not asked for, and Arrow IPC streams.
     */
    evaluate(usage: Usage, options?: StatementOptions): Promise<Statement>;
    /**
     * Every line of the usage with its answer, as an Arrow IPC stream: the columns of `pec statement --lines`, amounts as
     * decimals of 38 digits.
     */
    lines(usage: Usage, options?: LineOptions): Promise<Uint8Array>;
    /** The same stream piece by piece, in flat memory: it is worked out while it is taken, and stops with whoever takes it. */
    linesStream(usage: Usage, options?: LineOptions): AsyncGenerator<Uint8Array, void, undefined>;
    /** Why a day, or a subscription's days, are what they are, by the usage. */
    explain(usage: Usage, of: OfDay, options?: Reading): Promise<DayExplanation>;
    explain(usage: Usage, of: OfSubscription, options?: Reading): Promise<SubscriptionExplanation>;
    /** What was billed against what the rule expects, by the usage, and the invoices and exchange rates of its paths. */
    reconcile(usage: Usage, options?: ReconcileOptions): Promise<Reconciliation>;
    /** What would be, had something been otherwise, by the usage in files and folders. */
    whatIf(paths: Paths, options: WhatIfOptions): Promise<WhatIf>;
    /** What each grant is needed for, and whether less access would keep the credit. */
    advise(paths: Paths, options?: AdviseOptions): Promise<Advice>;
    /**
     * The credits of lines, one for each in their order. They are rated together: under tiers the amount of one depends
     * on the others of its month.
     */
    evaluateLines(lines: readonly UsageLine[]): Promise<Credit[]>;
    /**
     * The statement of a stream, in flat memory and no faster than it is worked off. A stream of bytes is one usage file
     * of any kind, packed or not, and is kept on disk until it is answered; any other gives usage lines, one by one.
     */
    evaluateStream(readable: Readable | AsyncIterable<UsageLine | Uint8Array> | Iterable<UsageLine>, options?: StreamOptions): Promise<Statement>;
}
