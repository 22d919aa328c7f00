import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import { reportOf } from '../../src/report/report-of.ts';
import { hostileSimulation, policyTexts, simulation } from '../support/simulation.ts';
import { focused, lowContrasts, overflowing, seriesColors, unseen } from './probes.ts';
import { ReportBrowser } from './report-browser.ts';

jest.setTimeout(120_000);

const ABOUT = { program: 'audit-policy-operator 0.1.0', atMs: Date.UTC(2026, 10, 24, 9, 12) };
const REPORT = reportOf(simulation(), policyTexts(), ABOUT);
const HOSTILE = reportOf(hostileSimulation(), policyTexts(), ABOUT);
const SCHEMES = ['light', 'dark'] as const;

let browser: ReportBrowser;

beforeAll(async () => {
  browser = await ReportBrowser.start();
});
afterAll(() => browser.stop());

/** Opens everything that a button opens. */
async function expandAll(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const button of document.querySelectorAll<HTMLElement>('button.disclose')) button.click();
  });
}

/** Names of the rules that are shown, as `p0r3`. */
async function shownRules(page: Page): Promise<string[]> {
  return page.locator('.rules tbody[data-item]:visible').evaluateAll((bodies) => bodies.map(({ id }) => id));
}

describe('alone', () => {
  test.each([
    ['an honest log', REPORT],
    ['a hostile log', HOSTILE],
  ])('of %s: no error, no word on the console, nothing asked of the network', async (_, html) => {
    const { page, complaints, requests } = await browser.open(html);
    await expandAll(page);
    await page.locator('#filter-text').fill('script');
    await page.locator('#theme').click();
    expect({ complaints, requests }).toEqual({ complaints: [], requests: [] });
  });

  test('hostile names are text: nothing of them runs, and none becomes an element', async () => {
    const { page } = await browser.open(HOSTILE);
    await expandAll(page);
    for (const cell of await page.locator('table.heat').first().locator('button').all()) await cell.hover();
    const found = await page.evaluate(() => ({
      hurt: 'hurt' in window,
      scripts: document.scripts.length,
      strangers: document.querySelectorAll('img, iframe, object, embed, form, [onload], [onerror], [onfocus]')
        .length,
      styles: document.querySelectorAll('style').length,
      text: document.body.textContent.includes('<img src=x onerror="window.hurt=1">'),
    }));
    expect(found).toEqual({ hurt: false, scripts: 1, strangers: 0, styles: 1, text: true });
    expect(await page.locator('body :text("right\\\\u{202e}to left")').count()).toBeGreaterThan(0);
  });

  test('if a name did become markup, the policy of the page would still stop it', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
    const slip =
      `<script>window.hurt = 1</script><img src="${url}" onerror="window.hurt = 1">` +
      `<link rel="stylesheet" href="${url}"><iframe src="${url}"></iframe><div style="background: url(${url})">x</div>`;
    const slipped = REPORT.replace('<main', () => `${slip}<main`);
    const isHurt = (page: Page): Promise<boolean> => page.evaluate(() => 'hurt' in window);

    const guarded = await browser.open(slipped);
    expect(await isHurt(guarded.page)).toBe(false);
    expect(asked).toBe(0);

    // Without it they would: so it was the policy.
    const bare = await browser.open(slipped.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''));
    expect(await isHurt(bare.page)).toBe(true);
    expect(asked).toBeGreaterThan(0);
    server.close();
    server.closeAllConnections();
  });

  test('without a script everything is there to read, and no control that does nothing', async () => {
    const { page, complaints } = await browser.open(REPORT, { javaScriptEnabled: false });
    expect(complaints).toEqual([]);
    expect(await page.locator('.control:visible').count()).toBe(0);
    expect(await page.locator('button.disclose:visible').count()).toBe(0);
    expect(await page.locator('.details:visible').count()).toBe(await page.locator('.details').count());
  });
});

