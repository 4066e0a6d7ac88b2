import type { Result } from '../../shared/base/result.ts';
import type { ComputerConditions } from '../../shared/contracts/conditions.ts';
import type {
  DemoFleetStatus,
  EmbeddedFleetStatus,
  FleetAction,
  FleetActionOutcome,
} from '../../shared/contracts/fleet-api.ts';
import type { UserAction, UserAnswer } from '../../shared/contracts/user-control.ts';

/** What the server shows of an embedded fleet, and what it can do to it; the fleet supervisor implements it. */
export interface FleetPort {
  status(): EmbeddedFleetStatus;
  /** The error is a sentence that says what to do. Null where no such agent is planned. */
  act(agentName: string, action: FleetAction): Promise<Result<FleetActionOutcome, string> | null>;
  /** Puts an agent into conditions, as if its computer were in them. False where no such agent is planned. */
  setConditions(agentName: string, conditions: ComputerConditions): boolean;
  /** What the person at an agent's computer wants; the agent's policy decides. Null where no such agent is planned. */
  userAction(agentName: string, action: UserAction): Promise<UserAnswer | null>;
  /** Calls `listener` after every change; returns how to stop that. */
  onChange(listener: () => void): () => void;
}

/** A fleet that the server can start by itself, with everything that a demonstration needs. */
export interface DemoFleetPort {
  status(): Omit<DemoFleetStatus, 'available'>;
  /** Begins; the status tells how it goes on. The error says why it cannot. */
  start(): Result<void, string>;
  /** Resolves when no agent runs any more. */
  stop(): Promise<void>;
  /** Calls `listener` after every change; returns how to stop that. */
  onChange(listener: () => void): () => void;
}
