// Plugin of typedoc, which typedoc.json names.

import { Converter } from 'typedoc';

/** Guides have a title and a group in their front matter. All other documents are named by their first heading. */
function describe(document) {
  const [, heading] = /^# (.+)$/m.exec(document.content[0].text) || [];
  const { frontmatter } = document;
  if (frontmatter.group) return;
  frontmatter.group = document.name.startsWith('docs/adr/') ? 'Decisions' : 'Project';
  document.name = heading;
}

/** Sorting is stable: own and inherited members each keep their order. */
const ownFirst = (members) => members.sort((a, b) => Boolean(a.inheritedFrom) - Boolean(b.inheritedFrom));

export function load(app) {
  const afterGrouping = -200; // GroupPlugin has priority -100
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => describe(document));
  app.converter.on(
    Converter.EVENT_RESOLVE_END,
    ({ project }) => {
      for (const { groups = [] } of Object.values(project.reflections)) {
        for (const { children } of groups) ownFirst(children);
      }
    },
    afterGrouping,
  );
}
