import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import type { CopyVerification } from '../../shared/contracts/copy-verification.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { integerOption } from './option-values.ts';
import { choosePackage } from './package-choice.ts';
import { chooseAgent } from './security-commands.ts';
import type { ConnectionOptions } from './server-connection.ts';
import { addConnectionOptions, connect } from './server-connection.ts';

interface VerifyOptions extends ConnectionOptions {
  readonly from: string;
  readonly packageVersion?: string;
  readonly timeout: number;
  readonly json?: true;
}

const ownCopy = 'notification-server';
const lookEveryMs = 250;

/** `fanout verify --from SERVER PACKAGE` */
export function addVerifyCommand(program: Command, context: CommandContext): void {
  addConnectionOptions(
    program
      .command('verify')
      .argument('<package>', 'name or GUID of the package')
      .description('Have a copy of a package read again, and compare it with the signed snapshot, block by block.')
      .requiredOption('--from <server>', `whose copy: name or id of a Package Server or agent, or "${ownCopy}"`)
      .option('--package-version <version>', 'default: the newest')
      .option('--timeout <seconds>', 'to wait for it', integerOption(1, 86_400), 3600)
      .option('--json', 'print as JSON'),
  ).action((subject: string, options: VerifyOptions) => verify(subject, options, context));
}

async function verify(subject: string, options: VerifyOptions, context: CommandContext): Promise<void> {
  const console = await connect(options);
  const { guid, version } = choosePackage(await console.call('packages', {}), subject, options.packageVersion);
  const from = options.from === ownCopy ? ownCopy : (await chooseAgent(console, options.from)).agentId;
  const deadlineMs = Date.now() + options.timeout * 1000;
  let verification = await console.call('verifyCopy', { params: { guid, version }, body: { from } });
  while (verification.state === 'running') {
    if (Date.now() > deadlineMs) {
      throw new CommandFailure(exitCodes.timeout, `${verification.fromName} has not finished in ${options.timeout} s.`);
    }
    await setTimeout(lookEveryMs);
    verification = await console.call('copyVerification', { params: { id: verification.id } });
  }
  if (options.json) context.print(JSON.stringify(verification));
  else for (const line of linesOf(verification)) context.print(line);
  if (verification.isIntact !== true) throw new CommandFailure(exitCodes.failed, sentenceOf(verification));
}

function linesOf({ fromName, packageName, packageVersion, report, isIntact }: CopyVerification): string[] {
  if (report === null) return [];
  const lines = report.differences.map(({ block, sha256, expectedSha256, files }) => {
    const found = sha256 === null ? 'cannot be read' : `is ${sha256}`;
    return `block ${block} (${files.join(', ')}) ${found}, should be ${expectedSha256}`;
  });
  const unlisted = report.differingBlocks - report.differences.length;
  if (unlisted > 0) lines.push(`and ${unlisted} more`);
  if (isIntact === true) {
    lines.push(`${packageName} ${packageVersion} on ${fromName}: all ${report.blockCount} blocks are right.`);
  }
  return lines;
}

function sentenceOf(verification: CopyVerification): string {
  const { from, fromName, packageName, packageVersion, report, problem } = verification;
  const subject = `${packageName} ${packageVersion} on ${fromName}`;
  if (report === null) return `${subject} could not be verified: ${problem}`;
  const { heldBlocks, blockCount, differingBlocks } = report;
  if (heldBlocks === 0) return `${subject}: there is no copy.`;
  const differ = differingBlocks === 1 ? '1 block differs' : `${differingBlocks} blocks differ`;
  const sentence = `${subject}: ${differ}, ${blockCount - heldBlocks} of ${blockCount} are missing.`;
  const isMended = differingBlocks > 0 && from !== 'notification-server';
  return isMended ? `${sentence} The agent fetches what differs again.` : sentence;
}
