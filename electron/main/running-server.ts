import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type ServerFile, serverFileSchema } from '../../shared/contracts/server-file.ts';
import { ConsoleClient } from '../fleet/console-client.ts';
import { isProcessAlive } from '../notification-server/processes.ts';

/** The server that uses a data folder now; null where there is none, or only what a crashed one left behind. */
export function findRunningServer(dataFolder: string): ServerFile | null {
  let text: string;
  try {
    text = readFileSync(path.join(dataFolder, 'server.json'), 'utf8');
  } catch {
    return null; // no server has been here, or not one that this user may know of
  }
  const parsed = serverFileSchema.safeParse(parseJson(text));
  return parsed.success && isProcessAlive(parsed.data.pid) ? parsed.data : null;
}

/** A fresh link to the console of the server that uses the folder; null where nobody answers there. */
export async function signInLinkOfRunningServer(server: ServerFile): Promise<string | null> {
  try {
    return (await new ConsoleClient(server.consoleUrl, server.apiToken).call('signInLink', {})).url;
  } catch {
    return null; // the process has its number from a server that crashed, or is about to end
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // cut off by a crash
  }
}
