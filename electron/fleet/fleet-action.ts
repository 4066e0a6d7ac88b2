import { assertNever } from '../../shared/base/assert.ts';
import type { Result } from '../../shared/base/result.ts';
import { err, ok } from '../../shared/base/result.ts';
import type { FleetAction, FleetActionOutcome } from '../../shared/contracts/fleet-api.ts';
import type { Impairments } from '../../shared/contracts/impairments.ts';
import type { AgentSupervisor } from './agent-supervisor.ts';

/** Does to an agent of the supervisor what a person wants; a move concerns the whole fleet, and is not for it. The error is a sentence that says what to do. */
export function carryOut(
  supervisor: AgentSupervisor,
  name: string,
  action: Exclude<FleetAction, { kind: 'move' }>,
): Result<FleetActionOutcome, string> {
  switch (action.kind) {
    case 'start':
      return said(supervisor.startAgent(name), name, `${name} starts.`);
    case 'stop':
      return said(supervisor.stopAgent(name), name, `${name} stops, until it is started again.`);
    case 'kill':
      return kill(supervisor, name);
    case 'slow-down': {
      const { kilobytesPerSecond } = action;
      const message = `${name} sends and receives ${kilobytesPerSecond} KB/s at most.`;
      return impaired(supervisor, name, { kilobytesPerSecond }, message);
    }
    case 'full-speed':
      return impaired(supervisor, name, { kilobytesPerSecond: null }, `${name} is as fast as its policy lets it be.`);
    case 'corrupt':
      return impaired(supervisor, name, { corrupts: true }, `${name} hands out damaged blocks from now on.`);
    case 'stop-corrupting':
      return impaired(supervisor, name, { corrupts: false }, `${name} hands out sound blocks again.`);
    case 'unplug':
      return impaired(supervisor, name, { isUnplugged: true }, `The network cable of ${name} is unplugged.`);
    case 'plug-in':
      return impaired(supervisor, name, { isUnplugged: false }, `The network cable of ${name} is plugged in.`);
    default:
      return assertNever(action);
  }
}

function kill(supervisor: AgentSupervisor, name: string): Result<FleetActionOutcome, string> {
  const own = supervisor.status().find((agent) => agent.name === name);
  if (own?.state === 'stopped' || own?.state === 'failed') {
    return err(`${name} does not run, so there is nothing to kill. Start it first.`);
  }
  const killed = supervisor.kill();
  if (killed === null) return err(`${name} has no process at this moment. Try again when it runs.`);
  const { pid, agents } = killed;
  const others = agents.filter((other) => other !== name);
  const shared = others.length === 0 ? '' : ` It hosted ${others.join(', ')} as well.`;
  const message = `Process ${pid} of ${name} was killed; it is restarted by itself.${shared}`;
  return ok({ message, agents: [...agents] });
}

function impaired(
  supervisor: AgentSupervisor,
  name: string,
  changes: Partial<Impairments>,
  message: string,
): Result<FleetActionOutcome, string> {
  supervisor.impair(name, changes);
  return ok({ message, agents: [name] });
}

function said(result: Result<void, string>, name: string, message: string): Result<FleetActionOutcome, string> {
  return result.ok ? ok({ message, agents: [name] }) : result;
}
