'use strict';
// What a page without script lacks: numbers and days in the reader's own form, exact values, sorting and filtering.
(() => {
  const language = navigator.languages?.length ? [...navigator.languages] : navigator.language;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Numbers. Intl takes the text of a decimal and loses no digit of it.
  const formats = new Map();
  const numberFormat = (kind) => {
    if (!formats.has(kind)) {
      const digits = kind === 'p' ? 2 : kind === 'x' ? 20 : Number(kind);
      const least = kind === 'x' ? 0 : digits;
      const options = { minimumFractionDigits: least, maximumFractionDigits: digits };
      if (kind === 'p') Object.assign(options, { style: 'percent', roundingMode: 'trunc' });
      formats.set(kind, new Intl.NumberFormat(language, options));
    }
    return formats.get(kind);
  };
  const exactFormat = new Intl.NumberFormat(language, { maximumFractionDigits: 20 });
  const point = exactFormat.formatToParts(1.5).find((part) => part.type === 'decimal')?.value ?? '.';
  // More decimals than Intl knows: the whole part by Intl, the others as they are.
  const exactText = (value) => {
    const [whole, decimals] = value.split('.');
    if (decimals === undefined) return exactFormat.format(value);
    const sign = whole === '-0' ? '-' : '';
    return sign + exactFormat.format(sign ? '0' : whole) + point + decimals;
  };
  const numbers = all('data');
  let exact = false;
  const show = (element) => {
    const value = element.getAttribute('value');
    const kind = element.dataset.d ?? '2';
    element.textContent = exact && kind !== '0' ? exactText(value) : numberFormat(kind).format(value);
  };
  numbers.forEach(show);
  document.addEventListener('pointerover', (event) => {
    const element = event.target.closest?.('data');
    if (element) element.title = exactText(element.getAttribute('value'));
  });
  const toggle = document.getElementById('exact');
  toggle.hidden = false;
  toggle.addEventListener('click', () => {
    exact = !exact;
    toggle.setAttribute('aria-pressed', String(exact));
    document.documentElement.classList.toggle('exact', exact);
    numbers.forEach(show);
  });

  // Days, which are UTC.
  const dayFormat = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  for (const element of all('time')) {
    element.title = element.dateTime;
    element.textContent = dayFormat.format(new Date(element.dateTime + 'T00:00:00Z'));
  }

  for (const element of all('.days')) {
    const { first, last } = element.dataset;
    element.title = `${first} to ${last}`;
    element.textContent = dayFormat.formatRange(new Date(first + 'T00:00:00Z'), new Date(last + 'T00:00:00Z'));
  }

  // Decimals compared as they are written: no digit is lost on the way.
  const decimal = (text) => {
    const negative = text.startsWith('-');
    const [whole, decimals = ''] = text.replace('-', '').split('.');
    return { negative, whole, decimals };
  };
  const compareText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const compareNumbers = (one, other) => {
    const [a, b] = [decimal(one), decimal(other)];
    if (a.negative !== b.negative) return a.negative ? -1 : 1;
    const size =
      a.whole.length - b.whole.length || compareText(a.whole, b.whole) || compareText(a.decimals, b.decimals);
    return a.negative ? -size : size;
  };
  const words = new Intl.Collator(language, { numeric: true });
  // What a cell is sorted by: a number, a day, or its words.
  const key = (row, at) => {
    const cell = row.cells[at];
    const day = cell.querySelector('time, .days');
    if (day) return { text: day.dateTime ?? day.dataset.first };
    const number = cell.querySelector('data');
    return number ? { number: number.getAttribute('value') } : { text: cell.textContent.trim() };
  };
  const compare = (a, b) => {
    if (a.number !== undefined && b.number !== undefined) return compareNumbers(a.number, b.number);
    if (a.number !== undefined) return 1;
    if (b.number !== undefined) return -1;
    return words.compare(a.text, b.text);
  };

  // Tables: what is found, and how much of it is shown.
  const views = new Map();
  for (const box of all('.table')) {
    const table = box.querySelector('table');
    const body = table.tBodies[0];
    const [search, found, more] = ['input', '.found', 'button.all'].map((name) => box.querySelector(name));
    const few = Number(box.dataset.shown);
    const texts = new Map(
      [...body.rows].map((row) => [row, (row.textContent + ' ' + (row.dataset.also ?? '')).toLowerCase()]),
    );
    let whole = false;
    const draw = () => {
      const wanted = search.value.trim().toLowerCase();
      let hits = 0;
      for (const row of body.rows) {
        const hit = texts.get(row).includes(wanted);
        hits += hit ? 1 : 0;
        row.hidden = !hit || (!whole && hits > few);
      }
      const rows = body.rows.length;
      found.textContent = wanted ? `${hits} of ${rows}` : '';
      more.hidden = hits <= few;
      more.textContent = whole ? `Show the first ${few}` : `Show all ${hits}`;
      more.setAttribute('aria-expanded', String(whole));
    };
    search.addEventListener('input', draw);
    search.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && search.value) {
        search.value = '';
        draw();
      }
    });
    more.addEventListener('click', () => {
      whole = !whole;
      draw();
    });
    box.querySelector('.tools').hidden = body.rows.length < 5;
    for (const heading of table.tHead.rows[0].cells) {
      if (heading.classList.contains('drawing')) continue;
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = heading.textContent;
      heading.replaceChildren(button);
      button.addEventListener('click', () => {
        const numeric = heading.classList.contains('n');
        const now = heading.ariaSort;
        const up = now ? now === 'descending' : !numeric;
        for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
        heading.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        const at = heading.cellIndex;
        const rows = [...body.rows].map((row) => [key(row, at), row]);
        rows.sort(([a], [b]) => (up ? compare(a, b) : compare(b, a)));
        body.append(...rows.map(([, row]) => row));
        draw();
      });
    }
    views.set(table.id, {
      find: (text) => {
        search.value = text;
        box.querySelector('.tools').hidden = false;
        draw();
      },
      reveal: (row) => {
        search.value = '';
        whole = true;
        draw();
        row.hidden = false;
      },
    });
    draw();
  }

  // A link leads to what is behind its number: rows that are found, or a row that may be folded away.
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (!link) return;
    const target = document.getElementById(decodeURIComponent(link.getAttribute('href').slice(1)));
    if (link.dataset.table) views.get(link.dataset.table)?.find(link.dataset.filter);
    if (!target) return;
    target.closest('details')?.setAttribute('open', '');
    const table = target.closest('table');
    if (table && target.localName === 'tr') {
      views.get(table.id)?.reveal(target);
      target.focus({ preventScroll: true });
    }
  });

  // Paper shows what is folded away.
  let folded = [];
  addEventListener('beforeprint', () => {
    folded = all('details:not([open])');
    folded.forEach((one) => one.setAttribute('open', ''));
  });
  addEventListener('afterprint', () => folded.forEach((one) => one.removeAttribute('open')));
})();
