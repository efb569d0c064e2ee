// The report in a real browser.
import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { axeSource, hostile, hostileFolder, launch, open, out, report } from './pages.mjs';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const contoso = report('contoso', 'examples/contoso');
const billed = report('billed', 'examples/contoso-reconcile/breaks/1-withheld');

/** The exact values in a column of a table, by the text of each row's heading. */
const column = (page, table, title) =>
  page.$eval(
    `#${table}`,
    (table, title) => {
      const at = [...table.tHead.rows[0].cells].findIndex((cell) => cell.textContent.trim() === title);
      return [...table.tBodies[0].rows].map((row) => row.cells[at].querySelector('data').getAttribute('value'));
    },
    title,
  );

/** Exact sums of decimals: as many decimals as any of them has. */
const sum = (texts) => {
  const decimals = Math.max(0, ...texts.map((text) => (text.split('.')[1] ?? '').length));
  const whole = texts.reduce((all, text) => {
    const [head, tail = ''] = text.split('.');
    return all + BigInt(head + tail.padEnd(decimals, '0'));
  }, 0n);
  const sign = whole < 0n ? '-' : '';
  const digits = (whole < 0n ? -whole : whole).toString().padStart(decimals + 1, '0');
  const [head, tail] = [digits.slice(0, digits.length - decimals), digits.slice(digits.length - decimals)];
  const short = tail.replace(/0+$/, '');
  return sign + head + (short ? `.${short}` : '');
};

const sorted = (list) => [...list].sort();
const value = (page, selector) => page.getAttribute(`${selector} data`, 'value');
const shown = (page, table) => page.locator(`#${table} tbody tr:not([hidden])`);

