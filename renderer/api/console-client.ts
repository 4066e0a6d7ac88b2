import { changesHeader, changesNamed } from '../../shared/contracts/audit-api.ts';
import {
  type ConsoleCall,
  ConsoleRequestError,
  consoleRequest,
  parseConsoleAnswer,
} from '../../shared/contracts/console-request.ts';
import type { ConsoleRouteName, RouteAnswer } from '../../shared/contracts/console-routes.ts';

const requestDeadlineMs = 30_000;

/** What to tell a person about anything that a call can throw. */
export function messageOf(error: unknown): string {
  if (error instanceof ConsoleRequestError) return error.message;
  return error instanceof Error ? error.message : 'Something unexpected went wrong. Reload the console.';
}

async function bodyOf(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // what is no JSON has another form than any answer: the parser says so
  }
}

/**
 * One call of the console interface. Throws `ConsoleRequestError` with a sentence for people: status 0 where the server
 * could not be reached or did not answer within 30 s.
 */
export async function callConsole<Name extends ConsoleRouteName>(
  name: Name,
  call: ConsoleCall<Name>,
): Promise<RouteAnswer<Name>> {
  return (await changeConsole(name, call)).answer;
}

export interface ConsoleChange<Name extends ConsoleRouteName> {
  readonly answer: RouteAnswer<Name>;
  /** Entries of the audit trail that take the change back, the newest first; empty where that is not possible. */
  readonly changes: readonly number[];
}

/** As `callConsole`, for what a person may want to undo. */
export async function changeConsole<Name extends ConsoleRouteName>(
  name: Name,
  call: ConsoleCall<Name>,
): Promise<ConsoleChange<Name>> {
  const request = consoleRequest(name, call);
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(request.path, {
      method: request.method,
      credentials: 'same-origin',
      signal: AbortSignal.timeout(requestDeadlineMs),
      ...(request.body === undefined ? {} : { body: request.body, headers: { 'content-type': 'application/json' } }),
    });
    body = await bodyOf(response);
  } catch {
    throw unreachable();
  }
  return {
    answer: parseConsoleAnswer(name, response.status, body),
    changes: changesNamed(response.headers.get(changesHeader)),
  };
}

function unreachable(): ConsoleRequestError {
  return new ConsoleRequestError(0, {
    code: 'not-available',
    message: 'The Notification Server does not answer. Check that it is running, then try again.',
  });
}

export interface UploadHandle {
  readonly answer: Promise<RouteAnswer<'uploadImport'>>;
  cancel(): void;
}

/** Sends a file of this computer as a new package; `onProgress` hears how many bytes have left the browser. */
export function uploadPackage(
  call: ConsoleCall<'uploadImport'>,
  file: Blob,
  onProgress: (sentBytes: number) => void,
): UploadHandle {
  const request = consoleRequest('uploadImport', call);
  // fetch cannot tell how much of a body has been sent.
  const transfer = new XMLHttpRequest();
  const answer = new Promise<RouteAnswer<'uploadImport'>>((resolve, reject) => {
    transfer.open(request.method, request.path);
    transfer.setRequestHeader('content-type', 'application/octet-stream');
    transfer.upload.onprogress = (event) => onProgress(event.loaded);
    transfer.onerror = () => reject(unreachable());
    transfer.onabort = () =>
      reject(new ConsoleRequestError(0, { code: 'stopping', message: 'The upload was cancelled.' }));
    transfer.onload = () => {
      try {
        const body: unknown = transfer.responseText === '' ? undefined : JSON.parse(transfer.responseText);
        resolve(parseConsoleAnswer('uploadImport', transfer.status, body));
      } catch (error) {
        reject(error);
      }
    };
    transfer.send(file);
  });
  return { answer, cancel: () => transfer.abort() };
}
