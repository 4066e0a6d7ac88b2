import { app, dialog } from 'electron';

/**
 * The application could not start. On standard error for whoever started it in a terminal, in a window for whoever did not; never
 * a half-started application. Resolves when the person has read it.
 */
export async function reportStartFailure(error: unknown): Promise<void> {
  const sentence = error instanceof Error ? error.message : String(error);
  console.error(`Fanout did not start: ${sentence}`);
  if (!app.isReady()) return;
  await dialog.showMessageBox({ type: 'error', title: 'Fanout', message: 'Fanout did not start.', detail: sentence });
}