describe('numbers', () => {
  test('the four first, as the statement says them', async () => {
    const { page, context, seen } = await open(browser, contoso);
    const [total] = contoso.statement().totals;
    assert.equal(total.missed, '181.098', 'the example, worked out by hand');
    for (const name of ['earned', 'missed', 'unknown', 'coverage', 'net']) {
      assert.equal(await value(page, `#${name}-USD`), total[name]);
    }
    assert.equal(await value(page, '#list-USD'), total.list_amount);
    assert.deepEqual(seen.complaints, []);
    assert.deepEqual(seen.requests, [contoso.url], 'nothing is asked of anyone');
    await context.close();
  });

  test('every reason, day, customer and subscription', async () => {
    const { page, context } = await open(browser, contoso);
    const { reasons, totals } = contoso.statement();
    assert.deepEqual(
      sorted(await column(page, 'reasons-table', 'Credit')),
      sorted(reasons.map((row) => row.potential)),
    );
    assert.deepEqual(
      sorted(await column(page, 'reasons-table', 'List price')),
      sorted(reasons.map((row) => row.list_amount)),
    );
    const tables = { 'day-usd-table': 'date', 'customers-table': 'customer', 'subscriptions-table': 'subscription' };
    for (const [table, by] of Object.entries(tables)) {
      const groups = contoso.statement(by).groups;
      const keys = [...new Set(groups.map((row) => row[by]))];
      for (const [title, outcome] of [['Earned', 'earned'], ['Missed', 'missed'], ['Unknown', 'unknown']]) {
        const own = (key) => groups.filter((row) => row[by] === key && row.outcome === outcome);
        const expected = keys.map((key) => sum(['0', ...own(key).map((row) => row.potential)]));
        const found = await column(page, table, title);
        // A line without a subscription stands once for each customer; such lines have no credit here.
        const extra = found.length - expected.length;
        assert.ok(extra >= 0 && extra <= 2, `${table}: ${found.length} rows for ${expected.length}`);
        assert.deepEqual(sorted(found), sorted([...expected, ...Array(extra).fill('0')]), `${table} ${title}`);
        assert.equal(sum(found), totals[0][outcome]);
      }
    }
    const breaks = await column(page, 'breaks-table', 'Price');
    assert.equal(sum(breaks), sum([totals[0].missed, totals[0].unknown]), 'breaks hold all that is lost');
    await context.close();
  });

  test('the bridge and the findings, as the reconciliation says them', async () => {
    const { page, context, seen } = await open(browser, billed);
    const { findings, bridges } = billed.reconciliation();
    assert.deepEqual(
      sorted(await column(page, 'findings-table', 'Pricing')),
      sorted(findings.map((row) => row.pricing)),
    );
    const bars = await page.$$eval('.bridge-table', (tables) =>
      tables.map((table) => [...table.querySelectorAll('data')].map((one) => one.getAttribute('value'))),
    );
    const expected = bridges.flatMap((one) => [
      [one.list, one.tiers, one.credit, one.cents, one.charge],
      [one.exchanged, one.exchange_cut, one.total, one.differences.total, one.residual.total, one.observed.total],
    ]);
    assert.deepEqual(sorted(bars.map(String)), sorted(expected.map((row) => row.filter(Boolean).join(','))));
    assert.deepEqual(seen.complaints, []);
    assert.ok(!(await open(browser, contoso)).page.url().includes('bridge'));
    await context.close();
  });

  test('as the reader writes numbers and days, and exact on demand', async () => {
    const { page, context } = await open(browser, contoso, { locale: 'de-DE' });
    const [total] = contoso.statement().totals;
    assert.match(await page.textContent('#earned-USD'), /^2\.086,44 USD$/);
    assert.match(await page.textContent('#coverage-USD'), /^88,57\s%$/);
    assert.match(await page.textContent('h1'), /^01\.\D31\.10\.2026$/);
    await page.hover('#earned-USD data');
    const exact = total.earned.replace('.', ',').replace(/^2/, '2.');
    assert.equal(await page.getAttribute('#earned-USD data', 'title'), exact);
    await page.click('#exact');
    assert.equal(await page.textContent('#earned-USD data'), exact);
    assert.equal(await page.getAttribute('#exact', 'aria-pressed'), 'true');
    await page.click('#exact');
    assert.equal(await page.textContent('#earned-USD data'), '2.086,44');
    await context.close();
  });

  test('without scripts too', async () => {
    const { page, context } = await open(browser, contoso, { javaScriptEnabled: false });
    assert.match(await page.textContent('#earned-USD'), /^2,086\.44 USD$/);
    assert.match(await page.textContent('h1'), /1 Oct 2026 to 31 Oct 2026/);
    assert.equal(await page.locator('#subscriptions-table tbody tr:visible').count() > 12, true);
    assert.equal(await page.locator('input:visible').count(), 0, 'nothing that would not work');
    await context.close();
  });
});

