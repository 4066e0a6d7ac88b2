/** Makes pages for a browser of the guides in docs/, so that the product has them with it. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Marked } from 'marked';

export interface GuideFile {
  readonly fileName: string;
  readonly source: string | Buffer;
}

/** Quiet in the light and in the dark; the console's own server allows no script on them. */
const style = `
:root { color-scheme: light dark; }
body { max-width: 52rem; margin: 2rem auto; padding: 0 1.5rem; line-height: 1.55;
  font-family: 'Segoe UI', -apple-system, BlinkMacSystemFont, Roboto, 'Helvetica Neue', Arial, sans-serif; }
nav { margin-bottom: 2rem; padding-bottom: .75rem; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
nav a { margin-right: 1.25rem; }
a { color: light-dark(#0e5a98, #83b5dc); }
code, pre { font-family: ui-monospace, Consolas, 'Liberation Mono', monospace; font-size: .9em; }
pre { overflow-x: auto; padding: .75rem 1rem; border-radius: 6px;
  background: color-mix(in srgb, currentColor 7%, transparent); }
table { display: block; overflow-x: auto; border-collapse: collapse; }
th, td { padding: .35rem .75rem; text-align: left; vertical-align: top; border: 1px solid color-mix(in srgb, currentColor 22%, transparent); }
img { max-width: 100%; }
`;

/** `administrator.html` and so on below `guide/`, with their pictures. */
export function guideFiles(docsFolder: string): GuideFile[] {
  const names = readdirSync(docsFolder)
    .filter((name) => name.endsWith('.md'))
    .sort();
  const pages = names.map((name) => ({ name, text: readFileSync(path.join(docsFolder, name), 'utf8') }));
  const links = pages.map(({ name, text }) => ({ address: pageOf(name), title: titleOf(text) }));
  const images = readdirSync(path.join(docsFolder, 'images'), { withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return [
    ...pages.map(({ name, text }) => ({
      fileName: `guide/${pageOf(name)}`,
      source: pageText(text, pageOf(name), links),
    })),
    ...images.map(({ name }) => ({
      fileName: `guide/images/${name}`,
      source: readFileSync(path.join(docsFolder, 'images', name)),
    })),
  ];
}

interface PageLink {
  readonly address: string;
  readonly title: string;
}

function pageText(markdown: string, address: string, links: readonly PageLink[]): string {
  const used = new Set<string>();
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${anchorOf(text, used)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
    },
    walkTokens(token) {
      if (token.type === 'link') token.href = token.href.replace(/^([a-z-]+)\.md(?=#|$)/, '$1.html');
    },
  });
  const navigation = links.map((link) =>
    link.address === address
      ? `<strong>${escaped(link.title)}</strong>`
      : `<a href="${link.address}">${escaped(link.title)}</a>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(titleOf(markdown))} – Fanout</title>
<style>${style}</style>
</head>
<body>
<nav aria-label="Guides">${navigation.join(' ')}</nav>
${marked.parse(markdown, { async: false })}
</body>
</html>
`;
}

/** As GitHub makes them, which the guides' links are written for. */
function anchorOf(heading: string, used: Set<string>): string {
  const plain = heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
  let anchor = plain;
  for (let number = 1; used.has(anchor); number++) anchor = `${plain}-${number}`;
  used.add(anchor);
  return anchor;
}

function titleOf(markdown: string): string {
  return /^# (.+)$/m.exec(markdown)?.[1]?.trim() ?? 'Guide';
}

function pageOf(name: string): string {
  return name.replace(/\.md$/, '.html');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
