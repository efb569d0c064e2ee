// Pages to look at, written by `pec report`, and what the same command says of the same files as JSON.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const pec = process.env.PEC ?? join(root, 'target/debug/pec');
export const out = process.env.REPORT_OUT ?? join(root, 'target/report-test');
mkdirSync(join(out, 'screenshots'), { recursive: true });

const run = (...words) => execFileSync(pec, words, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });

/** The page of a folder: where it is, and what answers to the same questions are. */
export const report = (name, folder) => {
  const file = join(out, `${name}.html`);
  run('report', folder, '--out', file);
  return {
    name,
    file,
    url: pathToFileURL(file).href,
    statement: (by) =>
      JSON.parse(run('statement', folder, '--format', 'json', ...(by ? ['--by', by] : []))).body,
    reconciliation: () => JSON.parse(run('reconcile', folder, '--format', 'json')).body,
  };
};

/** A browser that talks to nobody. */
export const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      // Root, as which containers run tests, has no sandbox.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** Opens a page, and keeps what it asked for and complained of. */
export const open = async (browser, { url }, options = {}) => {
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const seen = { requests: [], complaints: [] };
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('console', (message) => seen.complaints.push(message.text()));
  page.on('pageerror', (error) => seen.complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    seen.complaints.push(dialog.message());
    return dialog.dismiss();
  });
  await page.goto(url);
  return { page, context, seen };
};

/** Texts that would be more than text where anything is left unescaped. */
export const hostile = [
  '"><script>window.taken = 1</script>',
  '<img src=x onerror="window.taken = 1">',
  '</style></title></script><script>window.taken = 1</script>',
  '<svg/onload=window.taken=1>',
  "'-alert(1)-' onmouseover=alert(1) x='",
  '<a href="javascript:alert(1)">&lt;b&gt;</a>',
  '<!-- ]]> {{7*7}} ${7*7}',
  '\u202Elmth.exe \u0007\u2028',
  '<iframe srcdoc="&lt;script&gt;parent.taken=1&lt;/script&gt;">',
];

/** The example month with hostile names, resources, tags and file names. */
export const hostileFolder = () => {
  const folder = join(out, 'hostile');
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, 'examples/contoso'), folder, { recursive: true });
  const file = join(folder, 'usage/part_1_0001.csv');
  const [header, ...records] = parse(readFileSync(file, 'utf8'));
  const at = (name) => {
    const place = header.indexOf(name);
    if (place < 0) throw new Error(`no column ${name}`);
    return place;
  };
  // A place keeps its name, so that each stands on the page.
  const kept = {};
  const one = (column, id) => {
    const seen = (kept[column] ??= new Map());
    if (!seen.has(id)) seen.set(id, hostile[seen.size % hostile.length]);
    return seen.get(id);
  };
  for (const record of records) {
    record[at('customerName')] = one('customer', record[at('customerTenantId')]);
    record[at('subscriptionName')] = one('subscription', record[at('SubscriptionId')]);
    const text = one('resource', record[at('ResourceId')]);
    for (const name of ['tags', 'meterName', 'resourceGroupName', 'ProductName']) record[at(name)] = text;
    if (record[at('ResourceId')]) record[at('ResourceId')] += text.replaceAll('/', '');
  }
  // Newer names would stand in the page in place of these.
  rmSync(join(folder, 'usage'), { recursive: true, force: true });
  mkdirSync(join(folder, 'usage'));
  writeFileSync(file, [header, ...records].map((record) => record.map(cell).join(',')).join('\r\n') + '\r\n');
  writeFileSync(join(folder, '<img src=x onerror=window.taken=1>.txt'), 'nothing that is read');
  return folder;
};

const cell = (text) => `"${text.replaceAll('"', '""')}"`;

const parse = (text) => {
  const records = [[]];
  const pattern = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/gy;
  pattern.lastIndex = text.startsWith('\ufeff') ? 1 : 0;
  while (pattern.lastIndex < text.length) {
    const [, quoted, bare, end] = pattern.exec(text);
    records.at(-1).push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end !== ',') records.push([]);
  }
  return records.filter((record) => record.length > 1);
};

export const axeSource = readFileSync(fileURLToPath(import.meta.resolve('axe-core')), 'utf8');