describe('filters', () => {
  test('by text: all words, also those behind a button', async () => {
    const { page } = await browser.open(REPORT);
    await page.locator('#filter-text').fill('TOKENREVIEWS metadata');
    expect(await shownRules(page)).toEqual(['p0r3']);
    expect(await page.locator('#filter-shown').textContent()).toMatch(/^Shown: .*1 of 15 rules/);
    await page.locator('#filter-text').fill('no such word');
    expect(await shownRules(page)).toEqual([]);
    expect(await page.locator('.nothing:visible').count()).toBeGreaterThan(0);
    await page.locator('#filter-reset').click();
    expect(await shownRules(page)).toHaveLength(15);
    expect(await page.locator('.nothing:visible').count()).toBe(0);
    expect(await page.evaluate(focused)).toMatchObject({ name: 'filter-text' });
  });

  test('by level', async () => {
    const { page } = await browser.open(REPORT);
    await page.locator('#filter-level').selectOption('RequestResponse');
    expect(await shownRules(page)).toEqual(['p0r2', 'p1r2']);
    const changes = page.locator('[data-group=changes] tbody tr:visible');
    expect(await changes.allTextContents()).toEqual([expect.stringContaining('create')]);
  });

  test('by rule: its row, its cells, its findings, its changes', async () => {
    const { page } = await browser.open(REPORT);
    await page.locator('#filter-rule').selectOption('p1r4');
    expect(await shownRules(page)).toEqual(['p1r4']);
    const cells = await page
      .locator('table.heat button:visible')
      .evaluateAll((all) => all.map((one) => one.getAttribute('title') ?? ''));
    expect(cells.length).toBeGreaterThan(0);
    expect(cells.filter((title) => !title.includes('rule 5 ('))).toEqual([]);
    expect(await page.locator('[data-group=changes] tbody tr:visible').count()).toBe(1);
  });

  test('by verb and resource', async () => {
    const { page } = await browser.open(REPORT);
    await page.locator('#filter-verb').selectOption({ label: 'get' });
    await page.locator('#filter-resource').selectOption({ label: 'pods/exec' });
    expect(await shownRules(page)).toEqual(['p0r5', 'p1r4']);
    expect(await page.locator('table.heat button:visible').count()).toBe(2);
    expect(await page.locator('[data-group=changes] tbody tr:visible').count()).toBe(1);
  });

  test('by a cell, and by the same cell back', async () => {
    const { page } = await browser.open(REPORT);
    const cell = page.locator('table.heat').first().getByRole('button', { name: 'patch deployments.apps' });
    await cell.click();
    expect(await cell.getAttribute('aria-pressed')).toBe('true');
    expect(await shownRules(page)).toEqual(['p0r4', 'p1r6']);
    await cell.click();
    expect(await cell.getAttribute('aria-pressed')).toBe('false');
    expect(await shownRules(page)).toHaveLength(15);
  });

  test('a name with every kind of sign can be chosen', async () => {
    const { page } = await browser.open(REPORT);
    await page.locator('#filter-resource').selectOption({ label: '"><svg onload=window.hurt=1>' });
    expect(await page.locator('table.heat button:visible').count()).toBe(2);
  });
});

describe('keyboard', () => {
  test('Tab goes through the page in its order, each stop is seen, and a heat map is one stop', async () => {
    const { page } = await browser.open(REPORT);
    const stops: ReturnType<typeof focused>[] = [];
    for (;;) {
      await page.keyboard.press('Tab');
      const stop = await page.evaluate(focused);
      if (stop.index < 0 || stop.index <= (stops.at(-1)?.index ?? -1) || stops.length > 300) break;
      stops.push(stop);
    }
    const names = stops.map(({ name }) => name);
    expect(names.slice(0, 2)).toEqual(['a Skip to the content', 'theme']);
    expect(names.filter((name) => name.startsWith('filter-'))).toEqual([
      'filter-text',
      'filter-level',
      'filter-verb',
      'filter-resource',
      'filter-rule',
    ]);
    expect(stops.filter(({ isSeen }) => !isSeen)).toEqual([]);
    const inHeat = await page.locator('table.heat button[tabindex="0"]').count();
    expect(inHeat).toBe(2);
    expect(names.filter((name) => name.startsWith('button update leases'))).toHaveLength(1);
    expect(names.filter((name) => name.startsWith('button Rule 3'))).toHaveLength(2);
  });

  test('the skip link goes to the content', async () => {
    const { page } = await browser.open(REPORT);
    await page.keyboard.press('Tab');
    expect((await page.locator('.skip').boundingBox())?.y).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Enter');
    expect(await page.evaluate(focused)).toMatchObject({ name: 'content' });
  });

  test('Enter and Space open a rule and close it', async () => {
    const { page } = await browser.open(REPORT);
    const button = page.locator('#p0r2 button.disclose');
    const details = page.locator('#p0r2-more');
    expect(await details.isVisible()).toBe(false);
    await button.focus();
    await page.keyboard.press('Enter');
    expect(await details.isVisible()).toBe(true);
    expect(await button.getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('Space');
    expect(await details.isVisible()).toBe(false);
    expect(await button.getAttribute('aria-expanded')).toBe('false');
  });

  test('arrow keys move in a heat map past what is empty, and each cell is told', async () => {
    const { page } = await browser.open(REPORT);
    await page.locator('table.heat button[tabindex="0"]').first().focus();
    const told = page.locator('[data-pointed]').first();
    expect(await told.textContent()).toMatch(
      /^update leases\.coordination\.k8s\.io: 300,221 events in the log/,
    );
    await page.keyboard.press('ArrowDown');
    expect(await told.textContent()).toMatch(/^update /);
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('table.heat').first().locator('button[tabindex="0"]').count()).toBe(1);
    const before = await told.textContent();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Space');
    expect(await told.textContent()).not.toBe(before);
    expect(await page.locator('table.heat').first().locator('[aria-pressed=true]').count()).toBe(1);
  });
});

