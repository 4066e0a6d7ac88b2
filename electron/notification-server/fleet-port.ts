import type { ComputerConditions } from '../../shared/contracts/conditions.ts';
import type { FleetStatus } from '../../shared/contracts/console-api.ts';
import type { UserAction, UserAnswer } from '../../shared/contracts/user-control.ts';

/** What the server shows of an embedded fleet; the fleet supervisor implements it. */
export interface FleetPort {
  status(): FleetStatus;
  /** Puts an agent into conditions, as if its computer were in them. False where no such agent is planned. */
  setConditions(agentName: string, conditions: ComputerConditions): boolean;
  /** What the person at an agent's computer wants; the agent's policy decides. Null where no such agent is planned. */
  userAction(agentName: string, action: UserAction): Promise<UserAnswer | null>;
  /** Calls `listener` after every change; returns how to stop that. */
  onChange(listener: () => void): () => void;
}
