import { Command, CommanderError } from 'commander';
import { ConsoleRequestError } from '../../shared/contracts/console-request.ts';
import { ConsoleUnreachableError } from '../fleet/console-client.ts';
import { addAccountCommand } from './account-command.ts';
import { addAgentCommand } from './agent-command.ts';
import { addAgentsCommand } from './agents-command.ts';
import { addAuditCommand } from './audit-commands.ts';
import { addBackupCommand, addRestoreCommand } from './backup-commands.ts';
import { addChannelCommand } from './channel-command.ts';
import type { CommandContext } from './command-context.ts';
import { addContentCommands } from './content-command.ts';
import { addDeliverCommand } from './deliver-command.ts';
import { addDeliveryCommand } from './delivery-command.ts';
import { addDemoCommand } from './demo-command.ts';
import { addDiagCommand } from './diag-command.ts';
import { addDoctorCommand } from './doctor-command.ts';
import type { ExitCode } from './exit-codes.ts';
import { CommandFailure, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { addFleetCommand } from './fleet-command.ts';
import { addJoinTokenCommand } from './join-token-command.ts';
import { addPackageCommand } from './package-command.ts';
import { addPackageServerCommand } from './package-server-command.ts';
import { addPolicyCommand } from './policy-commands.ts';
import { addPublishCommand } from './publish-command.ts';
import { refusalLines } from './refusal-text.ts';
import { addReportCommand } from './report-command.ts';
import { addRetryCommand, addRevokeCommand, addRotateKeysCommand } from './security-commands.ts';
import { addServeCommand } from './serve-command.ts';
import { addSettingsCommand } from './settings-command.ts';
import { addSimulateCommand } from './simulate-command.ts';
import { addSiteCommand } from './site-command.ts';
import { addStatusCommand } from './status-command.ts';
import { addTagCommand, addTargetCommand } from './target-commands.ts';
import { addTokenCommand } from './token-command.ts';
import { addVerifyCommand } from './verify-command.ts';
import { addVerifyCopiesCommand } from './verify-copies-command.ts';
import { addAlertsCommand, addGroupKeysCommand, addSessionCommand } from './watch-commands.ts';

function fanoutProgram(context: CommandContext, entry: string): Command {
  const program = new Command('fanout')
    .description(
      'Delivers each package once over each WAN link and lets the computers behind it hand it to each other.',
    )
    // Options belong to the command before them: `publish --version 2.0` is about the package.
    .enablePositionalOptions()
    .showHelpAfterError('Try --help.')
    .addHelpText('after', exitCodesHelp)
    .configureOutput({
      writeOut: (text) => context.print(text.replace(/\n$/, '')),
      writeErr: (text) => context.note(text.replace(/\n$/, '')),
    })
    .exitOverride();
  addServeCommand(program, context);
  addStatusCommand(program, context);
  addDoctorCommand(program, context);
  addSiteCommand(program, context);
  addJoinTokenCommand(program, context);
  addAgentCommand(program, context);
  addAgentsCommand(program, context);
  addDiagCommand(program, context);
  addFleetCommand(program, context);
  addPublishCommand(program, context);
  addPackageCommand(program, context);
  addDeliverCommand(program, context);
  addDeliveryCommand(program, context);
  addPackageServerCommand(program, context);
  addChannelCommand(program, context);
  addContentCommands(program, context);
  addVerifyCommand(program, context);
  addTargetCommand(program, context);
  addPolicyCommand(program, context);
  addSettingsCommand(program, context);
  addTagCommand(program, context);
  addAuditCommand(program, context);
  addReportCommand(program, context);
  addAlertsCommand(program, context);
  addRetryCommand(program, context);
  addRevokeCommand(program, context);
  addRotateKeysCommand(program, context);
  addGroupKeysCommand(program, context);
  addAccountCommand(program, context);
  addSessionCommand(program, context);
  addTokenCommand(program, context);
  addBackupCommand(program, context);
  addRestoreCommand(program, context);
  addDemoCommand(program, context, entry);
  addSimulateCommand(program, context);
  addVerifyCopiesCommand(program, context);
  return program;
}

/** Commands that were created before `exitOverride` inherit it; a usage error is already printed when it gets here. */
function exitCodeOf(error: unknown, context: CommandContext): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (context.interrupt.aborted) {
    context.note('Interrupted.');
    return exitCodes.interrupted;
  }
  if (error instanceof CommandFailure) {
    context.note(error.message);
    return error.exitCode;
  }
  if (error instanceof ConsoleUnreachableError) {
    context.note(error.message);
    return exitCodes.serverUnreachable;
  }
  if (error instanceof ConsoleRequestError) {
    for (const line of refusalLines(error)) context.note(line);
    if (error.details.code === 'not-signed-in' || error.details.code === 'forbidden') return exitCodes.refused;
    return error.details.code === 'not-found' ? exitCodes.notFound : exitCodes.failed;
  }
  context.note(error instanceof Error ? error.message : String(error));
  if (process.env.FANOUT_DEBUG && error instanceof Error) context.note(error.stack ?? '');
  return exitCodes.failed;
}

/**
 * Runs one command line; what it has to say has gone to the context when it resolves.
 *
 * @param args without the names of the program and of Node @param entry the file that this program is started with
 */
export async function runProgram(args: readonly string[], context: CommandContext, entry: string): Promise<ExitCode> {
  try {
    await fanoutProgram(context, entry).parseAsync(args, { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    context.progress.clear();
    return exitCodeOf(error, context);
  }
}
