/** What went wrong with a file, as a sentence for the person who chose it. */
export function fileProblem(file: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ENOENT':
      return `There is no file or folder at "${file}" on the server's computer.`;
    case 'EACCES':
    case 'EPERM':
      return `The server may not read "${file}". Give the account it runs under permission to read it.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return "The disk that holds the server's data is full. Free space and import again.";
    case 'ENAMETOOLONG':
      return `The path "${file}" is too long for this system.`;
    default:
      return `"${file}" could not be read: ${error instanceof Error ? error.message : String(error)}.`;
  }
}
