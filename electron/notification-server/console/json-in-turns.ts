/** As many as take about a millisecond. */
const elementsPerPiece = 100;

/** A list that is made as it is sent: of thousands of elements only some are there at a time, however slowly they are taken. */
export class ListInTurns<Element> {
  readonly pieces: AsyncIterable<readonly Element[]>;

  constructor(pieces: AsyncIterable<readonly Element[]>) {
    this.pieces = pieces;
  }

  /** Of what `make` makes of each source when its turn comes. */
  static of<Source, Element>(sources: readonly Source[], make: (source: Source) => Element): ListInTurns<Element> {
    return new ListInTurns(madeInTurns(sources, make));
  }
}

/** Whether it takes several turns to write; else `JSON.stringify` does. */
export function isLong(value: unknown): value is ListInTurns<unknown> | readonly unknown[] {
  return value instanceof ListInTurns || (Array.isArray(value) && value.length > elementsPerPiece);
}

/**
 * The bytes of `JSON.stringify`. A list of thousands, as that of all agents, takes several turns of the event loop, which serves
 * others between them.
 */
export async function* jsonInTurns(value: unknown): AsyncGenerator<Buffer> {
  if (!isLong(value)) {
    yield Buffer.from(JSON.stringify(value));
    return;
  }
  let isFirst = true;
  const pieces = value instanceof ListInTurns ? value.pieces : madeInTurns(value, (element) => element);
  for await (const elements of pieces) {
    if (elements.length === 0) continue;
    yield Buffer.from(`${isFirst ? '[' : ','}${JSON.stringify(elements).slice(1, -1)}`);
    isFirst = false;
  }
  yield Buffer.from(isFirst ? '[]' : ']');
}

async function* madeInTurns<Source, Element>(
  sources: readonly Source[],
  make: (source: Source) => Element,
): AsyncGenerator<readonly Element[]> {
  for (let first = 0; first < sources.length; first += elementsPerPiece) {
    yield sources.slice(first, first + elementsPerPiece).map(make);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
