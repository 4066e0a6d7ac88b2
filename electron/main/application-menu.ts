import { Menu } from 'electron';
import type { ConsoleLink } from './console-link.ts';
import { showDocumentation } from './documentation.ts';
import { menuTemplate } from './menu-template.ts';

/** What the console can do is in the console, so that a browser has it too; the menu leads there. */
export function setupApplicationMenu(link: ConsoleLink, consoleUrl: string, quit: () => void): void {
  const actions = {
    open: (path: string) => link.open(path),
    do: link.do.bind(link),
    showDocumentation: () => showDocumentation(consoleUrl),
    quit,
  };
  const build = () => {
    const template = menuTemplate(link.session, actions, process.platform === 'darwin');
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  };
  build();
  link.onSession(build);
}
