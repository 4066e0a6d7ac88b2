/** A Notification Server with one package, in a process of its own. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import { importPackage, startTestServer } from '../../notification-server/support/test-server.ts';
import type { StartedServer } from '../support/target-messages.ts';
import { answerRequests, trouble } from './target-runtime.ts';

/** What the server calls an error is one: nothing that comes over a network may be. */
const logger = pino({ level: 'error' }, { write: (line: string) => trouble(line.slice(0, 2000)) });

answerRequests(async (request) => {
  if (request.kind !== 'start-server') throw new Error(`a server is not asked for ${request.kind}`);
  const server = await startTestServer(request.dataFolder, { logger });
  const file = path.join(request.dataFolder, 'package.bin');
  await writeFile(file, randomBytes(request.packageBytes));
  const { guid, version } = await importPackage(server, file);
  const joinToken = await server.makeJoinToken();
  return {
    agentUrl: server.agentUrl,
    joinToken,
    packagePath: `/packages/${guid}/${version}`,
  } satisfies StartedServer;
});