describe('tables', () => {
  test('sort by number, by word and by day, to the last digit', async () => {
    const { page, context } = await open(browser, contoso);
    const numbers = async (title) => (await column(page, 'subscriptions-table', title)).map(Number);
    const heading = (title) => page.locator('#subscriptions-table thead th', { hasText: title });
    await heading('Earned').locator('button').click();
    assert.equal(await heading('Earned').getAttribute('aria-sort'), 'descending');
    const down = await numbers('Earned');
    assert.deepEqual(down, [...down].sort((a, b) => b - a));
    await heading('Earned').locator('button').click();
    assert.equal(await heading('Earned').getAttribute('aria-sort'), 'ascending');
    const up = await numbers('Earned');
    assert.deepEqual(up, [...up].sort((a, b) => a - b));
    await heading('Subscription').locator('button').click();
    const names = await page.$$eval('#subscriptions-table tbody bdi:first-child', (all) =>
      all.map((one) => one.closest('tr').cells[0].querySelector('bdi').textContent),
    );
    assert.deepEqual(names, [...names].sort(new Intl.Collator('en-GB', { numeric: true }).compare));
    assert.equal(await heading('Earned').getAttribute('aria-sort'), null, 'one column at a time');
    await context.close();
  });

  test('filter by what is seen and by what stands behind it', async () => {
    const { page, context } = await open(browser, contoso);
    const search = page.locator('[aria-controls="subscriptions-table"]');
    await search.fill('JUST-in-time');
    assert.equal(await shown(page, 'subscriptions-table').count(), 1);
    const box = page.locator('.table', { has: page.locator('#subscriptions-table') });
    assert.match(await box.locator('.found').textContent(), /^1 of \d+$/);
    await search.fill('no such subscription');
    assert.equal(await shown(page, 'subscriptions-table').count(), 0);
    await search.press('Escape');
    assert.equal(await shown(page, 'subscriptions-table').count(), 12);
    await box.locator('button.all').click();
    const all = await page.locator('#subscriptions-table tbody tr').count();
    assert.equal(await shown(page, 'subscriptions-table').count(), all);
    await context.close();
  });

  test('a number leads to what stands behind it', async () => {
    const { page, context } = await open(browser, contoso);
    await page.click('.tile.missed');
    const outcomes = await shown(page, 'reasons-table').locator('.tag').allTextContents();
    assert.ok(outcomes.length > 3 && outcomes.every((one) => one === 'missed'), String(outcomes));
    await page.locator('#reasons-table a.code', { hasText: 'access.eligible_only' }).click();
    const reasons = await shown(page, 'breaks-table').locator('.why .code').allTextContents();
    assert.deepEqual([...new Set(reasons)], ['access.eligible_only']);
    await page.locator('.by-day a').nth(11).click();
    const row = page.locator('#day-usd-2026-10-12');
    assert.ok(await row.isVisible(), 'the folded table opens');
    assert.ok(await row.evaluate((row) => row === document.activeElement));
    await page.locator('#customers-table a').first().click();
    const customers = await shown(page, 'subscriptions-table').locator('td:nth-child(2)').allTextContents();
    assert.equal(new Set(customers).size, 1);
    await context.close();
  });
});

describe('without a mouse', () => {
  test('everything that can be done is reached and seen', async () => {
    const { page, context } = await open(browser, contoso);
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
    await page.keyboard.press('Tab');
    assert.match(await page.evaluate(() => document.activeElement.className), /tile/);
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'none');
    const button = page.locator('#subscriptions-table thead th', { hasText: 'Earned' }).locator('button');
    await button.focus();
    await page.keyboard.press('Enter');
    assert.equal(await button.locator('..').getAttribute('aria-sort'), 'descending');
    await page.locator('.by-day a').first().focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'day-usd-2026-10-01');
    const label = await page.getAttribute('.by-day a >> nth=0', 'aria-label');
    assert.match(label, /^1 Oct 2026: earned [\d.,]+, missed [\d.,]+, unknown [\d.,]+ USD$/);
    await context.close();
  });
});

