/** A real update feed: `latest-linux.yml` and the file that it names, as electron-builder writes them. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface UpdateFeed {
  readonly url: string;
  readonly requests: readonly string[];
  /** What the feed offers from now on; null = it has no such file. `sentContent` is sent in place of what was announced. */
  offer(release: { version: string; content: string; sentContent?: string } | null): void;
  close(): Promise<void>;
}

export async function startUpdateFeed(): Promise<UpdateFeed> {
  const files = new Map<string, string>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const name = (request.url ?? '').split('?')[0] ?? '';
    requests.push(name);
    const content = files.get(name);
    if (content === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-length': Buffer.byteLength(content) }).end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/fanout`,
    requests,
    offer(release) {
      files.clear();
      if (release === null) return;
      const { version, content, sentContent = content } = release;
      const name = `Fanout-${version}.AppImage`;
      const sha512 = createHash('sha512').update(content).digest('base64');
      files.set(`/fanout/${name}`, sentContent);
      files.set(
        '/fanout/latest-linux.yml',
        [
          `version: ${version}`,
          'files:',
          `  - url: ${name}`,
          `    sha512: ${sha512}`,
          `    size: ${Buffer.byteLength(content)}`,
          `path: ${name}`,
          `sha512: ${sha512}`,
          "releaseDate: '2026-11-22T12:00:00.000Z'",
          '',
        ].join('\n'),
      );
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
