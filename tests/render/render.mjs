// node render.mjs OUT_FOLDER FILE.md… ; see README.md.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import markdownIt from 'markdown-it';
import puppeteer from 'puppeteer-core';

const { CHROMIUM = '/usr/bin/chromium', OPEN, WIDTH = '960', SCALE = '1' } = process.env;
const modules = path.join(import.meta.dirname, 'node_modules');
const [out, ...files] = process.argv.slice(2);
const OURS = 'H3 H4 P A STRONG EM CODE PRE BR BLOCKQUOTE UL LI TABLE THEAD TBODY TR TH TD DETAILS SUMMARY'.split(' ');

// Emoji where other fonts have a small black picture for them.
const style = `${fs.readFileSync(path.join(modules, 'github-markdown-css/github-markdown.css'), 'utf8')}
  @font-face { font-family: Emoji; src: local("Noto Color Emoji"); unicode-range: U+2300-27BF, U+FE0F, U+1F000-1FAFF }
  body { margin: 0 }
  .markdown-body { padding: 24px; font-family: Emoji, "Noto Sans", "DejaVu Sans", sans-serif }
  .markdown-body pre.mermaid { background: none; padding: 0; text-align: center }`;

const markdown = markdownIt({ html: true, linkify: true });
const fence = markdown.renderer.rules.fence;
markdown.renderer.rules.fence = (tokens, index, ...rest) =>
  tokens[index].info.trim() === 'mermaid'
    ? `<pre class="mermaid">${markdown.utils.escapeHtml(tokens[index].content)}</pre>\n`
    : fence(tokens, index, ...rest);

fs.mkdirSync(out, { recursive: true });
const browser = await puppeteer.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
for (const file of files) {
  const html = path.join(out, 'page.html');
  const page = markdown.render(fs.readFileSync(file, 'utf8'));
  const body = OPEN ? page.replaceAll('<details>', '<details open>') : page;
  fs.writeFileSync(html, `<!doctype html><meta charset="utf-8"><style>${style}</style><article class="markdown-body">${body}</article>`);
  for (const theme of ['light', 'dark']) {
    const tab = await browser.newPage();
    const fail = (what) => {
      console.error(`${file}, ${theme}: ${what}`);
      process.exitCode = 1;
    };
    tab.on('dialog', (dialog) => dialog.dismiss().then(() => fail('a script ran')));
    tab.on('pageerror', (error) => fail(error.message));
    await tab.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
    await tab.setViewport({ width: Number(WIDTH), height: 300, deviceScaleFactor: Number(SCALE) });
    await tab.goto(pathToFileURL(html).href);
    const foreign = await tab.$$eval('article *', (all, ours) => all.map((one) => one.tagName).filter((tag) => !ours.includes(tag)), OURS);
    if (foreign.length > 0) fail(`foreign elements: ${foreign}`);
    const links = await tab.$$eval('article a', (all) => all.map((one) => one.href));
    if (links.length !== 1) fail(`links: ${links}`);
    await tab.addScriptTag({ path: path.join(modules, 'mermaid/dist/mermaid.min.js') });
    const problem = await tab.evaluate((dark) => {
      mermaid.initialize({ startOnLoad: false, theme: dark ? 'dark' : 'default' });
      return mermaid.run().then(() => '', (error) => String(error.message ?? error.str));
    }, theme === 'dark');
    if (problem) fail(`the chart: ${problem}`);
    await tab.screenshot({ path: path.join(out, `${path.basename(path.dirname(file))}-${theme}.png`), fullPage: true });
    await tab.close();
  }
  fs.rmSync(html);
}
await browser.close();
