import { expect } from 'vitest';
import type { AgentInput, AgentInputKind } from '../../shared/agent/agent-input.ts';

export type InputOf<Kind extends AgentInputKind> = Extract<AgentInput, { kind: Kind }>;

/** What a port gave to the core, in order. */
export class CollectedInputs {
  readonly all: AgentInput[] = [];

  readonly push = (input: AgentInput): void => {
    this.all.push(input);
  };

  of<Kind extends AgentInputKind>(kind: Kind): InputOf<Kind>[] {
    return this.all.filter((input): input is InputOf<Kind> => input.kind === kind);
  }

  /** The completions of one command. */
  completionsOf(commandId: number): AgentInput[] {
    return this.all.filter(
      (input) => 'commandId' in input && input.commandId === commandId && input.kind !== 'transferProgressed',
    );
  }
}

/** What every harness can do: let the world go on. */
export interface PortHarness {
  /** Lets time pass until the condition holds; fails, naming `what`, where that takes too long (5 s of the port's time). */
  until(what: string, condition: () => boolean): Promise<void>;
  /** Lets everything that is under way arrive. */
  settle(): Promise<void>;
  dispose(): Promise<void>;
}

/** Waits for the completion of a command and checks that it is the only one, also after everything has settled. */
export async function onlyCompletion(
  harness: PortHarness,
  inputs: CollectedInputs,
  commandId: number,
): Promise<AgentInput> {
  await harness.until(`command ${commandId} completes`, () => inputs.completionsOf(commandId).length > 0);
  await harness.settle();
  const completions = inputs.completionsOf(commandId);
  expect(completions, `command ${commandId} completes exactly once`).toHaveLength(1);
  const [completion] = completions;
  if (completion === undefined) throw new Error('unreachable: the length was checked');
  return completion;
}
