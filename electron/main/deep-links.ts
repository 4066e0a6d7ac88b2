import { app } from 'electron';
import { deepLinkProtocol, pageOfLink } from '../../shared/contracts/console-pages.ts';
import type { ConsoleLink } from './console-link.ts';

/** The first argument that is a link, whether or not it leads anywhere. */
export function linkOfArguments(args: readonly string[]): string | null {
  return args.find((argument) => argument.toLowerCase().startsWith(`${deepLinkProtocol}:`)) ?? null;
}

/** `fanout://agents/ID` shows that page. What leads to no page of the console is refused: anybody can write a link. */
export function followLink(text: string, link: ConsoleLink): void {
  const page = pageOfLink(text);
  if (page === null) console.error('A link was refused: it leads to no page of the console.');
  else link.open(page);
}

/**
 * Links that were followed on this computer come here: on macOS as an event, elsewhere on the command line, of a second start too
 * (single-instance.ts). Only an installed application offers itself to the system; one that is being developed would stay there.
 */
export function setupDeepLinks(args: readonly string[], link: ConsoleLink): void {
  if (app.isPackaged) app.setAsDefaultProtocolClient(deepLinkProtocol, process.execPath, ['--']);
  app.on('open-url', (event, url) => {
    event.preventDefault();
    followLink(url, link);
  });
  const first = linkOfArguments(args);
  if (first !== null) followLink(first, link);
}