describe('looks', () => {
  test.each(SCHEMES)('%s: every text has a contrast of at least 4.5', async (colorScheme) => {
    const { page } = await browser.open(REPORT, { colorScheme });
    await expandAll(page);
    const { looked, low } = await page.evaluate(lowContrasts);
    expect(looked).toBeGreaterThan(500);
    expect(low).toEqual([]);
  });

  test.each(SCHEMES)(
    '%s: the colours of the diagram stand out from their ground by at least 3',
    async (colorScheme) => {
      const { page } = await browser.open(REPORT, { colorScheme });
      const colors = await page.evaluate(seriesColors);
      expect(colors.map(({ name }) => name)).toEqual(['s1', 's2', 's3', 's4', 's5', 'rest']);
      expect(colors.filter(({ ratio }) => ratio < 3)).toEqual([]);
    },
  );

  test('the button goes from the theme of the system to light, to dark, and back', async () => {
    const { page } = await browser.open(REPORT, { colorScheme: 'dark' });
    const ground = (): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const grounds = [await ground()];
    for (const label of ['Theme: light', 'Theme: dark', 'Theme: as the system']) {
      await page.locator('#theme').click();
      expect(await page.locator('#theme').textContent()).toBe(label);
      grounds.push(await ground());
    }
    const [dark, light] = grounds;
    expect(light).not.toBe(dark);
    expect(grounds).toEqual([dark, light, dark, dark]);
  });

  test.each([
    [360, 'an honest log', REPORT],
    [1280, 'an honest log', REPORT],
    [360, 'a hostile log', HOSTILE],
    [1280, 'a hostile log', HOSTILE],
  ])('at %i px nothing reaches beyond the page, of %s', async (width, _, html) => {
    const { page } = await browser.open(html, { viewport: { width, height: 800 } });
    expect(await page.evaluate(overflowing)).toEqual([]);
    await expandAll(page);
    expect(await page.evaluate(overflowing)).toEqual([]);
  });

  test('on paper there is everything, whatever is filtered, in light colours and without controls', async () => {
    const { page } = await browser.open(REPORT, { colorScheme: 'dark' });
    await page.locator('#filter-text').fill('no such word');
    await page.locator('#theme').click();
    await page.locator('#theme').click();
    expect(await page.evaluate(unseen)).not.toEqual([]);
    await page.emulateMedia({ media: 'print' });
    expect(await page.evaluate(unseen)).toEqual([]);
    expect(await page.locator('.control:visible, button.disclose:visible, nav:visible').count()).toBe(0);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
      'rgb(255, 255, 255)',
    );
    expect((await page.evaluate(lowContrasts)).low).toEqual([]);
  });

  test('on paper the widest heat map is as wide as the paper', async () => {
    const wide = simulation();
    const [first] = wide.policies;
    const [cell] = first?.cells ?? [];
    if (!first || !cell) throw new Error('the simulation has changed');
    const cells = Array.from({ length: 14 }, (_, index) => ({
      ...cell,
      verb: `somelongverb${String(index)}`,
    }));
    const policies = wide.policies.map((policy) => ({ ...policy, cells }));
    // A4 between its margins.
    const { page } = await browser.open(reportOf({ ...wide, policies }, policyTexts(), ABOUT), {
      viewport: { width: 703, height: 1000 },
    });
    await page.emulateMedia({ media: 'print' });
    const rights = await page
      .locator('table.heat td')
      .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().right));
    expect(rights).toHaveLength(28);
    expect(Math.max(...rights)).toBeLessThanOrEqual(703);
  });
});

describe('for those who do not see it', () => {
  test('one title, headings in order, every table named with headings, every control with a name', async () => {
    const { page } = await browser.open(REPORT);
    await expandAll(page);
    const found = await page.evaluate(() => {
      const levels = Array.from(document.querySelectorAll('h1, h2, h3, h4, h5, h6'), ({ tagName }) =>
        Number(tagName.slice(1)),
      );
      const named = (element: Element): boolean =>
        (element.getAttribute('aria-label') ?? element.textContent.trim()) !== '' ||
        ('labels' in element && (element.labels as NodeList | null)?.length === 1);
      return {
        titles: levels.filter((level) => level === 1).length,
        jumps: levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1).length,
        nameless: [...document.querySelectorAll('button, select, input, a')].filter((one) => !named(one))
          .length,
        headless: [...document.querySelectorAll('table')].filter(
          (table) => !table.querySelector('thead th[scope=col]'),
        ).length,
        rowless: [...document.querySelectorAll('tbody > tr:not(.more)')]
          .filter((row) => !row.querySelector(':scope > th[scope=row]'))
          .map((row) => row.textContent.trim().slice(0, 40)),
        broken: [...document.querySelectorAll('a[href^="#"], [aria-controls], [aria-labelledby]')].filter(
          (one) =>
            (
              one.getAttribute('href')?.slice(1) ??
              one.getAttribute('aria-controls') ??
              one.getAttribute('aria-labelledby') ??
              ''
            )
              .split(' ')
              .some((id) => document.getElementById(id) === null),
        ).length,
        twice:
          document.querySelectorAll('[id]').length -
          new Set(Array.from(document.querySelectorAll('[id]'), ({ id }) => id)).size,
      };
    });
    expect(found).toEqual({
      titles: 1,
      jumps: 0,
      nameless: 0,
      headless: 0,
      rowless: [],
      broken: 0,
      twice: 0,
    });
  });
});
