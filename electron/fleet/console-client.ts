import type { ConsoleCall } from '../../shared/contracts/console-request.ts';
import { ConsoleRequestError, consoleRequest, parseConsoleAnswer } from '../../shared/contracts/console-request.ts';
import type { ConsoleRouteName, RouteAnswer, RouteQuery } from '../../shared/contracts/console-routes.ts';

/** Thrown where no answer came at all: nobody listens, the connection broke, or the time was up. */
export class ConsoleUnreachableError extends Error {
  override readonly name = 'ConsoleUnreachableError';
}

/** Every call of the console interface is answered from memory or one database read; longer means that the server hangs. */
const answerWithinMs = 30_000;

/** The console interface of a Notification Server for programs: typed calls with a bearer token. */
export class ConsoleClient {
  readonly consoleUrl: string;
  readonly #apiToken: string;

  /** @param consoleUrl origin of the console, e.g. `http://127.0.0.1:27802` @param apiToken see contracts/server-file.ts */
  constructor(consoleUrl: string, apiToken: string) {
    this.consoleUrl = consoleUrl.replace(/\/+$/, '');
    this.#apiToken = apiToken;
  }

  get authorization(): string {
    return `Bearer ${this.#apiToken}`;
  }

  /** Throws `ConsoleRequestError` where the server refuses and `ConsoleUnreachableError` where none answers. */
  async call<Name extends ConsoleRouteName>(name: Name, call: ConsoleCall<Name>): Promise<RouteAnswer<Name>> {
    const { method, path, body } = consoleRequest(name, call);
    const signal = AbortSignal.timeout(answerWithinMs);
    const content = body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } };
    return parseConsoleAnswer(name, ...(await this.#fetch(path, { method, signal, ...content })));
  }

  /** Sends a file, however long that takes; else as `call`. */
  async upload(
    query: RouteQuery<'uploadImport'>,
    content: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<RouteAnswer<'uploadImport'>> {
    const { method, path } = consoleRequest('uploadImport', { query });
    const headers = { 'content-type': 'application/octet-stream' };
    const body = ReadableStream.from(content);
    const ending = signal === undefined ? {} : { signal };
    const answer = await this.#fetch(path, { method, headers, body, duplex: 'half', ...ending });
    return parseConsoleAnswer('uploadImport', ...answer);
  }

  async #fetch(path: string, { headers, ...init }: RequestInit): Promise<[status: number, body: unknown]> {
    let status: number;
    let text: string;
    try {
      const answer = await fetch(this.consoleUrl + path, {
        ...init,
        headers: { ...headers, authorization: this.authorization },
      });
      status = answer.status;
      text = await answer.text();
    } catch (error) {
      throw new ConsoleUnreachableError(`No Notification Server answers at ${this.consoleUrl} (${causeOf(error)}).`);
    }
    return [status, parseJson(status, text)];
  }
}

function parseJson(status: number, text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // A web server that is not a Notification Server, or a proxy in between.
    throw new ConsoleRequestError(status, {
      code: 'internal',
      message: `The answer with status ${status} is not from a Notification Server.`,
    });
  }
}

/** `fetch` hides what happened ("connection refused") in the cause of its error. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause: unknown = error.cause;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return error.message;
}