describe('accessibility', () => {
  for (const [name, source] of [['contoso', contoso], ['billed', billed]]) {
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [390, 1280]) {
        test(`${name}, ${colorScheme}, ${width} wide`, async () => {
          const { page, context } = await open(browser, source, { colorScheme, viewport: { width, height: 900 } });
          await page.$$eval('details', (all) => all.forEach((one) => one.setAttribute('open', '')));
          await page.evaluate(axeSource);
          const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
          const { violations } = await page.evaluate((values) => globalThis.axe.run({ runOnly: { type: 'tag', values } }), tags);
          const said = violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => `${node.html} ${node.failureSummary}`).join('\n')}`);
          assert.deepEqual(said, []);
          await context.close();
        });
      }
    }
  }

  test('every drawing of the page has its numbers in a table', async () => {
    const { page, context } = await open(browser, billed);
    const bare = await page.$$eval('svg', (all) =>
      all
        .filter((one) => !one.classList.contains('patterns') && !one.closest('tr, .whole, .legend'))
        .filter((one) => !one.closest('.by-day')?.parentElement.querySelector('table'))
        .map((one) => one.outerHTML.slice(0, 100)),
    );
    assert.deepEqual(bare, []);
    const strips = await page.$$eval('.strip', (all) => all.map((one) => [one.getAttribute('role'), one.getAttribute('aria-label')]));
    assert.ok(strips.length > 0 && strips.every(([role, label]) => role === 'img' && label.length > 5));
    await context.close();
  });
});

describe('hostile texts', () => {
  test('names, resources, tags and files stay what they are', async () => {
    const source = report('hostile', hostileFolder());
    const { page, context, seen } = await open(browser, source);
    await page.waitForTimeout(200);
    assert.equal(await page.evaluate(() => globalThis.taken), undefined);
    assert.deepEqual(seen.complaints, []);
    assert.deepEqual(seen.requests, [source.url]);
    const counts = await page.evaluate(() => ({
      scripts: document.scripts.length,
      styles: document.querySelectorAll('style').length,
      strangers: document.querySelectorAll('img, iframe, object, embed, link, base, form, body script ~ *').length,
      handlers: [...document.querySelectorAll('*')].flatMap((one) => one.getAttributeNames()).filter((name) => name.startsWith('on')),
      away: [...document.querySelectorAll('[href]')].map((one) => one.getAttribute('href')).filter((href) => !href.startsWith('#')),
      inline: document.querySelectorAll('[style]').length,
    }));
    assert.deepEqual(counts, { scripts: 1, styles: 1, strangers: 0, handlers: [], away: [], inline: 0 });
    const text = await page.textContent('body');
    const squeeze = (words) => words.replace(/[\s\0]+/g, ' ').trim();
    const names = hostile.map((one) => squeeze(one)).filter((one) => !/[\u0007]/.test(one));
    for (const name of names) assert.ok(squeeze(text).includes(name), `${name} is shown as it is`);
    assert.ok(text.includes('<img src=x onerror=window.taken=1>.txt'));
    await context.close();
  });

  test('the policy lets nothing in, even where a text got through', async () => {
    const { page, context } = await open(browser, contoso);
    await page.evaluate(() => {
      document.body.insertAdjacentHTML('beforeend', '<img src="https://example.org/x.png" onerror="window.taken=1">');
      const script = document.createElement('script');
      script.textContent = 'window.taken = 2';
      document.body.append(script);
    });
    await page.waitForTimeout(200);
    assert.equal(await page.evaluate(() => globalThis.taken), undefined);
    await assert.rejects(page.evaluate(() => fetch('https://example.org/')));
    await context.close();
  });
});

describe('pictures', () => {
  for (const [name, source] of [['contoso', contoso], ['billed', billed]]) {
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [390, 834, 1280]) {
        test(`${name}, ${colorScheme}, ${width} wide`, async () => {
          const { page, context } = await open(browser, source, { colorScheme, viewport: { width, height: 900 } });
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `the page is ${wide} pixels wider than the screen`);
          await page.screenshot({ path: join(out, `screenshots/${name}-${colorScheme}-${width}.png`), fullPage: true });
          await context.close();
        });
      }
    }

    test(`${name}, on paper`, async () => {
      const { page, context } = await open(browser, source, { colorScheme: 'dark', viewport: { width: 794, height: 1123 } });
      await page.emulateMedia({ media: 'print' });
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      assert.equal(ground, 'rgb(255, 255, 255)', 'paper is white, whatever the screen');
      await page.screenshot({ path: join(out, `screenshots/${name}-print.png`), fullPage: true });
      const pdf = await page.pdf({ format: 'A4' });
      writeFileSync(join(out, `screenshots/${name}.pdf`), pdf);
      assert.ok(pdf.length > 10_000);
      await context.close();
    });
  }

  test('the page of the example is small', () => {
    assert.ok(statSync(contoso.file).size < 400_000);
  });
});
