import type { AgentInput } from './agent-input.ts';
import type { CommandId } from './ports.ts';

/** Inputs that complete a command. */
export type CommandResult = Extract<AgentInput, { readonly commandId: CommandId }>;

/**
 * Numbers commands and brings each result to whoever gave the command. `transferProgressed` reaches it as well, without
 * completing it.
 */
export class PendingCommands {
  readonly #handlers = new Map<CommandId, (result: CommandResult) => void>();
  #nextId = 1;

  begin(onResult: (result: CommandResult) => void): CommandId {
    const commandId = this.#nextId++;
    this.#handlers.set(commandId, onResult);
    return commandId;
  }

  receive(result: CommandResult): void {
    const handler = this.#handlers.get(result.commandId);
    if (result.kind !== 'transferProgressed') this.#handlers.delete(result.commandId);
    handler?.(result);
  }
}
