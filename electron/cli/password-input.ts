import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { CommandFailure, exitCodes } from './exit-codes.ts';

/** The part of a terminal, or of what stands in for one, that is read from. */
export interface PasswordInput extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

export interface PasswordSource {
  readonly input: PasswordInput;
  /** Where questions are written; never the standard output, which belongs to results. */
  readonly output: Writable;
}

/** Longer than any password that is taken. */
const maximumBytes = 4096;

/**
 * A new password: asked for twice without an echo where a person sits at a terminal, otherwise all of the standard input
 * without its last line end. Never an argument: those are in the shell's history and in the list of processes.
 */
export async function readNewPassword(
  name: string,
  source: PasswordSource = { input: process.stdin, output: process.stderr },
): Promise<string> {
  if (source.input.isTTY !== true) return readAll(source.input);
  const password = await ask(`New password of ${name}: `, source);
  if ((await ask('Once more: ', source)) === password) return password;
  throw new CommandFailure(exitCodes.usage, 'The two passwords are not the same. Nothing was changed.');
}

async function readAll(input: Readable): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of input as AsyncIterable<Buffer | string>) {
    const buffer = Buffer.from(part);
    bytes += buffer.length;
    if (bytes > maximumBytes) throw new CommandFailure(exitCodes.usage, 'The standard input is no password: too long.');
    parts.push(buffer);
  }
  const password = Buffer.concat(parts)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (password !== '') return password;
  throw new CommandFailure(exitCodes.usage, 'Give the password on the standard input, or run this on a terminal.');
}

/** Reads a line key by key: a terminal in raw mode shows nothing of it. */
async function ask(question: string, { input, output }: PasswordSource): Promise<string> {
  output.write(question);
  input.setRawMode?.(true);
  const decoder = new StringDecoder('utf8');
  try {
    return await new Promise<string>((resolve, reject) => {
      let typed: string[] = [];
      const finish = (outcome: () => void): void => {
        input.off('data', onData);
        input.off('end', onEnd);
        input.pause();
        outcome();
      };
      const onEnd = (): void => finish(() => reject(new CommandFailure(exitCodes.interrupted, 'Interrupted.')));
      const onData = (data: Buffer): void => {
        for (const key of decoder.write(data)) {
          // Raw mode brings what the terminal would have done itself: Ctrl+C, Ctrl+D, Ctrl+U, and backspace.
          if (key === '\r' || key === '\n') {
            finish(() => resolve(typed.join('')));
            return;
          }
          if (key === '\u0003' || key === '\u0004') {
            onEnd();
            return;
          }
          if (key === '\u0015') typed = [];
          else if (key === '\u007f' || key === '\b') typed.pop();
          else if (key >= ' ' && typed.length < maximumBytes) typed.push(key);
        }
      };
      input.on('data', onData);
      input.on('end', onEnd);
      input.resume();
    });
  } finally {
    input.setRawMode?.(false);
    output.write('\n');
  }
}
