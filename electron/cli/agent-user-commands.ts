import { connect } from 'node:net';
import path from 'node:path';
import type { Command } from 'commander';
import type { UserAction, UserAnswer } from '../../shared/contracts/user-control.ts';
import { userAnswerSchema } from '../../shared/contracts/user-control.ts';
import { controlPathOf } from '../agent-worker/control-path.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';

interface UserCommandOptions {
  readonly data: string;
  readonly json?: true;
}

const descriptions: { readonly [Action in UserAction]: string } = {
  pause: 'Pause the downloads of the agent that runs on this computer, where its policy allows that.',
  resume: 'Let paused downloads go on.',
  postpone: 'Put off the installation that comes next, where the policy allows that.',
  status: 'Say what the agent is doing.',
};

const answerWithinMs = 5000;
const maxAnswerBytes = 8192;

/** `fanout agent pause | resume | postpone | status`: what the person at a computer may say to its agent. */
export function addAgentUserCommands(agent: Command, context: CommandContext): void {
  for (const action of Object.keys(descriptions) as UserAction[]) {
    agent
      .command(action)
      .description(descriptions[action])
      .requiredOption('--data <folder>', "the running agent's data folder")
      .option('--json', 'print the answer as JSON')
      .action((options: UserCommandOptions) => say(action, options, context));
  }
}

async function say(action: UserAction, options: UserCommandOptions, context: CommandContext): Promise<void> {
  const answer = await askAgent(options.data, action);
  if (options.json) context.print(JSON.stringify(answer));
  if (!answer.accepted) throw new CommandFailure(exitCodes.refused, answer.message);
  if (!options.json) context.print(answer.message);
}

async function askAgent(dataFolder: string, action: UserAction): Promise<UserAnswer> {
  const socketPath = controlPathOf(dataFolder);
  const nobody = new CommandFailure(
    exitCodes.notFound,
    `No agent is running with the data folder ${path.resolve(dataFolder)}.`,
  );
  if (socketPath === null) throw nobody;
  const text = await exchange(socketPath, `${JSON.stringify({ action })}\n`).catch(() => null);
  if (text === null) throw nobody;
  const answer = userAnswerSchema.safeParse(parseJson(text));
  if (!answer.success) throw new CommandFailure(exitCodes.failed, 'The agent gave no answer that makes sense.');
  return answer.data;
}

function exchange(socketPath: string, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(answerWithinMs, () => socket.destroy(new Error('no answer in time')));
    socket.on('connect', () => socket.write(request));
    socket.on('data', (part: string) => {
      text += part;
      if (text.length > maxAnswerBytes) socket.destroy(new Error('the answer is too long'));
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller's schema refuses null.
    return null;
  }
}
