/** As many as take some milliseconds. */
const elementsPerTurn = 500;

/**
 * The bytes of `JSON.stringify`. A list of thousands, as that of all agents, takes several turns of the event loop, which serves
 * others between them.
 */
export async function jsonInTurns(value: unknown): Promise<Buffer> {
  if (!Array.isArray(value) || value.length <= elementsPerTurn) return Buffer.from(JSON.stringify(value));
  const parts: Buffer[] = [];
  for (let first = 0; first < value.length; first += elementsPerTurn) {
    const text = JSON.stringify(value.slice(first, first + elementsPerTurn));
    parts.push(Buffer.from(`${first === 0 ? '[' : ','}${text.slice(1, -1)}`));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return Buffer.concat([...parts, Buffer.from(']')]);
}
