/** As many as are sorted or merged in a few milliseconds. */
const perTurn = 2000;

/** The elements in order, in several turns of the event loop where there are many: sorts runs, then merges them two by two. */
export async function sortedInTurns<Element>(
  elements: readonly Element[],
  isBefore: (a: Element, b: Element) => boolean,
): Promise<Element[]> {
  let runs: Element[][] = [];
  for (let first = 0; first < elements.length; first += perTurn) {
    const run = elements.slice(first, first + perTurn);
    runs.push(run.sort((a, b) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0)));
    if (elements.length > perTurn) await nextTurn();
  }
  while (runs.length > 1) {
    const merged: Element[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(await merge(runs[index] ?? [], runs[index + 1] ?? [], isBefore));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Equal elements keep their order. */
async function merge<Element>(
  left: readonly Element[],
  right: readonly Element[],
  isBefore: (a: Element, b: Element) => boolean,
): Promise<Element[]> {
  const merged: Element[] = [];
  let [atLeft, atRight] = [0, 0];
  while (atLeft < left.length || atRight < right.length) {
    const [ofLeft, ofRight] = [left[atLeft], right[atRight]];
    const takesRight =
      atLeft >= left.length || (atRight < right.length && isBefore(ofRight as Element, ofLeft as Element));
    merged.push((takesRight ? ofRight : ofLeft) as Element);
    if (takesRight) atRight++;
    else atLeft++;
    if (merged.length % perTurn === 0) await nextTurn();
  }
  return merged;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
