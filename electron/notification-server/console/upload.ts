import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyRequest } from 'fastify';
import type { ImportJob } from '../../../shared/contracts/console-api.ts';
import type { RouteQuery } from '../../../shared/contracts/console-routes.ts';
import { packagePathProblem } from '../../../shared/contracts/package-path.ts';
import { Refusal } from '../refusal.ts';
import type { ServerParts } from '../server-parts.ts';

/** Writes the body to a file as it comes (nothing of its size is kept in memory), then imports that file. */
export async function receiveUpload(
  parts: ServerParts,
  query: RouteQuery<'uploadImport'>,
  { body }: FastifyRequest,
  who: string,
): Promise<ImportJob> {
  const { fileName, ...request } = query;
  const problem = fileName.includes('/') ? 'a file name has no "/"' : packagePathProblem(fileName);
  if (problem !== null) throw new Refusal('path-refused', `"${fileName}" cannot be in a package: ${problem}.`);
  if (!(body instanceof Readable)) {
    throw new Refusal('invalid-request', 'Send the file as the body, with content type application/octet-stream.');
  }
  const folder = await parts.library.makeUploadFolder(randomBytes(8).toString('hex'));
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const file = path.join(folder, fileName);
  let isTaken = false;
  try {
    await pipeline(body, createWriteStream(file, { flags: 'wx', mode: 0o600 }));
    const job = parts.imports.start({ ...request, path: file }, who, { fileName, dispose });
    isTaken = true;
    return await job;
  } finally {
    if (!isTaken) await dispose();
  }
}
