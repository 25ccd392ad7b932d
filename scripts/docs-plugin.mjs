// Plugin of typedoc, which typedoc.json names.

import { Converter, IndexEvent } from 'typedoc';

/** Guides have a title and a group in their front matter. All other documents are named by their first heading. */
function describe(document) {
  const [, heading] = /^# (.+)$/m.exec(document.content[0].text) || [];
  const { frontmatter } = document;
  if (frontmatter.group) return;
  frontmatter.group = document.name.startsWith('docs/adr/') ? 'Decisions' : 'Project';
  if (heading) document.name = heading;
}

/** Sorting is stable: own and inherited members each keep their order. */
const ownFirst = (members) => members.sort((a, b) => Boolean(a.inheritedFrom) - Boolean(b.inheritedFrom));

/** Adds the text of @param to the search index. typedoc indexes only the rest of the comment of a function. */
function indexParameters(event) {
  event.searchFieldWeights.parameters = event.searchFieldWeights.comment;
  event.searchResults.forEach(({ signatures = [] }, i) => {
    const comments = signatures.flatMap(({ parameters = [] }) => parameters.map(({ comment }) => comment));
    const parts = comments.flatMap((comment) => (comment ? comment.summary : []));
    event.searchFields[i].parameters = parts.map(({ text }) => text).join('');
  });
}

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
  app.renderer.on(IndexEvent.PREPARE_INDEX, indexParameters);
}
