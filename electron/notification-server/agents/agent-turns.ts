import type { AgentDirectory, AgentRecord } from './agent-directory.ts';

/** Between two turns the event loop serves its sockets; half of what nobody notices. */
const turnMs = 10;
/** Looking at the clock costs more than most visits. */
const agentsPerLook = 64;

/** Visits every agent, as long as it takes, and never holds up what else there is to do. Who comes meanwhile may be left out. */
export async function forEachAgent(directory: AgentDirectory, visit: (record: AgentRecord) => void): Promise<void> {
  let [begunMs, visited] = [performance.now(), 0];
  for (const record of directory.all()) {
    visit(record);
    if (++visited % agentsPerLook !== 0 || performance.now() - begunMs < turnMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    begunMs = performance.now();
  }
}
