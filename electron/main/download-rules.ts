/** Only what the console made itself, or what its own server sends. */
export function isAllowedDownload(url: string, consoleOrigin: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, origin } = new URL(url); // the origin of a blob: address is that of the page that made it
  return ['blob:', 'http:'].includes(protocol) && origin === consoleOrigin;
}

const longestName = 120;

/** A name that every system takes, and that names no folder; the page suggested it. */
export function suggestedFileName(name: string): string {
  const plain = [...name]
    .map((character) => (/[\p{Cc}\p{Cf}<>:"/\\|?*]/u.test(character) ? '-' : character))
    .join('')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(plain)?.[0] ?? '';
  const stem = plain.slice(0, plain.length - extension.length).slice(0, longestName);
  return stem === '' ? `fanout${extension}` : stem + extension;
}
