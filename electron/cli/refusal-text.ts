import { z } from 'zod';
import type { ConsoleRequestError } from '../../shared/contracts/console-request.ts';
import { formatTime } from './text-format.ts';

/** What the server has now, where it says so: everything with versions has these. */
const savedSchema = z.object({ version: z.number(), updatedAtMs: z.number(), updatedBy: z.string() });

/** What a server's refusal says to people: its sentence, each field that is wrong, and what holds instead. */
export function refusalLines({ details }: ConsoleRequestError): string[] {
  const { code, message, fields = [], current } = details;
  // What names fields says itself what changed meanwhile.
  if (code === 'version-conflict' && fields.length === 0) return [conflictSentence(message, current)];
  const [first, ...others] = fields;
  if (first !== undefined && others.length === 0 && first.message === message) return [fieldSentence(first)];
  // The first problem is mostly in the sentence itself.
  const more = fields.filter((field) => !message.includes(field.path) || !message.includes(field.message));
  return [message, ...more.map((field) => `  ${fieldSentence(field)}`)];
}

function fieldSentence({ path, message }: { readonly path: string; readonly message: string }): string {
  return path === '' ? message : `${path}: ${message}`;
}

function conflictSentence(message: string, current: unknown): string {
  const saved = savedSchema.safeParse(current);
  if (!saved.success) return `${message} Nothing was changed.`;
  const { version, updatedAtMs, updatedBy } = saved.data;
  const who = updatedBy === '' ? '' : ` by ${updatedBy}`;
  return `${message} Nothing was changed: it is version ${version} now, saved${who} at ${formatTime(updatedAtMs)}. Look at it, and try again.`;
}
