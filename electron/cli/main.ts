import { processContext } from './command-context.ts';
import { runProgram } from './program.ts';

const exitCode = await runProgram(process.argv.slice(2), processContext(), import.meta.filename);
// Everything is stopped and awaited by the commands; an idle kept-alive connection must not hold up the end.
process.exitCode = exitCode;
setTimeout(() => process.exit(exitCode), 1000).unref();
