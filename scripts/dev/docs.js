'use strict';
// npm run docs [-- --out FOLDER]: builds the documentation site from index.d.ts, README and the documents that typedoc.json
// lists, into build/docs. typedoc fails if a member has no description or a link names an unknown member. Afterwards every
// link within the site is followed.

const { spawnSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const root = require('../lib/root');

function htmlFiles(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return htmlFiles(file);
    return entry.name.endsWith('.html') ? [file] : [];
  });
}

const decode = (text) => decodeURIComponent(text.replace(/&amp;/g, '&').replace(/&quot;/g, '"'));

/** Guides link the names of the API to index.d.ts. On the site each such link leads to the page of that name. */
function linkNames(site) {
  const files = htmlFiles(site);
  const own = (name) => files.find((file) => path.basename(file) === `node-unix-socket.${name}.html`);
  for (const file of files) {
    const text = fs.readFileSync(file, 'utf8');
    const linked = text.replace(/href="[^"]*modules\/node-unix-socket\.html">(\w+)<\/a>/g, (all, name) => {
      const page = own(name);
      return page ? `href="${path.relative(path.dirname(file), page)}">${name}</a>` : all;
    });
    if (linked !== text) fs.writeFileSync(file, linked);
  }
}

/** Links and images of the site whose target does not exist, or is a Markdown file, which a browser shows unformatted. */
function brokenLinks(site) {
  const pages = new Map(htmlFiles(site).map((file) => [file, fs.readFileSync(file, 'utf8')]));
  const ids = new Map(
    [...pages].map(([file, text]) => [file, new Set([...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => decode(id)))]),
  );
  const broken = [];
  for (const [file, text] of pages) {
    for (const [, link] of text.matchAll(/ (?:href|src)="([^"]*)"/g)) {
      if (/^(https?|data|mailto):/.test(link)) continue;
      const [where, anchor] = decode(link).split('#');
      const target = where === '' ? file : path.resolve(path.dirname(file), where);
      const exists = fs.existsSync(target) && (!anchor || !ids.has(target) || ids.get(target).has(anchor));
      if (!exists || target.endsWith('.md')) broken.push(`${path.relative(site, file)}: ${link}`);
    }
  }
  return broken;
}

function main(args) {
  const at = args.indexOf('--out');
  const site = path.resolve(at >= 0 ? args[at + 1] : path.join(root, 'build', 'docs'));
  const typedoc = path.join(root, 'node_modules', 'typedoc', 'bin', 'typedoc');
  const { status } = spawnSync(process.execPath, [typedoc, '--out', site], { cwd: root, stdio: 'inherit' });
  if (status !== 0) return 1;
  linkNames(site);
  const broken = brokenLinks(site);
  for (const line of broken) console.error(`broken link: ${line}`);
  return broken.length > 0 ? 1 : 0;
}

process.exitCode = main(process.argv.slice(2));
