import { createStore } from 'zustand/vanilla';
import { callConsole, messageOf, uploadPackage } from '../api/console-client.ts';
import { replaceInFeed } from './feed-store.ts';
import { notify } from './notice-store.ts';

/** A file that is on its way from this browser to the server. */
export interface Upload {
  readonly id: number;
  readonly fileName: string;
  readonly totalBytes: number;
  readonly sentBytes: number;
  cancel(): void;
}

export const uploadStore = createStore<{ readonly uploads: readonly Upload[] }>(() => ({ uploads: [] }));
let lastId = 0;

function change(id: number, update: (upload: Upload) => Upload | null): void {
  uploadStore.setState(({ uploads }) => ({
    uploads: uploads.flatMap((upload) => (upload.id === id ? (update(upload) ?? []) : upload)),
  }));
}

/** Uploads `file` and imports it; ends when the server has taken or refused it, and tells the person either way. */
export async function startUpload(
  file: File,
  details: { readonly name?: string; readonly version?: string },
): Promise<void> {
  const id = ++lastId;
  let isCancelled = false;
  const handle = uploadPackage({ query: { fileName: file.name, ...details } }, file, (sentBytes) =>
    change(id, (upload) => ({ ...upload, sentBytes: Math.min(sentBytes, upload.totalBytes) })),
  );
  const cancel = () => {
    isCancelled = true;
    handle.cancel();
  };
  uploadStore.setState(({ uploads }) => ({
    uploads: [...uploads, { id, fileName: file.name, totalBytes: file.size, sentBytes: 0, cancel }],
  }));
  try {
    const job = await handle.answer;
    replaceInFeed('imports', (jobs) => [job, ...jobs.filter((other) => other.id !== job.id)]);
  } catch (error) {
    notify(
      isCancelled ? 'info' : 'error',
      isCancelled ? `The upload of ${file.name} was cancelled.` : messageOf(error),
    );
  } finally {
    change(id, () => null);
  }
}

export async function cancelImport(id: string): Promise<void> {
  try {
    await callConsole('cancelImport', { params: { id } });
  } catch (error) {
    notify('error', messageOf(error));
  }
}
