import { app } from 'electron';
import { z } from 'zod';
import type { ConsoleLink } from './console-link.ts';
import { followLink, linkOfArguments } from './deep-links.ts';
import { findRunningServer } from './running-server.ts';

const secondStartSchema = z.object({ link: z.string().nullable() });

/**
 * One application per data folder. A second start brings the first one's window to the front and ends with a line that names it;
 * it never touches the data. A link that it was started with is followed there. False = this is the second one.
 */
export function setupSingleInstance(dataFolder: string, args: readonly string[], link: ConsoleLink): boolean {
  if (!app.requestSingleInstanceLock({ link: linkOfArguments(args) })) {
    const running = findRunningServer(dataFolder);
    const who = running === null ? '' : ` (process ${running.pid}, console ${running.consoleUrl})`;
    console.error(`Fanout is running already${who}: its window was brought to the front.`);
    return false;
  }
  app.on('second-instance', (_event, _arguments, _folder, additional) => {
    link.show();
    const parsed = secondStartSchema.safeParse(additional);
    if (parsed.success && parsed.data.link !== null) followLink(parsed.data.link, link);
  });
  return true;
}
