/** What an agent worker needs of pino. */
export interface AgentLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A logger of its own for one agent: its level follows the agent's policy. */
  child(fields: object): AgentLogger;
  level: string;
}
