import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { ApiError } from '../../shared/contracts/errors.ts';
import { DatabaseBusyError, DatabaseFullError, DatabaseUnavailableError } from '../database/database-errors.ts';
import { pidOfListener } from './processes.ts';
import { Refusal } from './refusal.ts';
import { StartError } from './start-error.ts';

export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

/** For Fastify's option of this name: addresses that no route can be found for, before anything else looks at them. */
export function frameworkErrors(logger: Logger) {
  return (error: Error, request: FastifyRequest, reply: FastifyReply): void =>
    answerError(error, request, reply, logger);
}

/** Every answer that is not a success has the one form of `ApiError`. `fallback` may answer what no route matched. */
export function answerErrorsInOneForm(
  // biome-ignore lint/suspicious/noExplicitAny: plain and TLS instances differ in type parameters that play no part here.
  app: FastifyInstance<any, any, any, any>,
  logger: Logger,
  fallback?: (request: FastifyRequest, reply: FastifyReply) => boolean,
): void {
  // Node would refuse it with a bare status, which `requireHostHeader` keeps it from.
  app.addHook('onRequest', ({ raw: { httpVersion, headers } }, _reply, done) => {
    const isComplete = httpVersion !== '1.1' || headers.host !== undefined;
    done(isComplete ? undefined : new Refusal('invalid-request', 'A request names the server in its header "Host".'));
  });
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, logger));
  app.setNotFoundHandler((request, reply) => {
    if (fallback?.(request, reply) === true) return;
    const refusal = new Refusal('not-found', `There is nothing at ${request.method} ${pathOf(request)}.`);
    answerError(refusal, request, reply, logger);
  });
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  const refusal = refusalOf(error);
  if (refusal === null) {
    logger.error({ error, method: request.method, path: pathOf(request) }, 'a request failed inside the server');
    const details: ApiError = { code: 'internal', message: 'The server failed on this request. Its log says more.' };
    void reply.code(500).send({ error: details });
    return;
  }
  if (refusal.retryAfterSeconds !== null) void reply.header('retry-after', refusal.retryAfterSeconds);
  void reply.code(refusal.status).send({ error: refusal.details });
}

function refusalOf(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (error instanceof DatabaseBusyError) {
    return new Refusal('busy', 'The server has more to write than its disk keeps up with.', { retryAfterSeconds: 5 });
  }
  if (error instanceof DatabaseFullError) {
    const sentence = 'The disk with the database of the server is full. Nothing was changed; it needs room first.';
    return new Refusal('busy', sentence, { retryAfterSeconds: 60 });
  }
  if (error instanceof DatabaseUnavailableError) {
    const sentence = 'The database of the server does not answer. Nothing was changed; try again in a moment.';
    return new Refusal('busy', sentence, { retryAfterSeconds: 5 });
  }
  const { code, statusCode, message } = error as { code?: unknown; statusCode?: unknown; message?: unknown };
  // Their own sentences repeat the whole address.
  if (code === 'FST_ERR_BAD_URL') return new Refusal('invalid-request', 'The address has an escape that is no text.');
  if (code === 'FST_ERR_MAX_PARAM_LENGTH') return new Refusal('too-large', 'A part of the address is too long.');
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return null;
  return new Refusal(statusCode === 413 ? 'too-large' : 'invalid-request', `${String(message)}.`);
}

/** The path without its query, which may hold what should not be logged. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?')[0] ?? '';
}

/** Parses what came from outside; what is wrong is told per field. */
export function parseOrRefuse<Value>(schema: z.ZodType<Value>, input: unknown): Value {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues
    .slice(0, 100)
    .map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message }));
  const missing = parsed.error.issues.find(
    (issue) => issue.code === 'custom' && issue.params?.refusal === 'not-available',
  );
  if (missing !== undefined) throw new Refusal('not-available', missing.message, { fields, status: 422 });
  const first = fields[0];
  const where = first === undefined || first.path === '' ? '' : `${first.path}: `;
  throw new Refusal('invalid-request', `The request is not valid. ${where}${first?.message ?? ''}`.trim(), { fields });
}

/** Listens and returns the port (0 asks for any); a `StartError` names what is in the way. */
export async function listen(
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  app: FastifyInstance<any, any, any, any>,
  { address, port }: ListenAddress,
  purpose: string,
  logger: Logger,
): Promise<number> {
  try {
    await app.listen({ host: address, port });
  } catch (error) {
    throw await startErrorOf(error, { address, port }, purpose);
  }
  // What the system could not accept, for want of files, concerns one connection.
  app.server.on('error', (error: unknown) => logger.error({ error }, `${purpose} could not take a connection`));
  const bound = app.server.address();
  return typeof bound === 'object' && bound !== null ? (bound as { port: number }).port : port;
}

async function startErrorOf(error: unknown, { address, port }: ListenAddress, purpose: string): Promise<unknown> {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    const pid = await pidOfListener(port);
    const owner = pid === null ? 'another process' : `process ${pid}`;
    return new StartError('port-in-use', `Port ${port} on ${address}, which ${purpose} needs, is used by ${owner}.`, {
      pid,
      cause: error,
    });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'EACCES') {
    return new StartError(
      'address-not-available',
      `This computer cannot listen on ${address}:${port}, which ${purpose} needs (${code}).`,
      { cause: error },
    );
  }
  return error;
}
