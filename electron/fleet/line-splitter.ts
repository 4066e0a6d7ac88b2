/** Longer output without a line break is cut here: a worker that prints garbage must not fill the memory of its parent. */
const maxLineLength = 4000;

/** Cuts a stream of text into lines and hands over each complete one, without its line break. */
export function lineSplitter(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
    if (rest.length > maxLineLength) {
      onLine(rest);
      rest = '';
    }
  };
}
