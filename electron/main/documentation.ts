import { shell } from 'electron';

/** The guides come with the console, and are read in the system's browser beside the window. */
export function showDocumentation(consoleUrl: string): void {
  shell.openExternal(`${consoleUrl}/guide/administrator.html`).catch((error: unknown) => {
    console.error(`The system's browser did not open the documentation: ${String(error)}`);
  });
}
