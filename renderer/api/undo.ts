import { notify } from '../stores/notice-store.ts';
import { answers } from './answers.ts';
import { callConsole, messageOf } from './console-client.ts';

/** One is on the screen at a time: older ones would cover what is worked on, and the audit trail has them all. */
const topic = 'change';

/** Tells that something was changed, with a way to take exactly that back where there is one. */
export function notifyChange(text: string, changes: readonly number[]): void {
  notify('success', text, { undo: changes, topic });
}

/**
 * Takes the changes back, the newest first, and tells what became of it. The server refuses what was changed again since,
 * and says what that was; a later change is never lost.
 */
export async function undoChanges(changes: readonly number[]): Promise<void> {
  try {
    const subjects = new Set<string>();
    for (const id of changes) {
      const { subject } = await callConsole('revertAudit', { params: { id: String(id) } });
      subjects.add(subject);
    }
    const [subject = 'It', ...more] = subjects;
    const words =
      more.length === 0 ? `Undone: “${subject}” is what it was before.` : 'Undone: all of it is what it was before.';
    notify('success', words, { topic });
  } catch (error) {
    notify('error', `This cannot be undone any more. ${messageOf(error)}`);
  } finally {
    // Any page may show what came back; the feed tells the rest.
    void answers.invalidateQueries();
  }
}
