'use strict';
// npm run docs: the site builds without a warning or a broken link, and reads well in Debian's chromium.

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');
const { chromium } = require('playwright-core');
const { which } = require('../../examples/lib/example');
const { tmp } = require('../helpers');
const { start } = require('../helpers/processes');
const { notRun } = require('../peers/foreign');

const root = path.join(__dirname, '..', '..');
const guides = path.join(root, 'docs', 'guides');
const WIDTHS = [375, 1280];
const WORDS = ['backpressure', 'EMSGSIZE', 'graceful', 'abstract'];
const OPTIONS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const contains = (text, word) => text.toLowerCase().includes(word.toLowerCase());

/** Titles of the guides that contain a word. */
function guidesWith(word) {
  return fs
    .readdirSync(guides)
    .map((name) => fs.readFileSync(path.join(guides, name), 'utf8'))
    .filter((text) => contains(text, word))
    .map((text) => /^title: (.+)$/m.exec(text)[1]);
}

/** Opens a browser with an empty profile, which is closed and removed when the test ends. */
async function browse(t) {
  const browser = await chromium.launch({ executablePath: which('chromium'), args: OPTIONS });
  t.after(() => browser.close());
  return browser;
}

const openPage = (browser, width, options) => browser.newPage({ viewport: { width, height: 900 }, ...options });

/** What the search of the site answers: [{ text, url }]. */
async function search(page, word) {
  await page.click('#tsd-search-trigger');
  await page.fill('#tsd-search-input', word);
  await page.waitForSelector('#tsd-search-results li, #tsd-search-status div');
  return page.$$eval('#tsd-search-results a', (links) =>
    links.map(({ textContent, href }) => ({ text: textContent.trim(), url: href })),
  );
}

/** Tests of the built site in a browser. */
async function browserTests(t, site, files) {
  const browser = await browse(t);
  const at = (name) => pathToFileURL(path.join(site, name)).href;

  await t.test(`no page is wider than a window of ${WIDTHS.join(' or ')} pixels`, async () => {
    // Without scripts, which do not change the layout, and with one change of the width for each page, this takes half the time.
    const page = await openPage(browser, WIDTHS[0], { javaScriptEnabled: false });
    const widths = [...WIDTHS];
    for (const file of files) {
      await page.goto(at(file));
      for (const width of widths) {
        await page.setViewportSize({ width, height: 100 });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.strictEqual(wide, width, file);
      }
      widths.reverse(); // the next page starts with the width that the window has
    }
  });

  for (const width of WIDTHS) {
    await t.test(`the search finds words in guides and in the API, ${width} pixels`, async () => {
      const page = await openPage(browser, width);
      const api = fs.readFileSync(path.join(root, 'index.d.ts'), 'utf8');
      for (const word of WORDS) {
        await page.goto(at('index.html'));
        const results = await search(page, word);
        const shown = `${word}: ${JSON.stringify(results, null, 2)}`;
        for (const { url } of results) {
          assert.ok(
            contains(fs.readFileSync(fileURLToPath(url.replace(/#.*/, '')), 'utf8'), word),
            `${url}: no ${word}`,
          );
        }
        const titles = guidesWith(word);
        assert.ok(
          results.some(({ text }) => titles.includes(text)),
          shown,
        );
        if (!contains(api, word)) continue;
        assert.ok(
          results.some(({ url }) => /\/(classes|functions|interfaces|types)\//.test(url)),
          shown,
        );
      }
    });
  }

  await t.test('the navigation has one group of classes, and its links lead to pages', async () => {
    const page = await openPage(browser, 1280);
    await page.goto(at('index.html'));
    await page.waitForSelector('#tsd-nav-container a', { state: 'attached' });
    const links = await page.$$eval('#tsd-nav-container a', (all) => all.map(({ href }) => href));
    assert.deepStrictEqual(
      links.filter((link) => !fs.existsSync(fileURLToPath(link))),
      [],
    );
    const groups = await page.$$eval('#tsd-nav-container summary', (all) => all.map((each) => each.textContent.trim()));
    assert.strictEqual(groups.filter((name) => name === 'Classes').length, 1, String(groups));
  });

  await t.test('own members come before inherited ones', async () => {
    const page = await openPage(browser, 1280);
    await page.goto(at('classes/node-unix-socket.DgramSocket.html'));
    const lists = await page.$$eval('.tsd-index-list', (all) =>
      all.map((list) => [...list.children].map((item) => item.classList.contains('tsd-is-inherited'))),
    );
    assert.ok(lists.some((list) => list.includes(true) && list.includes(false)));
    for (const list of lists) assert.deepStrictEqual(list, [...list].sort());
  });
}

test('the documentation builds without a warning or a broken link', { timeout: 120000 }, async (t) => {
  const site = tmp(t);
  const child = start(t, process.execPath, ['scripts/dev/docs.js', '--out', site], { cwd: root });
  const { code, stdout, stderr } = await child.done;
  assert.strictEqual(code, 0, stdout + stderr);
  const files = fs.readdirSync(site, { recursive: true }).filter((name) => name.endsWith('.html'));
  const names = fs.readdirSync(guides);
  const documents = files.filter((name) => name.startsWith('documents'));
  assert.ok(documents.length >= names.length, `${names.length} guides, but only ${documents}`);

  await t.test('chromium', (t) =>
    which('chromium') ? browserTests(t, site, files) : notRun(t, 'chromium is missing (.ci/run installs it)'),
  );
});
