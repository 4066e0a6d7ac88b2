/** What people can do about a failure of the packaging tools, whose own words are stack traces. */

const unreachable =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|fetch failed|HTTPError|cannot resolve|socket hang up|status code [45]\d\d|self.signed certificate/i;

export function whyNotMade(output: string): string {
  if (unreachable.test(output)) {
    return (
      "Electron's runtime could not be downloaded. Unpack one of the release that package.json names, and name its folder in " +
      'ELECTRON_OVERRIDE_DIST_PATH.'
    );
  }
  return `Electron Forge could not make the folder: ${lastWords(output)}.`;
}

/** `tool` is what electron-builder wanted to do. */
export function whyNoInstallers(error: unknown, folder: string): string {
  const text = error instanceof Error ? `${error.message}\n${String(error.cause ?? '')}` : String(error);
  if (unreachable.test(text)) {
    return (
      'The installers were not made: the tools that make them could not be downloaded (electron-builder brings them from GitHub at ' +
      `the first use). The application itself is complete in ${folder} and runs from there.`
    );
  }
  return `The installers were not made: ${lastWords(text)}. The application itself is complete in ${folder}.`;
}

/** The last line that is not part of a stack. */
function lastWords(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !/^(at |\^|node:)/.test(line)).at(-1) ?? 'it gave no reason';
}
