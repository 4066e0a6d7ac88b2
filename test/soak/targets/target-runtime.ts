import process from 'node:process';
import type { FromTarget, Measurement, ToTarget } from '../support/target-messages.ts';

function send(message: FromTarget): void {
  process.send?.(message);
}

/** Tells the campaign of something that must not happen. */
export function trouble(text: string): void {
  send({ kind: 'trouble', text });
}

/** A rejection or exception that nobody handles ends the process with its text, as it would end the product's. */
export function answerRequests(answer: (request: ToTarget) => Promise<unknown>): void {
  process.on('warning', (warning) => {
    if (warning.name === 'MaxListenersExceededWarning') trouble(`${warning.message}\n${warning.stack}`);
  });
  process.on('disconnect', () => process.exit(0));
  process.on('message', (request: ToTarget) => {
    void (request.kind === 'measure' ? Promise.resolve(measure()) : answer(request)).then(
      (value) => send({ kind: 'answer', id: request.id, answer: value }),
      (error: unknown) => trouble(`${request.kind}: ${error instanceof Error ? error.stack : String(error)}`),
    );
  });
  send({ kind: 'ready' });
}

function measure(): Measurement {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error('to be started with --expose-gc');
  gc();
  gc();
  const { heapUsed, external, rss } = process.memoryUsage();
  const sockets = process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
  return { heapUsedBytes: heapUsed + external, rssBytes: rss, sockets };
}
