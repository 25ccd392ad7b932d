'use strict';
// The address of the repository in the packages: fields of package.json, and links of the documents. Only a build on GitHub
// knows it, from its environment; it would be wrong in every fork if it stood in package.json.

const fs = require('fs');
const path = require('path');
const root = require('../lib/root');

/** For example https://github.com/owner/name, or undefined. */
function address({ GITHUB_REPOSITORY, GITHUB_SERVER_URL } = process.env) {
  return GITHUB_REPOSITORY && GITHUB_SERVER_URL ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}` : undefined;
}

/** Fields of package.json for the package in `folder`. npm provenance requires the repository that built the package. */
function fields(folder, url = address()) {
  if (!url) return {};
  const directory = path.relative(root, folder);
  return {
    homepage: `${url}#readme`,
    bugs: { url: `${url}/issues` },
    repository: { type: 'git', url: `git+${url}.git`, ...(directory && { directory }) },
  };
}

const LINK = /(!?)\[((?:[^\][]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g;

/**
 * The text of a Markdown file in `folder` with absolute links and pictures, which lead to the files of this version: relative
 * ones are broken on the page of a registry, and in node_modules.
 */
function withAbsoluteLinks(text, folder, version, url = address()) {
  if (!url) return text;
  const absolute = (target, picture) => {
    const [name, anchor = ''] = target.split(/(?=#)/);
    if (!name || name.startsWith('#') || /^[a-z]+:/.test(name)) return target;
    const file = path.resolve(folder, name);
    const kind = picture ? 'raw' : fs.statSync(file).isDirectory() ? 'tree' : 'blob';
    return `${url}/${kind}/v${version}/${path.relative(root, file)}${anchor}`;
  };
  const replaced = (part) =>
    part.replace(LINK, (_all, picture, label, target) => `${picture}[${label}](${absolute(target, picture)})`);
  // Every second part is a sample of code.
  return text
    .split(/^(```.*?^```)$/ms)
    .map((part, i) => (i % 2 === 0 ? replaced(part) : part))
    .join('');
}

module.exports = { fields, withAbsoluteLinks };
