import type { ExecutionPort } from '../agent/ports.ts';
import type { InstallationRecord } from '../contracts/deliveries.ts';
import type { AgentLife } from './agent-life.ts';

/** Commands without programs: each takes its time and ends as the scenario says. Records outlive the agent's process. */
export class SimulatedExecution implements ExecutionPort {
  readonly #life: AgentLife;

  constructor(life: AgentLife) {
    this.#life = life;
  }

  note(commandId: number, record: InstallationRecord): void {
    this.#life.beginCommand(commandId);
    this.#life.world.time.after(this.#life.world.network.storeDelayUs, () => {
      if (this.#life.isOver) return;
      const { installations } = this.#life.computer.disk;
      // The one that was noted last comes last.
      installations.delete(record.deliveryId);
      installations.set(record.deliveryId, record);
      this.#life.complete(0, { kind: 'installationNoted', commandId, problem: null });
    });
  }

  keepOnly(deliveryIds: readonly string[]): void {
    const kept = new Set(deliveryIds);
    const { installations } = this.#life.computer.disk;
    for (const deliveryId of [...installations.keys()]) if (!kept.has(deliveryId)) installations.delete(deliveryId);
  }

  run({ commandId, key, timeoutMs }: Parameters<ExecutionPort['run']>[0]): void {
    const { world, computer } = this.#life;
    this.#life.beginCommand(commandId);
    // Of a delivery that was taken back while it ran here, the intent may be left over.
    const intent = [...computer.disk.installations.values()].findLast(
      (record) => record.key === key && record.phase === 'running',
    );
    world.violations.check(intent !== undefined, 'intent-first', computer.name, () => `${key} runs without intent`);
    const started = `${intent?.deliveryId}/${intent?.round}/${intent?.tries}`;
    const isNew = !computer.disk.startedCommands.has(started);
    world.violations.check(isNew, 'no-command-twice', computer.name, () => `${started} runs again`);
    computer.disk.startedCommands.add(started);
    const command = computer.commands[computer.disk.startedCommands.size - 1] ?? computer.commands.at(-1);
    const { durationMs, exitCode } = command ?? { durationMs: 0, exitCode: 0 };
    const isInTime = durationMs <= timeoutMs;
    const outcome = isInTime ? ({ kind: 'exited', exitCode } as const) : ({ kind: 'timeout' } as const);
    this.#life.complete(Math.min(durationMs, timeoutMs) * 1000, { kind: 'executed', commandId, outcome, output: '' });
  }
}
