import { runProgram } from '../../electron/cli/program.ts';

/**
 * Runs a `fanout` command line in this process: the same program as `runFanout` starts, without the second that a process
 * takes. Not for commands that read the standard input, wait for a signal or start processes of themselves.
 */
export async function runFanoutHere(args: readonly string[]) {
  const [printed, noted]: [string[], string[]] = [[], []];
  const exitCode = await runProgram(
    args,
    {
      print: (line) => printed.push(`${line}\n`),
      note: (line) => noted.push(`${line}\n`),
      progress: { show: () => undefined, clear: () => undefined },
      interrupt: new AbortController().signal,
    },
    '',
  );
  return { exitCode, stdout: printed.join(''), stderr: noted.join('') };
}
