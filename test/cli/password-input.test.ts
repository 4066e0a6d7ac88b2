import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readNewPassword } from '../../electron/cli/password-input.ts';

/** A terminal whose keys are typed when its questions were asked. */
class TestTerminal extends PassThrough {
  readonly isTTY = true;
  readonly shown = new PassThrough();
  readonly modes: boolean[] = [];
  readonly #answers: string[];

  constructor(answers: readonly string[]) {
    super();
    this.#answers = [...answers];
    this.shown.setEncoding('utf8');
    this.shown.on('data', (text: string) => {
      if (text.endsWith(': ')) this.write(this.#answers.shift() ?? '\u0004');
    });
  }

  setRawMode(isRaw: boolean): void {
    this.modes.push(isRaw);
  }
}

function typed(...answers: string[]) {
  const terminal = new TestTerminal(answers);
  return { terminal, answer: readNewPassword('ada', { input: terminal, output: terminal.shown }) };
}

describe('on a terminal', () => {
  it('a password is asked for twice, in raw mode, and not shown', async () => {
    let shown = '';
    const { terminal, answer } = typed('correct horse\r', 'correct horse\r');
    terminal.shown.on('data', (text: string) => {
      shown += text;
    });
    expect(await answer).toBe('correct horse');
    expect(terminal.modes).toEqual([true, false, true, false]);
    expect(shown).not.toContain('horse');
  });

  it('keys do what they do elsewhere', async () => {
    const line = 'wrong\u0015pass\u007f\u007fßwörd 🔑x\b\u001b\r';
    expect(await typed(line, 'paßwörd 🔑\n').answer).toBe('paßwörd 🔑');
  });

  it('two that differ are refused, and Ctrl+C ends it', async () => {
    await expect(typed('one password\r', 'another one\r').answer).rejects.toMatchObject({ exitCode: 2 });
    const { terminal, answer } = typed('half\u0003');
    await expect(answer).rejects.toMatchObject({ exitCode: 130 });
    expect(terminal.modes).toEqual([true, false]);
  });
});

describe('without a terminal', () => {
  const given = (text: string) => {
    const input = new PassThrough();
    input.end(text);
    return readNewPassword('ada', { input, output: new PassThrough() });
  };

  it('it is the standard input without its last line end', async () => {
    expect(await given('correct horse\n')).toBe('correct horse');
    expect(await given(' spaces count \r\n')).toBe(' spaces count ');
    expect(await given('two\nlines\n\n')).toBe('two\nlines\n');
  });

  it('nothing and far too much are refused', async () => {
    for (const text of ['', '\n', 'x'.repeat(5000)]) await expect(given(text)).rejects.toMatchObject({ exitCode: 2 });
  });
});
