import path from 'node:path';
import type { Plugin } from 'vite';
import { type GuideFile, guideFiles } from './guide.ts';
import { collectLicences } from './third-party-licences.ts';

/** Puts beside the console what it shows and does not have in its code: licences and guides. */
export function consoleExtras(root: string): Plugin {
  const files = (): GuideFile[] => [
    { fileName: 'licences.json', source: JSON.stringify(collectLicences(root)) },
    ...guideFiles(path.join(root, 'docs')),
  ];
  return {
    name: 'fanout:console-extras',
    generateBundle() {
      for (const { fileName, source } of files()) this.emitFile({ type: 'asset', fileName, source });
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const wanted = (request.url ?? '').split('?')[0]?.slice(1);
        const file = files().find(({ fileName }) => fileName === wanted);
        if (file === undefined) next();
        else response.end(file.source);
      });
    },
  };
}
